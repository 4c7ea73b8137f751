// An authorization server that answers, and whose answers cannot be what it means: nobody is let in, and nothing of it is remembered.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { startGateway } from '../support/gateway.ts';
import { call } from '../support/http.ts';
import { jws, keyPair, startKeyedServer } from '../support/introspection.ts';

const server = await startKeyedServer(t);
const upstream = await startRoomyUpstream(t);
const gateway = await startGateway(t, {
  issuer: server.issuer,
  upstream: upstream.url,
  server:
    '    introspection: { limits: { misses_per_address: 10000/s, burst: 10000 }, breaker: { failures: 3 } }',
  routes: `
  - { name: api, match: { path: /api }, service: api, policy: none, audience: [api] }
  - { name: any, match: { path: /any }, service: api, policy: none }
`,
});

const HEADER = { alg: 'ES256', kid: 'one', typ: 'at+jwt' };
const CLAIMS = { iss: server.issuer, sub: 'alice', aud: 'api', exp: 9_999_999_999 };
const signed = (claims: object, header: object = {}, by = server.key.privateKey): string =>
  jws({ ...HEADER, ...header }, { ...CLAIMS, ...claims }, by);
const asJwt = (body: string) => ({ type: 'application/jwt', body });
const asJson = (body: string) => ({ body });
const good = signed({});

/** The status of a request with this token, and why it was refused. */
async function ask(token: string, path = '/api'): Promise<[status: number, why: unknown]> {
  const { status, headers, text } = await call(gateway.url, { path, token });
  if (status === 503) t.match(headers, { 'retry-after': /^\d+$/ }, 'it says when to come back');
  t.notMatch(text, token);
  return [
    status,
    status === 200 ? null : gateway.logged().findLast(({ message }) => message === 'refused')?.['detail'],
  ];
}

const envelope = (claims: object, header: object = {}): string =>
  jws(
    { ...HEADER, typ: 'token-introspection+jwt', ...header },
    {
      iss: server.issuer,
      aud: 'portcullis',
      iat: 1,
      token_introspection: { ...CLAIMS, active: true },
      ...claims,
    },
    server.key.privateKey,
  );
const asSigned = (body: string) => ({ type: 'application/token-introspection+jwt', body });
const cases: [lie: string, answer: object, status: number, why: string][] = [
  ['iss of another', asJwt(signed({ iss: 'https://evil.example' })), 401, 'wrong_issuer: '],
  ['no iss', asJwt(signed({ iss: undefined })), 503, 'main: the JWT has no iss'],
  ['aud of another', asJwt(signed({ aud: 'other' })), 401, 'wrong_audience: '],
  [
    'a key of another',
    asJwt(signed({}, {}, keyPair('one').privateKey)),
    503,
    'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  ],
  ['an unknown key', asJwt(signed({}, { kid: 'two' })), 503, 'ERR_JWKS_NO_MATCHING_KEY'],
  [
    'alg none',
    asJwt(jws({ ...HEADER, alg: 'none' }, CLAIMS, () => Buffer.alloc(0))),
    503,
    'ERR_JOSE_ALG_NOT_ALLOWED',
  ],
  ['another typ', asJwt(signed({}, { typ: 'logout+jwt' })), 503, 'main: its JWT is of type logout+jwt'],
  ['an expired JWT', asJwt(signed({ exp: 1 })), 401, 'expired: '],
  ['an exp of text', asJwt(signed({ exp: 'never' })), 503, 'exp is not a sane number of seconds'],
  ['a truncated JWT', asJwt(good.slice(0, -10)), 503, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['a JWT without its signature', asJwt(good.slice(0, good.lastIndexOf('.'))), 503, 'ERR_JWS_INVALID'],
  [
    'a JWT with a line break in it',
    asJwt(`${good.slice(0, 20)}\r\nX-User: admin\r\n${good.slice(20)}`),
    503,
    'ERR_JWS_INVALID',
  ],
  [
    'an answer to another client',
    asSigned(envelope({ aud: 'other' })),
    503,
    'main: its aud is not this client',
  ],
  [
    'an answer of another issuer',
    asSigned(envelope({ iss: 'https://evil.example' })),
    503,
    'main: its iss is not the issuer',
  ],
  ['a phantom JWT as such an answer', asSigned(good), 503, 'is not of type token-introspection+jwt'],
  ['such an answer as phantom JWT', asJwt(envelope({})), 503, 'is of type token-introspection+jwt'],
  ['HTML for JSON', { type: 'text/html', body: '<h1>Log in</h1>' }, 503, 'main: it answered with text/html'],
  ['HTML called JSON', asJson('<h1>Log in</h1>'), 503, 'main: its answer is not JSON'],
  ['HTML called a JWT', asJwt('<h1>Log in</h1>'), 503, 'ERR_JWS_INVALID'],
  ['nothing', asJson(''), 503, 'main: its answer is not JSON'],
  [
    'active as text',
    asJson('{"active":"true"}'),
    503,
    'main: it says neither active: true nor active: false',
  ],
  [
    'active twice',
    asJson('{"active":false,"active":true}'),
    503,
    'main: its answer has two members of one name',
  ],
  ['sub twice', asJson('{"active":true,"sub":"alice","sub":"admin"}'), 503, 'has two members of one name'],
  [
    'JWT and JSON that differ',
    asJson(JSON.stringify({ active: true, sub: 'admin', jwt: good })),
    503,
    'its sub is not that of its jwt',
  ],
  [
    'a redirect',
    { status: 302, body: '{"active":true}', headers: { location: '/ask' } },
    503,
    'main: it answered 302',
  ],
  ['a permanent redirect', { status: 308, headers: { location: '/ask' } }, 503, 'main: it answered 308'],
  [
    'our client refused',
    { status: 401, body: '{"error":"invalid_client"}' },
    503,
    'main: it answered 401 invalid_client',
  ],
];

t.test(
  'what an answer cannot mean is 503, what is wrong with the token 401, and neither is remembered',
  async (t) => {
    for (const [lie, answer, status, why] of cases) {
      const before = upstream.requests.length;
      server.answer = answer;
      const [answered, said] = await ask(lie.replaceAll(' ', '-'));
      t.equal(answered, status, lie);
      t.match(said, why, lie);
      t.equal(upstream.requests.length, before, `${lie}: nothing reached the upstream`);
      if (status === 401) continue;
      server.answer = asJwt(good);
      t.strictSame(await ask(lie.replaceAll(' ', '-')), [200, null], `${lie}: it was not remembered`);
    }
  },
);

t.test('a server that lies is asked again and again: that does not open the circuit breaker', async (t) => {
  server.answer = asJson('<html>');
  for (let i = 0; i < 10; i++) t.equal((await ask(`lie-${i}`))[0], 503);
  server.answer = asJwt(good);
  t.strictSame(await ask('after-all-lies'), [200, null]);
});

t.test(
  'curityio/nginx_phantom_token_module#50: a phantom JWT of up to 64 KiB goes on whole; an answer beyond 256 KiB is none',
  async (t) => {
    for (const kibibytes of [1, 2, 8, 32, 64]) {
      const jwt = signed({ groups: 'g'.repeat(kibibytes * 768) });
      t.ok(jwt.length > kibibytes * 1_024);
      server.answer = asJwt(jwt);
      t.strictSame(await ask(`large-${kibibytes}`), [200, null]);
      t.equal(upstream.requests.at(-1)?.authorization, `Bearer ${jwt}`);
    }
    server.answer = asJson(`{"active":true,"aud":"api","padding":"${'x'.repeat(262_144)}"}`);
    const [refused, why] = await ask('too-large');
    t.equal(refused, 503);
    t.match(why, 'UND_ERR_RES_EXCEEDED_MAX_SIZE');
  },
);

/** An upstream that takes larger heads than Node's 16 KiB, and keeps them. */
async function startRoomyUpstream(t: Test): Promise<{ url: string; requests: IncomingHttpHeaders[] }> {
  const requests: IncomingHttpHeaders[] = [];
  const upstream = createServer({ maxHeaderSize: 131_072 }, ({ headers }, response) => {
    requests.push(headers);
    response.end('{}');
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  t.teardown(() => {
    upstream.closeAllConnections();
    upstream.close();
  });
  return { url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`, requests };
}
