/** OPA's flaw as of 1.22 (wasm/src/regex.cc, `reuse`): with 100 patterns in the cache, one in use is deleted. */
import t from 'tap';
import { readBundle } from '../../src/policy/bundle.ts';
import { loadPolicy } from '../../src/policy/engine.ts';
import { mended } from '../../src/policy/pattern-cache.ts';
import { bundleOf, ENTRYPOINT } from '../support/rego.ts';

const rules = [
  'matches if regex.match(input.pattern, input.x)',
  'globs if glob.match(input.pattern, ["/"], input.x)',
  'found := [p | some p in input.patterns; some x in input.list; regex.match(p, x)]',
];
const patterned = `package a\n${rules.map((rule) => `\n${ENTRYPOINT}${rule}\n`).join('')}`;
const { wasm } = await readBundle(await bundleOf(t, patterned));

t.test('patterns of many requests match what they match, however many there were', async (t) => {
  const policy = await loadPolicy(wasm);
  for (let user = 0; user < 600; user++) {
    const x = `/users/${user}/`;
    for (let again = 0; again < 3; again++) {
      t.same(policy.evaluate({ pattern: `^/users/${user}/$`, x }, 'a/matches'), [{ result: true }]);
      t.same(policy.evaluate({ pattern: `^/users/${user}1/$`, x }, 'a/matches'), []);
      t.same(policy.evaluate({ pattern: `/*/${user}/*`, x: `/a/${user}/b` }, 'a/globs'), [{ result: true }]);
    }
  }
});

t.test('one evaluation may use hundreds of patterns, each again and again', async (t) => {
  const policy = await loadPolicy(wasm);
  const patterns = Array.from({ length: 400 }, (_, at) => `^x${at}$`);
  const list = ['x7', 'x399', 'none'];
  for (let again = 0; again < 3; again++)
    t.strictSame(policy.evaluate({ patterns, list }, 'a/found'), [{ result: ['^x7$', '^x399$'] }]);
});

t.test('a module is changed in one place, where its cache is limited', async (t) => {
  const changed = mended(wasm);
  t.ok(changed.safe);
  const places = [...wasm.entries()].filter(([at, byte]) => changed.wasm[at] !== byte).map(([at]) => at);
  t.equal(places.length, 2, 'a number of two bytes');
  t.equal(places[1]! - places[0]!, 1);
  t.equal(changed.wasm.length, wasm.length);
});

t.test('a module without patterns is safe as it is', async (t) => {
  const plain = await readBundle(await bundleOf(t, `package a\n${ENTRYPOINT}allow if input.x\n`));
  t.strictSame(mended(plain.wasm), { wasm: plain.wasm, safe: true });
});

t.test('one of which that cannot be told is not changed, and its cache is kept small', async (t) => {
  const text = Buffer.from(wasm).toString('latin1');
  const renamed = new Uint8Array(Buffer.from(text.replace('reuse(re2::RE2*)', 'other(re2::RE2*)'), 'latin1'));
  const nameless = new Uint8Array(Buffer.from(text.replace('\x04name', '\x04none'), 'latin1'));
  const elsewhere = new Uint8Array(mended(wasm).wasm);
  for (const other of [nameless, elsewhere, wasm.slice(0, 10_000), new Uint8Array([1, 2, 3])])
    t.strictSame(mended(other), { wasm: other, safe: false });
  t.ok(mended(renamed).safe, 'names are believed');
  const policy = await loadPolicy(nameless);
  for (let user = 0; user < 1_000; user++) {
    const input = { pattern: `^/users/${user}/$`, x: `/users/${user}/` };
    for (let again = 0; again < 2; again++) t.same(policy.evaluate(input, 'a/matches'), [{ result: true }]);
  }
});
