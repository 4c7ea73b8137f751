import t from 'tap';
import { yaml } from '../../../src/policy/builtins/yaml.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(yaml);
const unmarshal = (text: string): string | undefined => call('yaml.unmarshal', JSON.stringify(text));
const marshal = (value: string): string => JSON.parse(call('yaml.marshal', value) as string) as string;

t.test('YAML becomes a value', async (t) => {
  t.equal(
    unmarshal('roles:\n  - admin\n  - viewer\nsince: 2020-01-01\n'),
    '{"roles": ["admin", "viewer"], "since": "2020-01-01"}',
  );
  t.equal(unmarshal('{"json": [1, 2.0]}'), '{"json": [1, 2]}');
  t.equal(unmarshal(''), 'null');
  t.throws(() => unmarshal('a: b: c'), {
    message: 'yaml: line 1: mapping values are not allowed in this context',
  });
  t.throws(() => call('yaml.unmarshal', '1'), { message: 'operand 1 must be string but got number' });
});

t.test('of several documents the first counts, and all have to be read', async (t) => {
  t.equal(unmarshal('a\n---\nb'), '"a"');
  t.throws(() => unmarshal('a\n---\n['), { message: 'yaml: line 3: did not find expected node content' });
});

t.test('a value becomes YAML', async (t) => {
  t.equal(marshal('{"b": {1, 2}, "a": "x", 3: true}'), '"3": true\na: x\nb:\n  - 1\n  - 2\n');
  t.equal(marshal('null'), 'null\n');
  t.equal(marshal('set()'), '[]\n');
});

t.test('on its way it is JSON that is read as YAML', async (t) => {
  t.equal(marshal('123456789012345678901234567890'), '1.2345678901234568e+29\n');
  t.equal(marshal('1e400'), '1e400\n', 'text: YAML has no such number');
  t.equal(marshal('"a \u0085 b"'), 'a b\n', 'a line break');
  t.throws(() => marshal('"\u007f"'), { message: 'yaml: control characters are not allowed' });
  t.throws(() => marshal(`{"${'k'.repeat(1_025)}": 1}`), {
    message: "yaml: line 1: did not find expected ',' or '}'",
  });
});

t.test('what can be unmarshalled is valid', async (t) => {
  const isValid = (value: string): string | undefined => call('yaml.is_valid', value);
  t.equal(isValid('"a: b"'), 'true');
  t.equal(isValid('""'), 'true');
  t.equal(isValid('"a: [b"'), 'false');
  t.equal(isValid('"*a"'), 'false');
  t.equal(isValid('".inf"'), 'false');
  t.equal(isValid('1'), 'false');
});
