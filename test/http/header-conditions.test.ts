import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import {
  choose,
  type Conditioned,
  conditionFault,
  divide,
  exclude,
  type HeaderCondition,
  holds,
} from '../../src/http/header-conditions.ts';
import type { Fields } from '../../src/http/headers.ts';

fc.configureGlobal({ seed: 9110, numRuns: 2_000 });

/** An entry, by a line such as `x-version:2|3 x-beta:1`. */
const entry = (line: string) => ({
  line,
  conditions: line
    .split(' ')
    .filter((word) => word !== '')
    .map((word): HeaderCondition => {
      const [name = '', values = ''] = word.split(':');
      return { name, values: values.split('|') };
    }),
});

t.test('a request leads to the entry whose conditions hold, the one with most of them first', async (t) => {
  const division = divide([['', 'x-v:2|3', 'x-w:1 x-v:2', 'x-u:1'].map(entry)]);
  const led = (...fields: string[]): string | undefined => choose(division, fields)?.line;
  t.equal(led(), '');
  t.equal(led('X-V', '3'), 'x-v:2|3');
  t.equal(led('X-V', '2', 'x-W', '1'), 'x-w:1 x-v:2');
  t.equal(led('X-W', '1'), '');
  t.equal(led('X-V', 'X-U', '1', ''), '', 'a value is no name');
  t.equal(led('X-U', '1'), 'x-u:1');
});

t.test('where none fits there is none', async (t) => {
  t.equal(choose(divide([[entry('x-v:1')]]), ['X-V', '2']), null);
  t.equal(choose(divide([[entry('x-v:1')]]), ['X-V', '']), null);
  t.equal(choose(divide([[entry('x-v:1')]]), []), null);
  t.equal(choose(divide([[], []]), []), null);
});

t.test('of entries with as many conditions, those of the first tier come first', async (t) => {
  const division = divide([
    [entry('x-w:1'), entry('x-v:1|2')],
    [entry('x-v:2|3'), entry('')],
  ]);
  const led = (...fields: string[]): string | undefined => choose(division, fields)?.line;
  t.equal(led('X-V', '2'), 'x-v:1|2');
  t.equal(led('X-V', '3'), 'x-v:2|3');
  t.equal(led('X-V', '3', 'X-W', '1'), 'x-w:1');
  t.equal(led('X-V', '4'), '');
  t.equal(
    choose(divide([[entry('x-v:1'), entry('x-v:1|2')]]), ['X-V', '1'])?.line,
    'x-v:1',
    'of two that tie, the first',
  );
});

const condition = fc.record({
  name: fc.constantFrom('x-a', 'x-b', 'x-c'),
  values: fc.subarray(['1', '2', '3'], { minLength: 1 }),
});
const conditioned: fc.Arbitrary<Conditioned> = fc.record({
  conditions: fc.uniqueArray(condition, { selector: ({ name }) => name, maxLength: 3 }),
});
const fields = fc
  .tuple(...['X-A', 'x-b', 'X-C'].map((name) => fc.constantFrom([], [name, '1'], [name, '2'], [name, '3'])))
  .map((pairs): Fields => pairs.flat());

t.test('what is chosen holds, and nothing that holds has more conditions', async (t) => {
  let chosen = 0;
  fc.assert(
    fc.property(fc.array(conditioned), fields, (entries, sent) => {
      const found = choose(divide([entries]), sent);
      const holding = entries.filter((one) => holds(one, sent)).map(({ conditions }) => conditions.length);
      assert.equal(found?.conditions.length, holding.length > 0 ? Math.max(...holding) : undefined);
      assert.ok(found === null || holds(found, sent));
      chosen += Number(found !== null);
    }),
  );
  t.ok(chosen > 500);
});

t.test('conditions exclude each other that no request holds', async (t) => {
  let excluding = 0;
  const every = ['1', '2', '3'].flatMap((a) =>
    ['1', '2', '3'].flatMap((b) => ['1', '2', '3'].map((c) => ['x-a', a, 'x-b', b, 'x-c', c])),
  );
  fc.assert(
    fc.property(conditioned, conditioned, (one, other) => {
      const both = every.some((sent) => holds(one, sent) && holds(other, sent));
      assert.equal(exclude(one, other), !both);
      excluding += Number(!both);
    }),
  );
  t.ok(excluding > 100);
});

t.test('fields by which routes differ are told that can be read in two ways', async (t) => {
  const fault = (...sent: string[]): string | null => conditionFault(new Set(['x-version']), sent);
  t.equal(fault('X-Version', '2'), null);
  for (const written of ['X_Version', 'X.Version', 'x_VERSION'])
    t.equal(fault(written, '2'), 'x-version, by which routes differ, is not spelled plainly');
  t.equal(
    fault('X-Version', '2', 'x-version', '2'),
    'there are two x-version headers, by which routes differ',
  );
  t.equal(
    fault('X-Version', '2', 'connection', 'close,x-VERSION'),
    'Connection lists x-version, by which routes differ',
  );
  t.equal(fault('X-Other', '1', 'x_other', '2', 'Connection', 'x-other'), null);
});
