import { generateKeyPairSync } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import t from 'tap';
import { SIGNATURE_ALGORITHMS } from '../../src/config/authorization-server.ts';
import { AnswerError } from '../../src/oauth/facts.ts';
import { EndpointError } from '../../src/oauth/fetch.ts';
import { codeOf, NoKeyError, verifyJwt } from '../../src/oauth/jws.ts';
import { keySet } from '../../src/oauth/key-set.ts';
import { jws, keyPair } from '../support/introspection.ts';

const metadata = (keys: unknown[] | Error, now = () => 0) => ({
  server: { issuer: 'https://as.example' },
  keys: keySet(async () => {
    if (keys instanceof Error) throw keys;
    return { keys: keys as JWK[] };
  }, now),
});
const verify = (keys: unknown[] | Error, jwt: string, algorithms: readonly string[] = SIGNATURE_ALGORITHMS) =>
  verifyJwt(metadata(keys), jwt, algorithms);
const code = (name: string) => `its JWT cannot be verified: ${name}`;
const UNSIGNED = code('ERR_JWS_SIGNATURE_VERIFICATION_FAILED');

t.test('every algorithm that may be configured verifies, whether its key says so or not', async (t) => {
  for (const alg of SIGNATURE_ALGORITHMS) {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = await exportJWK(publicKey);
    const jwt = await new SignJWT({ sub: 'alice' })
      .setProtectedHeader({ alg, typ: 'AT+JWT' })
      .sign(privateKey);
    for (const key of [jwk, { ...jwk, alg }, { ...jwk, alg, use: 'sig', key_ops: ['verify'] }])
      t.strictSame(await verify([key], jwt), { typ: 'at+jwt', claims: { sub: 'alice' } }, alg);
    const others = SIGNATURE_ALGORITHMS.filter((other) => other !== alg);
    await t.rejects(
      verify([jwk], jwt, others),
      new AnswerError(code('ERR_JOSE_ALG_NOT_ALLOWED')),
      `no ${alg}`,
    );
    await t.rejects(verify([{ ...jwk, use: 'enc' }], jwt), { message: code('ERR_JWKS_NO_MATCHING_KEY') });
  }
});

t.test('without a kid every key of its kind is tried, and unusable ones are passed over', async (t) => {
  const [one, two, three] = [keyPair('one'), keyPair('two'), keyPair('three')];
  const broken = { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA', kid: 'broken' };
  const nameless = jws({ alg: 'ES256' }, { sub: 'alice' }, two.privateKey);
  t.match(await verify([broken, one.jwk, two.jwk], nameless), { claims: { sub: 'alice' } });
  await t.rejects(verify([one.jwk, three.jwk], nameless), { constructor: NoKeyError, message: UNSIGNED });
  const named = jws({ alg: 'ES256', kid: 'one' }, { sub: 'alice' }, two.privateKey);
  await t.rejects(verify([one.jwk, two.jwk], named), new NoKeyError(UNSIGNED), 'a kid says which');
});

t.test('what is no compact JWS of plain base64url is refused, blanks within it too', async (t) => {
  const { privateKey, jwk } = keyPair('one');
  const good = jws({ alg: 'ES256', kid: 'one' }, { sub: 'alice' }, privateKey);
  t.match(await verify([jwk], good), { claims: { sub: 'alice' } });
  const [header, payload, signature] = good.split('.') as [string, string, string];
  for (const bad of [
    ` ${good}`,
    `${good}\n`,
    `${header} .${payload}.${signature}`,
    `${header}.${payload}.${signature.slice(0, 8)}\r\n${signature.slice(8)}`,
    `${header}.${payload}.${signature}=`,
    `${good}.`,
    `${good}.x.y`,
    `${header}..${signature}`,
    '',
  ])
    await t.rejects(verify([jwk], bad), new AnswerError(code('ERR_JWS_INVALID')), JSON.stringify(bad));
});

t.test('a failure to have keys is not the JWT’s, and comes through as it is', async (t) => {
  const { privateKey, jwk } = keyPair('one');
  const good = jws({ alg: 'ES256', kid: 'one' }, {}, privateKey);
  for (const failure of [
    new EndpointError('its jwks_uri answered 500'),
    Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
    new DOMException('late', 'TimeoutError'),
  ])
    t.equal(await verify(failure, good).catch((error: unknown) => error), failure);
  const none = { server: { issuer: 'https://as.example' }, keys: null };
  await t.rejects(verifyJwt(none, good, ['ES256']), new EndpointError('its metadata names no jwks_uri'));
  for (const unusable of [{ ...jwk, x: 'AAAA' }, { ...jwk, ...privateKey.export({ format: 'jwk' }) }, null]) {
    const error: unknown = await verify([unusable], good).catch((error: unknown) => error);
    t.ok(error instanceof Error && !(error instanceof AnswerError), codeOf(error));
  }
});

t.test('a key of too few bits is the server’s fault', async (t) => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
  const weak = publicKey.export({ format: 'jwk' });
  const jwt = jws({ alg: 'RS256', kid: 'weak' }, {}, () => Buffer.alloc(128));
  const error: unknown = await verify([{ ...weak, kid: 'weak' }], jwt).catch((error: unknown) => error);
  t.ok(error instanceof TypeError, codeOf(error));
});

t.test(
  'a key that was replaced under its own kid is found, at the rate at which keys are fetched',
  async (t) => {
    const [old, young] = [keyPair('one'), keyPair('one')];
    const world = { now: 0, keys: [old.jwk], fetches: 0 };
    const known = {
      server: { issuer: 'https://as.example' },
      keys: keySet(
        async () => {
          world.fetches++;
          if (world.keys.length === 0) throw new EndpointError('down');
          return { keys: world.keys };
        },
        () => world.now,
      ),
    };
    const signed = (by: typeof old) => jws({ alg: 'ES256', kid: 'one' }, { sub: 'alice' }, by.privateKey);
    t.match(await verifyJwt(known, signed(old), ['ES256']), { claims: { sub: 'alice' } });
    world.keys = [young.jwk];
    await t.rejects(verifyJwt(known, signed(young), ['ES256']), new NoKeyError(UNSIGNED));
    t.equal(world.fetches, 1);
    world.now += 1_000;
    t.match(await verifyJwt(known, signed(young), ['ES256']), { claims: { sub: 'alice' } });
    await t.rejects(verifyJwt(known, signed(old), ['ES256']), new NoKeyError(UNSIGNED));
    t.equal(world.fetches, 2);
    world.now += 1_000;
    world.keys = [];
    await t.rejects(verifyJwt(known, signed(old), ['ES256']), new NoKeyError(UNSIGNED), 'the server is down');
  },
);

t.test('typ is in lower case, and has to be a string', async (t) => {
  const { privateKey, jwk } = keyPair('one');
  const typed = (typ?: unknown) => verify([jwk], jws({ alg: 'ES256', typ }, {}, privateKey));
  t.match(await typed('Application/AT+JWT'), { typ: 'application/at+jwt' });
  t.match(await typed(), { typ: '' });
  for (const typ of [1, null, ['at+jwt'], {}])
    await t.rejects(typed(typ), new AnswerError('the typ of its JWT is not a string'), JSON.stringify(typ));
});

t.test('a failure is named by its code or its name, and not by what it says', async (t) => {
  t.equal(codeOf(Object.assign(new Error('secret'), { code: 'ECONNRESET' })), 'ECONNRESET');
  t.equal(codeOf(Object.assign(new TypeError('secret'), { code: 7 })), 'TypeError');
});
