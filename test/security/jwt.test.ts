// What forges of JWTs have tried on other verifiers, tried through the gateway: as tokens on a route that verifies them (401), and as
// phantom JWTs in introspection answers (503). Nothing of either reaches the upstream.
import {
  createHmac,
  createSecretKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto';
import t, { type Test } from 'tap';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';
import { jws, startKeyedServer } from '../support/introspection.ts';

const server = await startKeyedServer(t);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const rsaJwk: JsonWebKey = { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa', use: 'sig' };
server.jwks = { keys: [server.key.jwk, rsaJwk] };
const upstream = await startUpstream(t);
const gateway = await startGateway(t, {
  issuer: server.issuer,
  upstream: upstream.url,
  server:
    '    jwt_types: [at+jwt, JWT]\n    introspection: { limits: { misses_per_address: 10000/s, burst: 10000 } }',
  more: 'defaults: { policy: none }',
  routes: `
  - { name: verify, match: { path: /verify }, service: api, jwt_tokens: verify, audience: [api] }
  - { name: introspect, match: { path: /introspect }, service: api, audience: [api] }
`,
});

const HEADER = { alg: 'ES256', kid: 'one', typ: 'at+jwt' };
const CLAIMS = { iss: server.issuer, sub: 'admin', aud: 'api', exp: 9_999_999_999 };
const byRsa = (input: string): Buffer => sign('sha256', Buffer.from(input), rsa.privateKey);
const good = jws(HEADER, CLAIMS, server.key.privateKey);

let count = 0;

/** The statuses of the JWT as a token that is verified, and of any token whose introspection is answered with it. */
async function statuses(jwt: string): Promise<[verified: number, introspected: number]> {
  server.answer = { type: 'application/jwt', body: jwt };
  return [
    (await call(gateway.url, { path: '/verify', token: jwt })).status,
    (await call(gateway.url, { path: '/introspect', token: `opaque-${count++}` })).status,
  ];
}

async function refuses(
  t: Test,
  forgeries: readonly (readonly [title: string, jwt: string])[],
): Promise<void> {
  const before = upstream.requests.length;
  for (const [title, jwt] of forgeries) t.strictSame(await statuses(jwt), [401, 503], title);
  t.equal(upstream.requests.length, before, 'nothing reached the upstream');
}

t.test('a good one passes both ways, so that refusing all would not pass', async (t) => {
  t.strictSame(await statuses(good), [200, 200]);
  t.strictSame(await statuses(jws({ ...HEADER, alg: 'RS256', kid: 'rsa' }, CLAIMS, byRsa)), [200, 200]);
});

t.test(
  'CVE-2023-48223, CVE-2026-34950, CVE-2026-44351, CVE-2026-48526: HS256 by the public key, however it is written',
  async (t) => {
    const secrets: [string, string | Buffer][] = [];
    const keys: [string, KeyObject, JsonWebKey][] = [
      ['EC', server.key.publicKey, server.key.jwk as JsonWebKey],
      ['RSA', rsa.publicKey, rsaJwk],
    ];
    for (const [name, key, jwk] of keys) {
      const pems = [key.export({ format: 'pem', type: 'spki' }) as string];
      if (name === 'RSA') pems.push(key.export({ format: 'pem', type: 'pkcs1' }) as string);
      for (const pem of pems)
        secrets.push(
          [`${name} PEM`, pem],
          [`${name} PEM without its last line break`, pem.trimEnd()],
          [`${name} PEM after blanks`, ` \n${pem}`],
          [`${name} PEM with CRLF`, pem.replaceAll('\n', '\r\n')],
          [`${name} PEM after a byte order mark`, `\u{FEFF}${pem}`],
          [`${name} PEM's base64`, pem.split('\n').slice(1, -2).join('')],
        );
      secrets.push(
        [`${name} DER`, key.export({ format: 'der', type: 'spki' })],
        [`${name} JWK`, JSON.stringify(jwk)],
        [`${name} JWK as it is published`, JSON.stringify({ keys: [jwk] })],
        [`${name} JWK with blanks`, JSON.stringify(jwk, null, 2)],
        [`${name} modulus or coordinate`, Buffer.from(jwk.n ?? jwk.x ?? '', 'base64url')],
      );
    }
    secrets.push(['client secret', 'portcullis-secret'], ['nothing', '']);
    const hmac = (secret: string | Buffer, hash: string) => (input: string) =>
      createHmac(hash, createSecretKey(Buffer.from(secret)))
        .update(input)
        .digest();
    const forgeries = secrets.flatMap(([title, secret]) =>
      (['HS256', 'HS512'] as const).flatMap((alg) =>
        ['one', 'rsa', undefined].map((kid): [string, string] => [
          `${alg} by ${title}, kid ${kid}`,
          jws({ ...HEADER, alg, kid }, CLAIMS, hmac(secret, alg.replace('HS', 'sha'))),
        ]),
      ),
    );
    await refuses(t, forgeries);
  },
);

t.test('CVE-2023-48223: alg none, however it is spelled, and no alg', async (t) => {
  const [, , signature] = good.split('.') as [string, string, string];
  const spelled = [
    'none',
    'None',
    'NONE',
    'nOnE',
    'none ',
    ' none',
    'none\0',
    '',
    null,
    undefined,
    0,
    ['none'],
    ['ES256'],
    {},
  ];
  await refuses(
    t,
    spelled.flatMap((alg): [string, string][] => [
      [`${JSON.stringify(alg)} without a signature`, jws({ ...HEADER, alg }, CLAIMS, () => Buffer.alloc(0))],
      [
        `${JSON.stringify(alg)} with one`,
        jws({ ...HEADER, alg }, CLAIMS, () => Buffer.from(signature, 'base64url')),
      ],
    ]),
  );
});

t.test('an alg in another spelling, or one of another key, is none', async (t) => {
  const spelled = ['es256', 'ES256 ', 'ES384', 'ES256K', 'RS256', 'EdDSA', 'RSA-OAEP', 'dir'];
  await refuses(
    t,
    spelled.map((alg) => [alg, jws({ ...HEADER, alg }, CLAIMS, server.key.privateKey)]),
  );
  await refuses(t, [
    ['ES256 claimed of the RSA key', jws({ ...HEADER, kid: 'rsa' }, CLAIMS, byRsa)],
    ['PS256 by PKCS 1', jws({ ...HEADER, alg: 'PS256', kid: 'rsa' }, CLAIMS, byRsa)],
  ]);
});

t.test('CVE-2026-35042: an extension that crit names and nobody here knows', async (t) => {
  const criticals: [object, string][] = [
    [{ crit: ['x'], x: 1 }, 'unknown'],
    [{ crit: ['x'] }, 'absent'],
    [{ crit: [] }, 'none named'],
    [{ crit: 'x', x: 1 }, 'no list'],
    [{ crit: ['alg'] }, 'a registered one'],
    [{ crit: ['b64'], b64: true }, 'RFC 7797, which a JWT must not use'],
    [{ crit: ['b64'], b64: false }, 'RFC 7797, which a JWT must not use'],
    [{ crit: ['b64', 'x'], b64: true, x: 1 }, 'one of two'],
    [{ crit: null }, 'null'],
  ];
  await refuses(
    t,
    criticals.map(([more, title]) => [title, jws({ ...HEADER, ...more }, CLAIMS, server.key.privateKey)]),
  );
});

t.test('a key that the JWT brings itself, or says where to get, is no key', async (t) => {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = own.publicKey.export({ format: 'jwk' });
  const mallory = await startKeyedServer(t);
  const headers: [string, object][] = [
    ['jwk', { jwk }],
    ['jwk without kid', { jwk, kid: undefined }],
    ['jku', { jku: `${mallory.issuer}/jwks` }],
    ['x5u', { x5u: `${mallory.issuer}/cert` }],
    ['x5c', { x5c: ['MIIB'] }],
    ['a kid that is a path', { kid: '../../dev/null' }],
    ['a kid that is a URL', { kid: `${mallory.issuer}/jwks` }],
    ['a kid that is no string', { kid: ['one'] }],
    ['a kid of the prototype', { kid: '__proto__' }],
  ];
  await refuses(
    t,
    headers.map(([title, more]) => [title, jws({ ...HEADER, ...more }, CLAIMS, own.privateKey)]),
  );
  t.strictSame(mallory.requests, [], 'nobody asked there');
});

t.test('CVE-2022-21449: a signature of zeros is none', async (t) => {
  await refuses(t, [
    ['zeros', jws(HEADER, CLAIMS, () => Buffer.alloc(64))],
    ['empty', jws(HEADER, CLAIMS, () => Buffer.alloc(0))],
    ['in DER', jws(HEADER, CLAIMS, (input) => sign('sha256', Buffer.from(input), server.key.privateKey))],
    [
      'too long',
      jws(HEADER, CLAIMS, () =>
        Buffer.concat([Buffer.from(good.split('.')[2] ?? '', 'base64url'), Buffer.alloc(1)]),
      ),
    ],
  ]);
});

t.test('a JWT whose parts are of several is none', async (t) => {
  const [header, payload, signature] = good.split('.') as [string, string, string];
  const other = jws(HEADER, { ...CLAIMS, sub: 'alice' }, server.key.privateKey).split('.') as [
    string,
    string,
    string,
  ];
  await refuses(t, [
    ['another payload', `${header}.${other[1]}.${signature}`],
    ['cut short', `${header}.${payload}.${signature.slice(0, -3)}`],
    ['padded', `${header}.${payload}.${signature}==`],
    ['no payload', jws(HEADER, '', server.key.privateKey)],
    ['a payload that is a list', jws(HEADER, [CLAIMS], server.key.privateKey)],
    [
      'a claim twice',
      jws(HEADER, JSON.stringify(CLAIMS).replace('{', '{"sub":"alice",'), server.key.privateKey),
    ],
  ]);
});

t.test('giantswarm/mcp-oauth#383: a token that is bound to a key is no bearer token', async (t) => {
  const before = upstream.requests.length;
  const bindings = [{ jkt: 'x' }, { 'x5t#S256': 'x' }, { jwk: {} }, {}, false, 'x', []];
  for (const cnf of bindings) {
    const jwt = jws(HEADER, { ...CLAIMS, cnf }, server.key.privateKey);
    t.strictSame(await statuses(jwt), [401, 401], `in the JWT: ${JSON.stringify(cnf)}`);
    const members = { active: true, sub: 'admin', aud: 'api', token_type: 'Bearer' };
    const answers = {
      'in JSON': { ...members, cnf },
      'in JSON beside a JWT without it': { ...members, cnf, jwt: good },
      'in a JWT beside JSON without it': { ...members, jwt },
      'in a JWT beside JSON where it is null': { ...members, cnf: null, jwt },
    };
    for (const [title, answer] of Object.entries(answers)) {
      server.answer = { body: JSON.stringify(answer) };
      const token = `bound-${count++}`;
      for (const time of ['asked about', 'from the cache'])
        t.equal((await call(gateway.url, { path: '/introspect', token })).status, 401, `${title}, ${time}`);
    }
  }
  for (const typed of [{ token_type: 'DPoP' }, { typ: 'DPoP' }]) {
    const jwt = jws(HEADER, { ...CLAIMS, ...typed }, server.key.privateKey);
    t.strictSame(await statuses(jwt), [401, 401], JSON.stringify(typed));
  }
  t.equal(upstream.requests.length, before, 'nothing reached the upstream');
});
