import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { type JwtHeader, readHeader } from '../../../../src/policy/builtins/jwt/header.ts';
import { fromPlain } from '../../../../src/policy/value-text.ts';
import type { RegoObject } from '../../../../src/policy/value.ts';

const read = (header: object): JwtHeader => readHeader(fromPlain(header) as RegoObject);

t.test('what a header does not have is empty', async (t) => {
  t.strictSame(read({ alg: 'ES256', other: 1 }), { alg: 'ES256', kid: '', cty: '', isValid: true });
  t.strictSame(read({ kid: 'k', cty: 'JWT' }), { alg: '', kid: 'k', cty: 'JWT', isValid: false });
});

t.test('what is there has to be text', async (t) => {
  for (const name of ['alg', 'kid', 'typ', 'cty'])
    t.throws(() => read({ alg: 'ES256', [name]: null }), new BuiltinError(`${name}: must be a string`));
});

t.test('what is critical and unknown makes a header invalid', async (t) => {
  const isValid = (crit: unknown): boolean => read({ alg: 'ES256', exp: 1, crit }).isValid;
  t.equal(isValid(['exp']), false);
  t.equal(isValid(['b64', 'alg', 'typ', 'crit']), true, 'what is known, or not there at all');
  t.equal(isValid(['alg', 1, 'exp']), true, 'what follows a name that is none is not read');
});

t.test('a list of what is critical has names', async (t) => {
  for (const crit of ['exp', null, { exp: 1 }])
    t.throws(() => read({ crit }), new BuiltinError('crit: must be a list'));
  for (const crit of [[], [1, 'exp']])
    t.throws(() => read({ crit }), new BuiltinError('crit: must be a nonempty list'));
});
