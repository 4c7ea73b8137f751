import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { hash } from '../../../src/policy/builtins/hash.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(hash);

t.test('digests are of the UTF-8, in lower-case hexadecimal', async (t) => {
  t.equal(call('crypto.md5', '""'), '"d41d8cd98f00b204e9800998ecf8427e"');
  t.equal(call('crypto.sha1', '"abc"'), '"a9993e364706816aba3e25717850c26c9cd0d89d"');
  t.equal(
    call('crypto.sha256', '"é"'),
    '"4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"',
    'not of Latin-1',
  );
});

t.test(
  'a HMAC is of the message, which comes first, by the key: RFC 2202 and RFC 4231, test case 2',
  async (t) => {
    const hmac = (name: string): string | undefined =>
      call(`crypto.hmac.${name}`, '"what do ya want for nothing?"', '"Jefe"');
    t.equal(hmac('md5'), '"750c783e6ab0b503eaa86e310a5db738"');
    t.equal(hmac('sha1'), '"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"');
    t.equal(hmac('sha256'), '"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"');
    t.equal(
      hmac('sha512'),
      '"164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554' +
        '9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"',
    );
  },
);

t.test('MACs are equal when their bytes are', async (t) => {
  t.equal(call('crypto.hmac.equal', '"ab12"', '"ab12"'), 'true');
  t.equal(call('crypto.hmac.equal', '"ab12"', '"AB12"'), 'false', 'of upper case');
  t.equal(call('crypto.hmac.equal', '"ab12"', '"ab1"'), 'false', 'of another length');
  t.equal(call('crypto.hmac.equal', '"é"', '"éé"'), 'false');
  t.equal(call('crypto.hmac.equal', '""', '""'), 'true');
  const same = (a: string, b: string): boolean =>
    call('crypto.hmac.equal', JSON.stringify(a), JSON.stringify(b)) === String(a === b);
  const text = fc.string({ maxLength: 3, unit: 'grapheme' });
  fc.assert(fc.property(text, text, same));
});

t.test('only strings have digests', async (t) => {
  const wrong = (message: string) => new BuiltinError(message);
  t.throws(() => call('crypto.md5', '1'), wrong('operand 1 must be string but got number'));
  t.throws(() => call('crypto.hmac.md5', '[]', '""'), wrong('operand 1 must be string but got array'));
  t.throws(() => call('crypto.hmac.md5', '""', 'null'), wrong('operand 2 must be string but got null'));
  t.throws(() => call('crypto.hmac.equal', '""', '{}'), wrong('operand 2 must be string but got object'));
});
