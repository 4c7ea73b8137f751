import t from 'tap';
import { named, node, STRUCTS } from '../../../../src/policy/builtins/graphql/ast.ts';

t.test('a struct has all its fields, empty where nothing was said of them', async (t) => {
  t.strictSame(node('Type', { NamedType: 'Int' }), {
    struct: 'Type',
    NamedType: 'Int',
    Elem: null,
    NonNull: false,
  });
  t.strictSame(node('Value', { Kind: 3n }).Children, []);
});

t.test('every field is of a basic kind or of a struct that is there', async (t) => {
  const known = new Set(['string', 'boolean', 'integer', 'Selection', ...Object.keys(STRUCTS)]);
  for (const [struct, fields] of Object.entries(STRUCTS))
    for (const [name, kind] of Object.entries(fields))
      t.ok(known.has(kind.replace('[]', '')), `${struct}.${name} is ${kind}`);
});

t.test('of two of a name the first is found, in short lists and in long ones', async (t) => {
  const list = (names: string): { Name: string; at: number }[] =>
    names.split('').map((Name, at) => ({ Name, at }));
  for (const names of ['aba', 'abacdefghij']) {
    const members = list(names);
    t.equal(named(members, 'a')?.at, 0, names);
    t.equal(named(members, 'b')?.at, 1, names);
    t.equal(named(members, 'z'), undefined, names);
    t.equal(named(members, '__proto__'), undefined, names);
  }
});
