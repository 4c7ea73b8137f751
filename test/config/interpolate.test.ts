import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { parseDocument, Scalar } from 'yaml';
import { coerce, interpolate, type Sources } from '../../src/config/interpolate.ts';

const sources = (variables: Record<string, string>, files: Record<string, string> = {}): Sources => ({
  variable: (name) => variables[name],
  file: (path) => {
    if (files[path] === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
    return files[path];
  },
});

const read = (text: string, from: Sources) => {
  const document = parseDocument(text);
  const { replaced, faults } = interpolate(document, from);
  return { value: document.toJS() as unknown, replaced, faults };
};

/** What one quoted scalar becomes. */
const one = (text: string, from: Sources): unknown => {
  const { value, faults } = read(JSON.stringify(text), from);
  t.strictSame(faults, [], text);
  return value;
};

t.test('references are replaced wherever they stand in a value', async (t) => {
  const from = sources({ A: 'x', B: 'y', LOW_er1: 'z' }, { 'a/b.txt': 'secret' });
  for (const [text, expected] of [
    ['${A}', 'x'],
    ['${LOW_er1}', 'z'],
    ['1${A}2${B}3${A}', '1x2y3x'],
    ['${NOPE:-d}', 'd'],
    ['${NOPE:-}', ''],
    ['${NOPE:-a:-b}', 'a:-b'],
    ['${NOPE:-two\nlines}', 'two\nlines'],
    ['${A:-d}', 'x'],
    ['http://${A}:80/${file:a/b.txt}', 'http://x:80/secret'],
    ['$A $ $$ {A} }{', '$A $ $$ {A} }{'],
    ['$${A}', '${A}'],
    ['$${A', '${A'],
    ['$$${A}', '$${A}'],
  ] as const)
    t.equal(one(text, from), expected, JSON.stringify(text));
});

t.test('a default also stands for an empty variable, as in a shell', async (t) => {
  t.equal(one('${A:-d}', sources({ A: '' })), 'd');
  t.equal(one('${A:-}', sources({ A: '' })), '');
});

t.test('what a reference gives is not read again', async (t) => {
  const from = sources({ A: '${B}', B: 'no', C: '$&$1$$' }, { f: '${B}' });
  t.equal(one('${A}', from), '${B}');
  t.equal(one('${file:f}', from), '${B}');
  t.equal(one('<${C}>', from), '<$&$1$$>', 'nor as a pattern of replacement');
});

t.test('one final line break of a file is no part of the secret', async (t) => {
  for (const [content, expected] of [
    ['s\n', 's'],
    ['s\r\n', 's'],
    ['s\n\n', 's\n'],
    [' s ', ' s '],
    ['', ''],
  ] as const)
    t.equal(one('${file:f}', sources({}, { f: content })), expected, JSON.stringify(content));
});

t.test('faults name the reference’s place, and neither a file’s path nor a value', async (t) => {
  const malformed = 'expected ${NAME}, ${NAME:-default} or ${file:path}';
  for (const [text = '', ...messages] of [
    ['${NOPE}', 'environment variable NOPE is not set'],
    ['${EMPTY}', 'environment variable EMPTY is empty'],
    ['${file:/run/nope}', 'cannot read this file: ENOENT'],
    ['${file:}', 'cannot read this file: ENOENT'],
    ['${A', malformed],
    ['${', malformed],
    ['${}', malformed],
    ['${ A }', malformed],
    ['${1A}', malformed],
    ['${A-d}', malformed],
    ['${env:A}', malformed],
    ['${file:${A}}', malformed],
    ['${A:-{}}', malformed],
    ['${NOPE} ${A', 'environment variable NOPE is not set', malformed],
  ]) {
    const { faults } = read(`a: [x, {b: ${JSON.stringify(text)}}]`, sources({ A: 'x', EMPTY: '' }));
    t.strictSame(
      faults,
      messages.map((message) => ({ path: ['a', 1, 'b'], message, offset: 11 })),
      text,
    );
  }
});

t.test('a file that fails without a code is unreadable', async (t) => {
  const file = (): string => {
    throw new Error('hunter2');
  };
  const { faults } = read('${file:x}', { variable: () => undefined, file });
  t.strictSame(faults[0]?.message, 'cannot read this file: unreadable');
});

t.test('keys, comments and what is no text stay as they are', async (t) => {
  const { value, replaced, faults } = read(
    '"${A}": 1 # ${NOPE}\nb: true\nc: null\nd: [2, "x"]',
    sources({ A: 'x' }),
  );
  t.strictSame(value, { '${A}': 1, b: true, c: null, d: [2, 'x'] });
  t.equal(replaced.size, 0);
  t.strictSame(faults, []);
});

t.test('a value cannot change the shape of the document', async (t) => {
  const anything = fc.property(fc.string(), fc.string(), (variable, file) => {
    const text = 'a: "${A:-}"\nb: ["x${file:f}x", c]\nd: ${A:-}';
    const { value } = read(text, sources({ A: variable }, { f: `${file}\n` }));
    assert.deepEqual(value, { a: variable, b: [`x${file}x`, 'c'], d: variable });
  });
  t.doesNotThrow(() => fc.assert(anything));
});

t.test('only a value that is a reference as a whole may become a number or a boolean', async (t) => {
  for (const [text, count] of [
    ['${A}', 1],
    ['${A:-1}', 1],
    ['${A}0', 0],
    ['0${A}', 0],
    ['${A}${A}', 0],
    ['$${A}', 0],
    ['8080', 0],
  ] as const)
    t.equal(read(JSON.stringify(text), sources({ A: '1' })).replaced.size, count, text);
});

t.test('text is read as the number or boolean that is expected, or left alone', async (t) => {
  for (const [text, expected, value] of [
    ['8080', 'integer', 8080],
    ['-1', 'integer', -1],
    ['007', 'number', 7],
    ['true', 'boolean', true],
    ['false', 'boolean', false],
    ['1e3', 'integer', undefined],
    ['1.5', 'number', undefined],
    ['0x10', 'integer', undefined],
    ['', 'integer', undefined],
    [' 1', 'integer', undefined],
    ['TRUE', 'boolean', undefined],
    ['1', 'boolean', undefined],
    ['true', 'integer', undefined],
    ['1', 'string', undefined],
    ['1', 'object', undefined],
  ] as const) {
    const node = new Scalar<unknown>(text);
    t.equal(coerce(node, expected), value !== undefined, `${text} as ${expected}`);
    t.equal(node.value, value ?? text);
  }
  t.notOk(coerce(new Scalar(1), 'integer'), 'a number is one already');
});
