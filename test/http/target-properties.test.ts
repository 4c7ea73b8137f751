// What holds for every path there is, hostile ones above all.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { canonicalise, parseTarget, type Target } from '../../src/http/target.ts';

fc.configureGlobal({ seed: 3986, numRuns: 3_000 });

/** Paths made of what attacks are made of. */
const pieces = (text: string): fc.Arbitrary<string> => fc.constantFrom(...text.split(' '));
/** Any character, and above all those that something plain is made of when they are normalised. */
const lookAlike = fc
  .oneof(
    pieces('／ ． ＼ ％ ； ？ ＃ ․ ‥ … ﹒ ﹨ ℅ ⁄ ∕ ∖ ¥ \u200b \ufeff'),
    fc.string({ unit: 'grapheme', minLength: 1 }),
  )
  .map(encodeURIComponent);
const hostilePath = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: pieces('a B / . ~ @ %41 %2e %7e %c3%a9 %20 %24') },
      { weight: 2, arbitrary: pieces('%25 %2525 25 41 2e 2f 5c 00 c3 a9 zz 3b') },
      { weight: 1, arbitrary: pieces('%2F %2f ; %3b %3F %23 // | { %5C %00 %ff') },
      { weight: 1, arbitrary: lookAlike },
    ),
    { maxLength: 9 },
  )
  .map((path) => `/${path.join('')}`);

/** Paths of any text at all, written as a careful client would. */
const writtenPath = fc
  .array(fc.string({ unit: 'grapheme' }), { maxLength: 4 })
  .map((segments) => `/${segments.map(encodeURIComponent).join('/')}`);

/** Holds a property for every path that is accepted, whatever ambiguities a route would have to admit for it. */
const forEveryAccepted = (holds: (target: Target) => void): void =>
  fc.assert(
    fc.property(fc.oneof(hostilePath, writtenPath), (raw) => {
      const target = parseTarget(raw, 'http');
      if (!('fault' in target)) holds(target);
    }),
  );

t.test('the canonical form of a canonical path is itself', async () => {
  forEveryAccepted((target) => {
    const { path, segments, ambiguities } = target;
    assert.deepEqual(canonicalise(path), { path, segments, ambiguities });
    assert.deepEqual(parseTarget(path, 'http'), target);
  });
});

t.test('a canonical path has only characters of RFC 3986, and no escape that needs none', async () => {
  forEveryAccepted(({ path }) => {
    assert.match(path, /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-F]{2})*$/);
    assert.doesNotMatch(path, /%(?:2[DE]|3\d|[46][1-9A-F]|[57][0-9A]|5F|7E)/);
  });
});

t.test('segments joined and encoded again describe the same path', async () => {
  forEveryAccepted(({ segments, ambiguities }) => {
    const again = canonicalise(`/${segments.map(encodeURIComponent).join('/')}`);
    assert.ok(!('fault' in again));
    assert.deepEqual(again.segments, segments);
    assert.deepEqual(again.ambiguities.toSorted(), ambiguities.toSorted());
  });
});

t.test('the short cut for plain paths finds what the long way finds', async () => {
  const path = fc.stringMatching(/^(?:\/[A-Za-z0-9\-_~!$&'()*+,=:@.]{0,3}){1,4}$/);
  fc.assert(
    fc.property(path, (raw) => {
      const long = canonicalise(raw);
      const target = parseTarget(raw, 'http');
      assert.deepEqual(target, 'fault' in long ? long : { ...long, query: null, authority: null });
    }),
  );
});

t.test('what an upstream normalises has the very same delimiters, and no dot segment', async () => {
  forEveryAccepted(({ segments }) => {
    for (const segment of segments)
      for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const) {
        const normalised = segment.normalize(form);
        assert.equal(normalised.replace(/[^/\\;%?#]/g, ''), segment.replace(/[^/\\;%?#]/g, ''));
        const seen = normalised.replace(/\p{Default_Ignorable_Code_Point}/gu, '');
        assert.ok(!seen.split('/').some((part) => part === '.' || part === '..'));
      }
  });
});

/** What a lax reader makes of a path: valid escapes decoded byte by byte, others left as they are. */
const decodedLaxly = (path: string): string =>
  path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

t.test('no accepted path has a dot segment, control or backslash, however often decoded', async () => {
  forEveryAccepted(({ path }) => {
    for (let reading = path, next; ; reading = next) {
      assert.doesNotMatch(reading, /[\u0000-\u001f\u007f\\]/);
      assert.doesNotMatch(reading, /\/\.\.?(?:[/;?#]|$)/);
      if ((next = decodedLaxly(reading)) === reading) break;
    }
  });
});

t.test('a path without ambiguities is the same split before or after decoding, once or twice', async () => {
  forEveryAccepted(({ path, segments, ambiguities }) => {
    if (ambiguities.length > 0) return;
    const decoded = decodeURIComponent(path);
    assert.deepEqual(decoded === '/' ? [] : decoded.slice(1).split('/'), segments);
    assert.equal(decodedLaxly(decoded), decoded);
    assert.doesNotMatch(decoded, /[;?#]|\/\//);
  });
});
