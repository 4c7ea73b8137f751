import * as fc from 'fast-check';
import t from 'tap';
import { contains } from '../../../../src/policy/builtins/x509/ip.ts';
import { DOMAINS, finder, NETWORKS } from '../../../../src/policy/builtins/x509/name-tree.ts';

const finds = (constraints: readonly string[], name: string): boolean => finder(constraints, DOMAINS)(name);

t.test('a domain stands for itself and for all below it', async (t) => {
  t.ok(finds(['a.com'], 'A.com'));
  t.ok(finds(['a.com'], 'c.b.a.com'));
  t.notOk(finds(['a.com'], 'ba.com'));
  t.notOk(finds(['a.com'], 'com'));
  t.notOk(finds([], 'com'));
});

t.test('with a dot in front it stands for what is below it alone', async (t) => {
  t.ok(finds(['.a.com'], 'b.a.com'));
  t.notOk(finds(['.a.com'], 'a.com'));
  t.ok(finds(['.a.com', 'a.com'], 'a.com'));
});

t.test('all domains are looked through', async () => {
  const label = fc.constantFrom('a', 'b', 'A', 'a-a', '0', '_', 'ab');
  const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
  const constraint = fc.tuple(fc.constantFrom('', '.'), name).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(constraint, { maxLength: 12 }), name, (constraints, one) => {
      const below = constraints.some(
        (each) =>
          `.${one}`.toLowerCase().endsWith(each.toLowerCase().replace(/^(?!\.)/, '.')) &&
          !(each[0] === '.' && each.length === one.length + 1),
      );
      return finds(constraints, one) === below;
    }),
    { numRuns: 1_000 },
  );
});

t.test('all networks are looked through', async () => {
  const network = fc
    .tuple(
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0, max: 16 }),
    )
    .map(([a, b, ones]) => {
      const mask = Buffer.alloc(4);
      mask.writeUInt16BE((0xffff << (16 - ones)) & 0xffff);
      return { address: Buffer.from([a & (mask[0] ?? 0), b & (mask[1] ?? 0), 0, 0]), mask };
    });
  fc.assert(
    fc.property(
      fc.array(network, { maxLength: 8 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      (networks, bytes) => {
        const address = Buffer.from(bytes);
        return finder(networks, NETWORKS)(address) === networks.some((one) => contains(one, address));
      },
    ),
  );
});
