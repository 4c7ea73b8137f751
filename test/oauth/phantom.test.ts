import * as fc from 'fast-check';
import {
  compactVerify,
  createLocalJWKSet,
  decodeJwt,
  exportJWK,
  generateKeyPair,
  type JWK,
  jwtVerify,
} from 'jose';
import t from 'tap';
import { Decode, Default } from 'typebox/value';
import { Phantom, type PhantomConfig } from '../../src/config/authorization-server.ts';
import type { ServiceConfig } from '../../src/config/service.ts';
import type { Identity } from '../../src/exchange.ts';
import { type Facts, readFacts } from '../../src/oauth/facts.ts';
import { KeyError, minter, phantom } from '../../src/oauth/phantom.ts';

fc.configureGlobal({ seed: 9068 });

const START = 1_700_000_000_000;
const AS = 'https://as.example';
const GATEWAY = 'https://gateway.example';
const privateJwk = async (kid: string, algorithm = 'ES256'): Promise<JWK> => ({
  ...(await exportJWK((await generateKeyPair(algorithm, { extractable: true })).privateKey)),
  kid,
});
const [one, two] = [await privateJwk('one'), await privateJwk('two')];

const phantomConfig = (keys: unknown, algorithm = 'ES256'): PhantomConfig =>
  Decode(
    Phantom,
    Default(Phantom, {
      issuer: GATEWAY,
      keys: typeof keys === 'string' ? keys : JSON.stringify(keys),
      algorithm,
    }),
  );
/** A minter with the keys one and two, whose clock is the test's. */
async function minting() {
  const clock = { time: START };
  return { clock, ...(await minter(phantomConfig({ keys: [one, two] }), () => clock.time)) };
}
const factsOf = (claims: Record<string, unknown>): Facts =>
  readFacts(claims, { issuers: [AS], issRequired: false, jwt: null }) as Facts;
const alice = {
  iss: AS,
  sub: 'alice',
  aud: ['elsewhere'],
  scope: 'accounts:read  accounts:write',
  client_id: 'app',
  exp: START / 1_000 + 3_600,
};

t.test('a minted JWT is an access token of the gateway for the audience (RFC 9068)', async (t) => {
  const { mint, jwks } = await minting();
  const jwt = await mint(factsOf(alice), 'accounts-api');
  const { payload, protectedHeader } = await jwtVerify(jwt, createLocalJWKSet(jwks as { keys: JWK[] }), {
    currentDate: new Date(START),
  });
  t.strictSame(protectedHeader, { alg: 'ES256', typ: 'at+jwt', kid: 'one' });
  const { jti, ...claims } = payload;
  t.match(jti, /^[0-9a-f]{8}-/);
  t.strictSame(claims, {
    iss: GATEWAY,
    aud: 'accounts-api',
    sub: 'alice',
    client_id: 'app',
    scope: 'accounts:read accounts:write',
    original_iss: AS,
    iat: START / 1_000,
    exp: START / 1_000 + 300,
  });
});

t.test("the answer's other claims go along; registered ones, cnf and act do not", async (t) => {
  const { mint } = await minting();
  const registered = { nbf: 1, iat: 1, jti: 'x', scp: ['admin'], token_type: 'Bearer', active: true };
  const foreign = { cnf: { jkt: 'x' }, act: { sub: 'y' }, original_iss: 'https://evil.example' };
  const claims = { roles: ['approver'], tenant: { id: 7 }, nothing: null };
  const minted = decodeJwt(await mint(factsOf({ ...registered, ...foreign, ...claims }), 'api'));
  t.strictSame(Object.keys(minted).toSorted(), [
    'aud',
    'exp',
    'iat',
    'iss',
    'jti',
    'nothing',
    'roles',
    'scope',
    'tenant',
  ]);
  t.match(minted, { ...claims, scope: 'admin', iat: START / 1_000 });
  t.not(minted.jti, 'x');
});

t.test('how the user logged in and what it consented to goes along (RFC 9470, RFC 9396)', async (t) => {
  const { mint } = await minting();
  const login = { acr: 'urn:gold', auth_time: START / 1_000 - 60, amr: ['pwd', 'otp'] };
  const consent = { authorization_details: [{ type: 'payment', amount: { value: '10.00' } }] };
  const claims = { ...login, ...consent, username: 'alice@example.com' };
  t.match(decodeJwt(await mint(factsOf({ ...alice, ...claims }), 'api')), claims);
});

t.test('a minted JWT says nothing of keys and actors, whichever token it is of', async (t) => {
  const { mint } = await minting();
  const bound = [
    { cnf: { jkt: 'x' } },
    { cnf: { 'x5t#S256': 'x' } },
    { cnf: { jwk: {} } },
    { cnf: null },
    { token_type: 'DPoP' },
    { act: { sub: 'y', act: { sub: 'z' } } },
  ];
  for (const claims of bound) {
    const minted = decodeJwt(await mint(factsOf({ ...alice, ...claims }), 'api'));
    for (const name of Object.keys(claims)) t.notOk(name in minted, JSON.stringify(claims));
  }
});

t.test('what the answer does not say is not made up', async (t) => {
  const { mint } = await minting();
  const minted = decodeJwt(await mint(factsOf({}), 'api'));
  t.strictSame(Object.keys(minted).toSorted(), ['aud', 'exp', 'iat', 'iss', 'jti']);
});

t.test('there is one JWT per cache entry and audience, made once for all who wait', async (t) => {
  const { mint } = await minting();
  const facts = factsOf(alice);
  const [first, again] = await Promise.all([mint(facts, 'api'), mint(facts, 'api')]);
  t.equal(first, again);
  t.not(await mint(facts, 'other-api'), first, 'another audience');
  t.not(await mint(factsOf(alice), 'api'), first, 'another entry');
  t.equal(await mint(facts, 'api'), first);
});

t.test('a JWT is renewed when less than a minute is left of it and more of the token', async (t) => {
  const { mint, clock } = await minting();
  const lasting = factsOf({});
  const first = await mint(lasting, 'api');
  clock.time = START + 240_000;
  t.equal(await mint(lasting, 'api'), first);
  clock.time = START + 241_000;
  const renewed = await mint(lasting, 'api');
  t.not(renewed, first);
  t.equal(decodeJwt(renewed).exp, START / 1_000 + 541);

  clock.time = START;
  const ending = factsOf({ exp: START / 1_000 + 30 });
  const last = await mint(ending, 'api');
  clock.time = START + 29_000;
  t.equal(await mint(ending, 'api'), last, 'nothing newer could be had');
});

t.test('no JWT outlives the token, five minutes or its renewal', async (t) => {
  const { mint, clock } = await minting();
  await fc.assert(
    fc.asyncProperty(
      fc.option(fc.double({ min: 1, max: 1_000, noNaN: true })),
      fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 8 }),
      async (lifetime, moves) => {
        clock.time = START;
        const facts = factsOf(lifetime === null ? {} : { exp: START / 1_000 + lifetime });
        for (const move of [0, ...moves]) {
          clock.time += move;
          const now = clock.time / 1_000;
          if (facts.expires_at !== null && now >= facts.expires_at) return true;
          const { exp = 0, iat = 0 } = decodeJwt(await mint(facts, 'api'));
          const end = facts.expires_at ?? Infinity;
          if (exp > end || exp - iat > 300 || iat > now) return false;
          // At least a minute is left of it, or all that is left of the token in whole seconds.
          if (exp < Math.floor(Math.min(now + 60, end))) return false;
        }
        return true;
      },
    ),
    { numRuns: 50 },
  );
  t.pass('held for all lifetimes');
});

t.test(
  'the published set has the public parts alone, in order, the next key before it is used',
  async (t) => {
    const { jwks } = await minting();
    const published = ({ kty, crv, x, y, kid }: JWK) => ({ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' });
    t.strictSame(jwks, { keys: [published(one), published(two)] });
  },
);

t.test('each algorithm signs what its published key verifies', async (t) => {
  for (const algorithm of ['ES256', 'ES384', 'PS256', 'RS256', 'EdDSA']) {
    const { mint, jwks } = await minter(
      phantomConfig({ keys: [await privateJwk('k', algorithm)] }, algorithm),
      () => START,
    );
    const { protectedHeader } = await compactVerify(
      await mint(factsOf(alice), 'api'),
      createLocalJWKSet(jwks as { keys: JWK[] }) as never,
    );
    t.equal(protectedHeader.alg, algorithm);
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])
      t.notOk(secret in jwks.keys[0]!, `${algorithm} ${secret}`);
  }
});

t.test('faulty keys are refused at start, each in words that hold none of them', async (t) => {
  const short = await crypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 1_024,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  );
  const weak = { ...(await crypto.subtle.exportKey('jwk', short.privateKey)), kid: 'k', alg: 'RS256' };
  const { d: _, ...publicOnly } = one;
  const unfit = (index: number, algorithm = 'ES256'): string =>
    `phantom.keys: key ${index} is no private key for ${algorithm}`;
  const incomplete = 'phantom.keys: key 0 needs kid and d: it is a private key';
  const cases: [string, unknown, string, string?][] = [
    ['no JSON', `${one.d}`, 'phantom.keys is not a JSON Web Key Set'],
    ['null', 'null', 'phantom.keys has no list of keys'],
    ['one key, no set', one, 'phantom.keys has no list of keys'],
    ['keys that are no list', { keys: one }, 'phantom.keys has no list of keys'],
    ['no keys', { keys: [] }, 'phantom.keys is empty'],
    ['a null key', { keys: [null] }, incomplete],
    ['no kid', { keys: [{ ...one, kid: undefined }] }, incomplete],
    ['a public key', { keys: [publicOnly] }, incomplete],
    [
      'a public next key',
      { keys: [two, publicOnly] },
      'phantom.keys: key 1 needs kid and d: it is a private key',
    ],
    [
      'two keys of one kid',
      { keys: [one, { ...two, kid: 'one' }] },
      'phantom.keys: key 1 has the kid of another',
    ],
    ['a key of another curve', { keys: [one] }, unfit(0, 'ES384'), 'ES384'],
    ['a key of another type', { keys: [one] }, unfit(0, 'RS256'), 'RS256'],
    ['a key for another algorithm', { keys: [{ ...one, alg: 'ES384' }] }, unfit(0)],
    ['a key for encryption', { keys: [{ ...one, use: 'enc' }] }, unfit(0)],
    ['a key for verifying', { keys: [{ ...one, key_ops: ['verify'] }] }, unfit(0)],
    ['a secret', { keys: [{ kty: 'oct', k: one.d, d: one.d, kid: 'k' }] }, unfit(0)],
    ['parts of two keys', { keys: [one, { ...two, d: one.d }] }, unfit(1)],
    ['a private part cut short', { keys: [{ ...one, d: one.d!.slice(0, 20) }] }, unfit(0)],
    ['a short RSA key', { keys: [weak] }, unfit(0, 'RS256'), 'RS256'],
  ];
  for (const [title, keys, message, algorithm] of cases) {
    const making = minter(phantomConfig(keys, algorithm), () => START);
    await t.rejects(making, { message: new RegExp(`^${message}$`) }, title);
    const error: unknown = await making.catch((error: unknown) => error);
    t.ok(error instanceof KeyError, title);
    t.notOk(String((error as Error).stack).includes(one.d!.slice(0, 10)), title);
    t.equal((error as Error).cause, undefined, title);
  }
});

t.test('a service gets the JWT that it is configured for, and never another', async (t) => {
  const passed = { ...factsOf(alice), jwt: 'the.servers.own' };
  const identity = (facts: Facts): Identity => ({
    facts,
    authorization_server: 'main',
    cache: 'hit',
    joined: null,
  });
  const service = (more: object): ServiceConfig =>
    ({ name: 'accounts', phantom_jwt: 'pass', ...more }) as ServiceConfig;
  const mints = service({ phantom_jwt: 'mint', audience: 'api' });
  const port = phantom(await minting());

  t.equal(await port(identity(passed), service({})), 'the.servers.own');
  t.match(decodeJwt((await port(identity(passed), mints)) as string), { iss: GATEWAY, aud: 'api' });
  t.strictSame(await port(identity(factsOf(alice)), service({})), {
    denial: 'phantom_unavailable',
    detail: 'the answer of main carries no JWT: set phantom_jwt: mint on the service accounts',
  });
  t.throws(() => phantom(null)(identity(passed), mints), { message: 'accounts cannot mint' });
  t.throws(() => port(identity(passed), service({ phantom_jwt: 'mint' })), {
    message: 'accounts cannot mint',
  });
});
