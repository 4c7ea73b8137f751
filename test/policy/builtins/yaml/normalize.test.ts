import t from 'tap';
import { decode, toValue } from '../../../../src/policy/builtins/yaml/decode.ts';
import { normalize } from '../../../../src/policy/builtins/yaml/normalize.ts';
import { parseDocuments } from '../../../../src/policy/builtins/yaml/parser.ts';
import { writeValue } from '../../../../src/policy/value-text.ts';

const of = (text: string): string => {
  const document = parseDocuments(text)[0]!;
  normalize(document);
  return writeValue(toValue(decode(document)));
};

t.test('dates are text, if no tag says otherwise', async (t) => {
  t.equal(of('2001-01-02'), '"2001-01-02"');
  t.equal(of('{2001-01-02: 2001-1-2}'), '{"2001-01-02": "2001-1-2"}');
  t.equal(of('!!timestamp 2001-01-02'), '"2001-01-02T00:00:00Z"');
});

t.test('of a key that is there twice the last value counts', async (t) => {
  t.equal(of('{a: 1, b: 2, "a": 3, a: 4}'), '{"a": 4, "b": 2}');
  t.equal(of('{1: a, "1": b, 0x1: c, 1.0: d}'), '{"1": "d"}', 'by the text in JSON');
  t.equal(of('{!!binary YQ==: 1, a: 2}'), '{"a": 2}');
});

t.test('but not of dates, aliases and keys that are none', async (t) => {
  t.throws(() => of('{2001-01-02: 1, 2001-01-02: 2}'), {
    message: 'yaml: mapping key "2001-01-02" already defined',
  });
  t.throws(() => of('{~: 1, ~: 2}'), { message: 'yaml: mapping key "~" already defined' });
  t.throws(() => of('- &a b\n- {*a : 1, *a : 2}'), { message: 'yaml: mapping key "a" already defined' });
  t.throws(() => of('{!!int a: 1, b: 2}'), { message: 'yaml: cannot decode !!str `a` as a !!int' });
});

t.test('merge keys may be there twice, and are one with all their values', async (t) => {
  t.equal(of('<<: {a: 1}\nb: 2\n<<: [{a: 3, c: 4}]'), '{"a": 1, "b": 2, "c": 4}');
  t.throws(() => of('<<: {a: 1}\n<<: []'), { message: 'yaml: mapping key "<<" already defined' });
  t.throws(() => of('<<: {a: 1}\n"<<": 1'), { message: 'yaml: mapping key "<<" already defined' });
});

t.test('what is named is normalised where its own place is gone', async (t) => {
  t.equal(of('{a: &x [2001-01-02], a: 1, b: *x}'), '{"a": 1, "b": ["2001-01-02"]}');
  t.throws(() => of('&x [*x]'), { message: "yaml: anchor 'x' value contains itself" });
});
