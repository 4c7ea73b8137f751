import * as fc from 'fast-check';
import t from 'tap';
import { decodePem } from '../../../../src/policy/builtins/go/pem.ts';

/** `type content`, with what follows it after `|`. */
function decoded(text: string): string | null {
  const block = decodePem(text);
  return block && `${block.type} ${Buffer.from(block.bytes).toString('hex')}|${block.rest}`;
}

const BLOCK = '-----BEGIN KEY-----\nAQI=\n-----END KEY-----\n';

t.test('a block is decoded, and what follows it is left', async (t) => {
  t.equal(decoded(BLOCK), 'KEY 0102|');
  t.equal(decoded(`${BLOCK}rest`), 'KEY 0102|rest');
  t.equal(decoded(`${BLOCK}\n`), 'KEY 0102|\n');
});

t.test('any bytes in lines of any length are decoded', async () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 80 }), (bytes, width) => {
      const lines = Buffer.from(bytes)
        .toString('base64')
        .replaceAll(new RegExp(`.{1,${width}}`, 'g'), '$&\n');
      return (
        decoded(`-----BEGIN A B-----\n${lines}-----END A B-----`) ===
        `A B ${Buffer.from(bytes).toString('hex')}|`
      );
    }),
  );
});

t.test('blanks at the ends of lines and between digits are skipped', async (t) => {
  t.equal(decoded(BLOCK.replaceAll('\n', ' \t\r\n')), 'KEY 0102|');
  t.equal(decoded('-----BEGIN KEY-----\nA Q\tI=\n-----END KEY----- \t'), 'KEY 0102|');
});

t.test('headers are skipped', async (t) => {
  t.equal(decoded('-----BEGIN KEY-----\nA: b\nC: d\n\nAQI=\n-----END KEY-----'), 'KEY 0102|');
  t.equal(decoded('-----BEGIN KEY-----\nA: b\nAQI=\n-----END KEY-----'), 'KEY 0102|');
  t.equal(decoded('-----BEGIN KEY-----\nA: b\n-----END KEY-----'), null);
});

t.test('text before the block is skipped, and beginnings without an end', async (t) => {
  t.equal(decoded(`any text\n${BLOCK}`), 'KEY 0102|');
  t.equal(decoded(`-----BEGIN OTHER-----\nAQ==\n${BLOCK}`), 'KEY 0102|');
});

t.test('a block that is not right is passed over', async (t) => {
  for (const wrong of [
    '-----BEGIN A-----\n!!\n-----END A-----\n',
    '-----BEGIN A-----\nAQ==\n-----END B-----\n',
    '-----BEGIN A-----\nAQ==\n-----END A----- x\n',
    '-----BEGIN A\nAQ==\n-----END A-----\n',
    ' -----BEGIN A-----\nAQ==\n-----END A-----\n',
  ]) {
    t.equal(decoded(wrong), null, wrong);
    t.equal(decoded(`${wrong}${BLOCK}`), 'KEY 0102|', wrong);
  }
});

t.test('a block may be empty', async (t) => {
  t.equal(decoded('-----BEGIN KEY-----\n-----END KEY-----'), 'KEY |');
});

t.test('what ends too early is no block', async (t) => {
  for (const text of [
    '',
    'text',
    '-----BEGIN KEY-----\nAQI=',
    '-----BEGIN KEY-----',
    'x\n-----END KEY-----\n',
  ])
    t.equal(decoded(text), null, text);
});

t.test('lines that look like headers to the end leave no block', async (t) => {
  t.equal(decoded(`-----BEGIN KEY-----\nA: b\n-----END :\nC: d\n${BLOCK}`), null);
  t.equal(decoded('-----BEGIN KEY-----\n-----END :'), null);
});
