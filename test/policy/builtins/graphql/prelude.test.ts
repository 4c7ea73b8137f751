import t from 'tap';
import { INTROSPECTION, PRELUDE } from '../../../../src/policy/builtins/graphql/prelude.ts';
import { parseSchema } from '../../../../src/policy/builtins/graphql/schema-parser.ts';

t.test('the prelude has the scalars, directives and types of introspection', async (t) => {
  const { Definitions, Directives } = parseSchema(PRELUDE);
  t.equal(
    Definitions.map(({ Name }) => Name).join(' '),
    'Int Float String Boolean ID __Schema __Type __TypeKind __Field __InputValue __EnumValue __Directive __DirectiveLocation',
  );
  t.strictSame(
    Directives.map(({ Name, Locations }) => `${Name} ${Locations.length}`),
    ['defer 2', 'include 3', 'skip 3', 'deprecated 4', 'specifiedBy 1', 'oneOf 1'],
  );
});

t.test('queries have two fields of introspection', async (t) => {
  t.strictSame(
    parseSchema(INTROSPECTION).Definitions[0]?.Fields.map(({ Name }) => Name),
    ['__schema', '__type'],
  );
});
