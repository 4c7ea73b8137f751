import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import type { RequiredClaim } from '../../src/config/route.ts';
import { claimPath } from '../../src/oauth/claim.ts';
import { stepUpFault, unmetClaims } from '../../src/oauth/requirements.ts';
import { facts, NOW } from '../support/exchange.ts';

fc.configureGlobal({ seed: 9470 });

const needed = (claim: string, anyOf: RequiredClaim['anyOf'], present = true): RequiredClaim => ({
  claim,
  path: claimPath(claim),
  anyOf,
  present,
});
const unmet = (claims: Record<string, unknown>, ...required: RequiredClaim[]): string[] =>
  unmetClaims(facts({ claims }), required);
const fits = (value: unknown, ...anyOf: (string | number | boolean)[]): boolean =>
  unmet({ claim: value }, needed('claim', anyOf)).length === 0;

t.test('all claims that are not as required are named, in the order of the configuration', async (t) => {
  const required = [needed('tenant', ['acme']), needed('/realm/roles', ['a', 'b']), needed('email', null)];
  t.strictSame(unmet({}, ...required), ['tenant', '/realm/roles', 'email']);
  t.strictSame(unmet({ tenant: 'acme', realm: { roles: ['c'] }, email: '' }, ...required), ['/realm/roles']);
  t.strictSame(unmet({ tenant: 'acme', realm: { roles: ['c', 'b'] }, email: 'x' }, ...required), []);
  t.strictSame(unmet({}), [], 'nothing is required');
});

t.test('a value compares by type and letter', async (t) => {
  for (const [value, wanted] of [
    ['1', 1],
    [1, '1'],
    [true, 'true'],
    ['true', true],
    [1, true],
    [0, false],
    ['', false],
    ['acme', 'Acme'],
    ['acme ', 'acme'],
    ['acme beta', 'acme'],
    ['acme,beta', 'acme'],
    ['caf\u00e9', 'cafe\u0301'],
  ] as const)
    t.notOk(fits(value, wanted), `${JSON.stringify(value)} is not ${JSON.stringify(wanted)}`);
  for (const value of ['acme', '', 0, 1, 1.5, true, false]) t.ok(fits(value, value), JSON.stringify(value));
  t.ok(fits('b', 'a', 'b'), 'one of several');
});

t.test('a claim that is a list must have one of the values, as a member of its own', async (t) => {
  t.ok(fits(['x', 'b'], 'a', 'b'));
  t.ok(fits([2], 2));
  for (const list of [[], ['ab'], ['a,b'], [['a']], [{ a: 'a' }], [null], ['A']])
    t.notOk(fits(list, 'a'), JSON.stringify(list));
});

t.test('an object is no value, whatever it holds', async (t) => {
  for (const object of [{}, { a: 'a' }, { 0: 'a', length: 1 }, { toString: 'a' }, { value: 'a' }])
    t.notOk(fits(object, 'a', '[object Object]'), JSON.stringify(object));
});

t.test('a claim that must only be there may say anything but null', async (t) => {
  for (const value of ['', 0, false, [], {}, 'x']) t.strictSame(unmet({ a: value }, needed('a', null)), []);
  for (const claims of [{}, { a: null }, { A: 1 }]) t.strictSame(unmet(claims, needed('a', null)), ['a']);
});

t.test('a claim that must not be there may say nothing', async (t) => {
  for (const value of ['', 0, false, [], {}, 'x'])
    t.strictSame(unmet({ act: value }, needed('act', null, false)), ['act']);
  for (const claims of [{}, { act: null }, { acts: 1 }])
    t.strictSame(unmet(claims, needed('act', null, false)), []);
});

t.test('a claim fits exactly if it is, or has, one of the values', async () => {
  const scalar = fc.constantFrom<string | number | boolean>('a', 'b', '1', 1, 0, '0', true, false, 'true');
  const claim = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.constant(undefined));
  fc.assert(
    fc.property(claim, fc.array(scalar, { minLength: 1, maxLength: 3 }), (value, anyOf) => {
      const said = new Set([value].flat().map((one) => `${typeof one} ${one}`));
      const wanted = new Set(anyOf.map((one) => `${typeof one} ${one}`));
      assert.equal(fits(value, ...anyOf), value !== undefined && !said.isDisjointFrom(wanted));
    }),
  );
});

const seconds = NOW / 1_000;
const stepUp = (
  claims: Record<string, unknown>,
  { acr = [], max_age = null }: { acr?: string[]; max_age?: number | null },
): string | null => stepUpFault(facts({ claims }), { acr, max_age }, NOW);

t.test('RFC 9470: the acr must be one of the route’s, letter by letter', async (t) => {
  const acr = ['gold', 'urn:silver'];
  for (const one of acr) t.equal(stepUp({ acr: one }, { acr }), null, one);
  for (const said of [
    undefined,
    null,
    '',
    'Gold',
    'gold ',
    'gold urn:silver',
    0,
    true,
    ['gold'],
    { gold: 1 },
  ])
    t.equal(stepUp({ acr: said }, { acr }), 'its acr is not gold or urn:silver', JSON.stringify(said));
  t.equal(stepUp({}, { acr: [] }), null, 'where none is asked for');
});

t.test('RFC 9470: the login must not be older than max_age', async (t) => {
  const max_age = 300_000;
  for (const ago of [0, 1, 299, 299.999, 300])
    t.equal(stepUp({ auth_time: seconds - ago }, { max_age }), null, `${ago}`);
  for (const ago of [300.001, 301, 1e9, seconds, seconds * 2, Infinity])
    t.equal(
      stepUp({ auth_time: seconds - ago }, { max_age }),
      'its auth_time is longer ago than 300 s',
      `${ago}`,
    );
  t.equal(stepUp({}, {}), null, 'where none is asked for');
});

t.test('a login to come is none, but for clocks that differ by 5 s', async (t) => {
  for (const ahead of [1, 5])
    t.equal(stepUp({ auth_time: seconds + ahead }, { max_age: 1_000 }), null, `${ahead}`);
  for (const ahead of [5.001, 6, 1e9, seconds * 999, Infinity])
    t.equal(
      stepUp({ auth_time: seconds + ahead }, { max_age: 1_000 }),
      'its auth_time is to come',
      `${ahead}`,
    );
});

t.test('a login at no time at all does not suffice', async (t) => {
  for (const auth_time of [undefined, null, `${seconds}`, '', true, [seconds], { at: seconds }, 'now'])
    t.equal(
      stepUp({ auth_time }, { max_age: 300_000 }),
      'its auth_time is absent, or no time',
      JSON.stringify(auth_time),
    );
  t.equal(stepUp({ auth_time: Number.NaN }, { max_age: 1 }), 'its auth_time is longer ago than 0.001 s');
  t.equal(stepUp({ iat: seconds }, { max_age: 1 }), 'its auth_time is absent, or no time', 'iat is no login');
});

t.test('both are judged where both are asked for', async (t) => {
  const both = { acr: ['gold'], max_age: 60_000 };
  t.equal(stepUp({ acr: 'gold', auth_time: seconds - 60 }, both), null);
  t.match(stepUp({ acr: 'gold', auth_time: seconds - 61 }, both), 'longer ago');
  t.match(stepUp({ acr: 'tin', auth_time: seconds }, both), 'acr');
});

t.test('what operators read of a login holds no claim', async (t) => {
  const private_ = { acr: 'private-acr', auth_time: seconds - 1_234 };
  t.notMatch(`${stepUp(private_, { acr: ['gold'] })}`, 'private');
  t.notMatch(`${stepUp(private_, { max_age: 1_000 })}`, /1234|\d{9}/);
});
