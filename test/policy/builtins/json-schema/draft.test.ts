import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { draftOf, metaSchema } from '../../../../src/policy/builtins/json-schema/draft.ts';
import type { RegoObject } from '../../../../src/policy/value.ts';
import { fromPlain } from '../../../../src/policy/value-text.ts';

const named = ($schema: unknown) => draftOf(fromPlain({ $schema }));

t.test('$schema names the draft, with an empty fragment or without', async (t) => {
  for (const draft of [4, 6, 7]) {
    t.equal(named(`http://json-schema.org/draft-0${draft}/schema#`), draft);
    t.equal(named(`http://json-schema.org/draft-0${draft}/schema`), draft);
  }
});

t.test('without it, or with another address, the draft is not told', async (t) => {
  t.equal(draftOf(fromPlain({})), null);
  t.equal(draftOf(true), null);
  for (const other of [
    'https://json-schema.org/draft/2020-12/schema',
    'http://json-schema.org/draft-07/schema#a',
    '',
    '__proto__',
  ])
    t.equal(named(other), null, other);
});

t.test('what is no schema is told', async (t) => {
  t.throws(() => draftOf([]), new BuiltinError('schema is invalid'));
  t.throws(() => draftOf('a'), new BuiltinError('schema is invalid'));
  t.throws(() => named(7), new BuiltinError('$schema must be of type string'));
  t.throws(() => named('%zz'), new BuiltinError('parse "%zz": invalid URL escape "%zz"'));
});

t.test("the drafts' own schemas are here", async (t) => {
  for (const draft of [4, 6, 7]) {
    const address = `http://json-schema.org/draft-0${draft}/schema`;
    const schema = metaSchema(address) as RegoObject;
    t.equal(schema.get(draft === 4 ? 'id' : '$id'), `${address}#`);
  }
  for (const other of ['http://json-schema.org/draft-03/schema', 'constructor'])
    t.equal(metaSchema(other), null);
});
