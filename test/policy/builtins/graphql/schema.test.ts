import * as fc from 'fast-check';
import t from 'tap';
import { node } from '../../../../src/policy/builtins/graphql/ast.ts';
import { parserOf, parseType } from '../../../../src/policy/builtins/graphql/parser.ts';
import {
  definitionOf,
  isComposite,
  isCompatible,
  isInput,
  isLeaf,
  isOutput,
  type Type,
  typeName,
  writeType,
} from '../../../../src/policy/builtins/graphql/schema.ts';
import { faultOf } from '../../../support/graphql.ts';

const type = (text: string): Type => parseType(parserOf(text));

t.test('a type has one name, whatever is around it', async (t) => {
  for (const text of ['A', 'A!', '[A]', '[[A!]!]!']) t.equal(typeName(type(text)), 'A', text);
  t.equal(
    faultOf(() => typeName(node('Type', {}))),
    'a type is missing',
  );
});

t.test('a type is written as it was read', async (t) => {
  const types = fc.letrec<{ type: string }>((tie) => ({
    type: fc
      .tuple(
        fc.oneof(
          { maxDepth: 5 },
          fc.constantFrom('A', 'Int'),
          tie('type').map((inner) => `[${inner}]`),
        ),
        fc.boolean(),
      )
      .map(([inner, nonNull]) => inner + (nonNull ? '!' : '')),
  })).type;
  fc.assert(fc.property(types, (text) => writeType(type(text)) === text));
  t.equal(writeType(null), '');
});

t.test('a variable stands where its type is expected, or one that may be null besides', async (t) => {
  for (const [own, expected] of [
    ['A', 'A'],
    ['A!', 'A'],
    ['[A!]!', '[A]'],
    ['[[A]]', '[[A]]'],
  ] as const)
    t.ok(isCompatible(type(own), type(expected)), `${own} for ${expected}`);
  for (const [own, expected] of [
    ['A', 'B'],
    ['A', 'A!'],
    ['[A]', '[A!]'],
    ['[A]', '[A]!'],
    ['[A]', 'A'],
    ['A', '[A]'],
    ['[[A]]', '[A]'],
  ] as const)
    t.notOk(isCompatible(type(own), type(expected)), `${own} for ${expected}`);
  t.equal(
    faultOf(() => isCompatible(null, type('A'))),
    'a type is missing',
  );
});

t.test('what a type can be used for follows from its kind', async (t) => {
  const uses = (Kind: string): boolean[] =>
    [isInput, isLeaf, isComposite, isOutput].map((is) => is(node('Definition', { Kind })));
  t.strictSame(uses('SCALAR'), [true, true, false, true]);
  t.strictSame(uses('ENUM'), [true, true, false, true]);
  t.strictSame(uses('INPUT_OBJECT'), [true, false, false, false]);
  for (const kind of ['OBJECT', 'INTERFACE', 'UNION'])
    t.strictSame(uses(kind), [false, false, true, true], kind);
  t.strictSame(uses(''), [false, false, false, false]);
});

t.test('a type that the schema does not know is an error', async (t) => {
  const known = node('Definition', { Name: 'A' });
  const types = new Map([['A', known]]);
  t.equal(definitionOf({ types }, type('[A!]')), known);
  t.equal(
    faultOf(() => definitionOf({ types }, type('B'))),
    'Unknown type "B"',
  );
});
