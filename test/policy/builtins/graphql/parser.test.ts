import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { documentValue } from '../../../../src/policy/builtins/graphql/ast-value.ts';
import { KINDS } from '../../../../src/policy/builtins/graphql/ast.ts';
import {
  commentsOf,
  parseArguments,
  parseDirectives,
  parserOf,
  parseType,
  parseValue,
} from '../../../../src/policy/builtins/graphql/parser.ts';
import { writeValue } from '../../../../src/policy/value-text.ts';
import { faultOf } from '../../../support/graphql.ts';

const fault = (source: string, constant = true): string | null =>
  faultOf(() => parseValue(parserOf(source), constant));

t.test('values are of the kinds that gqlparser counts', async (t) => {
  for (const [source, kind, raw] of [
    ['$a', KINDS.variable, 'a'],
    ['-1', KINDS.int, '-1'],
    ['1.50', KINDS.float, '1.50'],
    ['"x"', KINDS.string, 'x'],
    ['"""x"""', KINDS.block, 'x'],
    ['true', KINDS.boolean, 'true'],
    ['false', KINDS.boolean, 'false'],
    ['null', KINDS.null, 'null'],
    ['NORTH', KINDS.enum, 'NORTH'],
    ['"true"', KINDS.string, 'true'],
    ['[]', KINDS.list, ''],
    ['{}', KINDS.object, ''],
  ] as const) {
    const { Kind, Raw } = parseValue(parserOf(source), false);
    t.strictSame([Kind, Raw], [kind, raw], source);
  }
});

t.test('lists and objects keep what is in them, and comments before it', async (t) => {
  t.equal(
    writeValue(documentValue(parseValue(parserOf('#l\n[1 {a: #v\n 2 #b\n b: $c}]'), false))),
    '{"Children": [{"Name": "", "Value": {"ExpectedTypeHasDefault": false, "Kind": 1, "Raw": "1"}}, ' +
      '{"Name": "", "Value": {"Children": [' +
      '{"Name": "a", "Value": {"ExpectedTypeHasDefault": false, "Kind": 1, "Raw": "2"}}, ' +
      '{"Comment": {"List": [{"Value": "#b"}]}, "Name": "b", "Value": {"ExpectedTypeHasDefault": false, "Kind": 0, "Raw": "c"}}' +
      '], "ExpectedTypeHasDefault": false, "Kind": 9, "Raw": ""}}], ' +
      '"Comment": {"List": [{"Value": "#l"}]}, "ExpectedTypeHasDefault": false, "Kind": 8, "Raw": ""}',
  );
});

t.test('a constant has no variables', async (t) => {
  t.equal(fault('[$a]'), 'unexpected $ in GraphQL at 1:2');
  t.equal(fault('[$a]', false), null);
});

t.test('what is not expected is named with its place', async (t) => {
  t.equal(fault('[1'), 'unexpected the end in GraphQL at 1:3');
  t.equal(fault('{a 1}'), 'unexpected "1" in GraphQL at 1:4');
  t.equal(fault('{\n  "a": 1}'), 'unexpected "a" in GraphQL at 2:3');
  t.equal(fault(')'), 'unexpected ) in GraphQL at 1:1');
  t.equal(
    faultOf(() => parserOf('b').expectKeyword('a')),
    'unexpected "b" in GraphQL at 1:1',
  );
});

t.test('arguments are none at all or at least one', async (t) => {
  t.strictSame(parseArguments(parserOf('{'), true), []);
  t.strictSame(
    parseArguments(parserOf('(a: 1, b: 2)'), true).map(({ Name }) => Name),
    ['a', 'b'],
  );
  t.match(
    faultOf(() => parseArguments(parserOf('()'), true)),
    /^unexpected /,
  );
});

t.test('directives follow each other', async (t) => {
  t.strictSame(
    parseDirectives(parserOf('@a @b(c: 1) d'), true).map(({ Name, Arguments }) => [Name, Arguments.length]),
    [
      ['a', 0],
      ['b', 1],
    ],
  );
  t.strictSame(parseDirectives(parserOf('d'), true), []);
});

t.test('types have their lists and exclamation marks', async (t) => {
  const type = parseType(parserOf('[[Int!]]!'));
  t.match(type, {
    NonNull: true,
    NamedType: '',
    Elem: { NonNull: false, Elem: { NonNull: true, NamedType: 'Int' } },
  });
  t.equal(
    faultOf(() => parseType(parserOf('[Int'))),
    'unexpected the end in GraphQL at 1:5',
  );
});

t.test('two hundred in each other are enough', async (t) => {
  const nested = (open: string, depth: number, close: string): string =>
    open.repeat(depth) + close.repeat(depth);
  t.equal(fault(nested('[', 200, ']')), null);
  const deeper = new LimitError('graphql: a document is nested deeper than 200');
  t.throws(() => fault(nested('[', 201, ']')), deeper);
  t.throws(() => fault('{a:'.repeat(100_000)), deeper);
  t.throws(() => parseType(parserOf('['.repeat(100_000))), deeper);
  t.equal(fault(`[${'[],'.repeat(1_000)}]`), null, 'those that are beside each other do not count');
});

t.test('a token without comments has no group of them', async (t) => {
  t.equal(commentsOf(parserOf('a').peek()), null);
});
