import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { NO_OPTIONS, readOptions, type VerifyOptions } from '../../../../src/policy/builtins/x509/options.ts';
import type { RegoObject } from '../../../../src/policy/value.ts';
import { parseValue } from '../../../../src/policy/value-text.ts';

const read = (text: string): VerifyOptions => readOptions(parseValue(text) as RegoObject);

t.test('options are read', async (t) => {
  t.strictSame(read('{}'), NO_OPTIONS);
  t.strictSame(
    read('{"DNSName": "a", "CurrentTime": 5, "KeyUsages": {"KeyUsageAny"}, "MaxConstraintComparisons": 9}'),
    { host: 'a', now: 5n, usages: ['2.5.29.37.0'] },
  );
  t.strictSame(read('{1: 2}'), NO_OPTIONS, 'a key that is no string is passed over');
});

t.test('quotes around texts are taken off', async (t) => {
  t.equal(read(String.raw`{"DNSName": "\"\"a\"b\""}`).host, 'a"b');
  t.strictSame(read(String.raw`{"KeyUsages": ["\"KeyUsageServerAuth"]}`).usages, ['1.3.6.1.5.5.7.3.1']);
});

t.test('usages are an array or a set, of which what is no string is passed over', async (t) => {
  t.strictSame(read('{"KeyUsages": [1, "KeyUsageClientAuth", null]}').usages, ['1.3.6.1.5.5.7.3.2']);
  t.strictSame(read('{"KeyUsages": set()}').usages, []);
});

t.test('times are whole numbers of 64 bits, of at most 19 characters', async (t) => {
  const now = (number: string): bigint | null => read(`{"CurrentTime": ${number}}`).now;
  t.equal(now('9223372036854775807'), 2n ** 63n - 1n);
  t.equal(now('-9223372036854775808'), -(2n ** 63n));
  t.equal(now('1.00'), 1n);
  t.equal(now('10000000000000000.0'), 10n ** 16n);
  for (const number of ['9223372036854775808', '-9223372036854775809', '1.5', '1e3', '100000000000000000.00'])
    t.throws(() => now(number), new BuiltinError("'CurrentTime' should be a valid int64 number"), number);
});

t.test('what is not right is an error', async (t) => {
  const fails = (text: string, message: string): void => {
    t.throws(() => read(text), new BuiltinError(message), text);
  };
  fails('{"Roots": "a"}', 'invalid key option');
  fails('{"DNSName": 1}', "'DNSName' should be a string");
  fails('{"CurrentTime": "1"}', "'CurrentTime' should be a number");
  fails('{"MaxConstraintComparisons": 1.5}', "'MaxConstraintComparisons' should be a valid int64 number");
  fails('{"MaxConstraintComparisons": null}', "'MaxConstraintComparisons' should be a number");
  fails('{"KeyUsages": "KeyUsageAny"}', "'KeyUsages' should be an Array or Set");
  fails('{"KeyUsages": ["a", "KeyUsageAny", "b"]}', "invalid entries for 'KeyUsages' found: [a b]");
});
