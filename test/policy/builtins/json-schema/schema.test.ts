import t from 'tap';
import { emptySchema } from '../../../../src/policy/builtins/json-schema/schema.ts';

t.test('a schema begins without keywords', async (t) => {
  const schema = emptySchema();
  t.equal(schema.verdict, undefined);
  t.strictSame([schema.types, schema.allOf, [...schema.properties], schema.required], [[], [], [], []]);
  schema.verdict = false;
  t.equal(emptySchema().verdict, undefined, 'each is its own');
});
