// A real server takes new keys into use, and withdraws old ones, while the gateway runs.
import { exportJWK, generateKeyPair, SignJWT, importJWK, type JWK } from 'jose';
import t, { type Test } from 'tap';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';
import { jws, startKeyedServer } from '../support/introspection.ts';
import { JWT_API, OPAQUE_API, signingKey, startProvider } from '../support/rotating-provider.ts';

const ROUTES = `
  - { name: verify, match: { path: /verify }, jwt_tokens: verify, audience: [${JWT_API}] }
  - { name: introspect, match: { path: /introspect }, audience: [${OPAQUE_API}] }`;

/**
 * A server with this key, and a gateway; with a clock of the test's own. By default the gateway caches nothing, so that every request needs
 * the keys.
 */
async function start(t: Test, key: JWK, cache = 'max_ttl: 0s, inactive_ttl: 0s') {
  const clock = { now: Date.now() };
  const server = await startProvider(t, { keys: [key] });
  const upstream = await startUpstream(t);
  const gateway = await startGateway(t, {
    issuer: server.issuer,
    upstream: upstream.url,
    server: `    introspection: { cache: { ${cache} }, limits: { misses_per_address: 10000/s, burst: 10000 } }`,
    more: 'defaults: { policy: none, identity_headers: { jwt: false } }',
    routes: ROUTES.replaceAll('match:', 'service: api, match:'),
    now: () => clock.now,
  });
  return {
    clock,
    server,
    status: async (path: string, token: string): Promise<number> =>
      (await call(gateway.url, { path, token })).status,
    fetches: (): number => server.asked.filter((path) => path === '/jwks').length,
  };
}

t.test('a JWT by a new key is known at once, and one by a withdrawn key no longer', async (t) => {
  const [one, two] = [await signingKey('one'), await signingKey('two')];
  const { clock, server, status, fetches } = await start(t, one);
  const before = await server.take(JWT_API);
  t.equal(await status('/verify', before), 200);
  server.rotate(two);
  const after = await server.take(JWT_API);
  clock.now += 1_000;
  t.equal(await status('/verify', before), 200, 'nothing told the gateway yet');
  t.equal(await status('/verify', after), 200);
  t.equal(await status('/verify', before), 401, 'GHSA-675f-rq2r-jw82: the set was replaced as a whole');
  t.equal(fetches(), 2);
});

t.test('a JWT that came too early for its key is not remembered as bad', async (t) => {
  const [one, two] = [await signingKey('one'), await signingKey('two')];
  const { clock, server, status } = await start(t, one, 'inactive_ttl: 1h');
  t.equal(await status('/verify', await server.take(JWT_API)), 200);
  server.rotate(two);
  const early = await server.take(JWT_API);
  clock.now += 999;
  t.equal(await status('/verify', early), 401, 'the keys were fetched just now');
  clock.now += 1;
  t.equal(await status('/verify', early), 200);
});

t.test('while both are published both are good', async (t) => {
  const [one, two] = [await signingKey('one'), await signingKey('two')];
  const { clock, server, status } = await start(t, one);
  const before = await server.take(JWT_API);
  t.equal(await status('/verify', before), 200);
  server.rotate(two, one);
  clock.now += 1_000;
  t.equal(await status('/verify', await server.take(JWT_API)), 200);
  t.equal(await status('/verify', before), 200);
});

t.test(
  'GHSA-675f-rq2r-jw82: a withdrawn key is forgotten within ten minutes, though nobody asks for another',
  async (t) => {
    const [one, two] = [await signingKey('one'), await signingKey('two')];
    const { clock, server, status } = await start(t, one);
    const issued = Math.floor(clock.now / 1_000);
    // It outlives the key that signed it.
    const claims = { iss: server.issuer, aud: JWT_API, sub: 'mallory', iat: issued, exp: issued + 3_600 };
    const stolen = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'one', typ: 'at+jwt' })
      .sign(await importJWK(one, 'ES256'));
    t.equal(await status('/verify', stolen), 200);
    server.rotate(two);
    clock.now += 599_999;
    await status('/verify', stolen);
    clock.now += 1;
    t.equal(await status('/verify', stolen), 401);
  },
);

t.test('signed answers are understood across a rotation', async (t) => {
  const [one, two] = [await signingKey('one'), await signingKey('one')];
  const { clock, server, status, fetches } = await start(t, one);
  t.equal(await status('/introspect', await server.take(OPAQUE_API)), 200);
  server.rotate(two);
  clock.now += 1_000;
  t.equal(
    await status('/introspect', await server.take(OPAQUE_API)),
    200,
    'the key was replaced under its own kid',
  );
  t.equal(fetches(), 2);
});

t.test(
  'a flood of JWTs that name random keys makes one fetch a second, and good ones pass meanwhile',
  async (t) => {
    const one = await signingKey('one');
    const { clock, server, status, fetches } = await start(t, one);
    const good = await server.take(JWT_API);
    t.equal(await status('/verify', good), 200);
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    t.not((await exportJWK(privateKey)).d, one.d);
    const forged = (kid: string): Promise<string> =>
      new SignJWT({ iss: server.issuer, aud: JWT_API, sub: 'mallory', exp: 9_999_999_999 })
        .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
        .sign(privateKey);
    for (let second = 1; second <= 3; second++) {
      clock.now += 1_000;
      const flood = Array.from({ length: 50 }, async (_, i) =>
        status('/verify', await forged(`${second} ${i}`)),
      );
      t.equal(await status('/verify', good), 200);
      t.strictSame(new Set(await Promise.all(flood)), new Set([401]));
    }
    t.equal(fetches(), 4);
  },
);

t.test(
  'keys that cannot be had are 503 and no fault of the token’s; it passes when they are back',
  async (t) => {
    const clock = { now: Date.now() };
    const server = await startKeyedServer(t);
    const { issuer, jwks, metadata, key } = server;
    const upstream = await startUpstream(t);
    const start = async () => {
      const { url } = await startGateway(t, {
        issuer,
        upstream: upstream.url,
        more: 'defaults: { policy: none }',
        server: '    introspection: { cache: { max_ttl: 0s } }',
        routes:
          '  - { name: verify, match: { path: /verify }, service: api, jwt_tokens: verify, audience: [api] }',
        now: () => clock.now,
      });
      return async (kid: string) => {
        const { status, headers } = await call(url, { path: '/verify', token: signed(kid) });
        return status === 503 ? `503, again in ${headers['retry-after']} s` : status;
      };
    };
    const exp = Math.floor(clock.now / 1_000) + 3_600;
    const signed = (kid: string): string =>
      jws({ alg: 'ES256', kid, typ: 'at+jwt' }, { iss: issuer, aud: 'api', exp }, key.privateKey);
    const ill = '503, again in 1 s';
    const first = await start();
    server.metadata = {};
    t.equal(await first('one'), ill, 'no metadata');
    server.metadata = { ...metadata, jwks_uri: undefined };
    clock.now += 1_000;
    t.equal(await first('one'), ill, 'no jwks_uri');
    t.strictSame(upstream.requests, []);

    const second = await start();
    server.metadata = metadata;
    Object.assign(server, { jwks: { keys: 'none' } });
    t.equal(await second('one'), ill, 'no key set');
    server.jwks = jwks;
    clock.now += 1_000;
    t.equal(await second('one'), 200, 'back');
    Object.assign(server, { jwks: {} });
    clock.now += 1_000;
    t.equal(await second('two'), ill, 'a key that may be new');
    t.equal(await second('one'), 200, 'one that is known');
  },
);
