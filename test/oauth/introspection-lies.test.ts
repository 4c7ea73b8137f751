// What a faulty or lying answer meets: nothing is said of the token, so the gateway says 503 and remembers nothing.
import { createHmac } from 'node:crypto';
import { CompactEncrypt, exportJWK, generateKeyPair } from 'jose';
import t, { type Test } from 'tap';
import { AnswerError } from '../../src/oauth/facts.ts';
import { isIll } from '../../src/oauth/fetch.ts';
import { ask, jws, keyPair, startKeyedServer } from '../support/introspection.ts';

const server = await startKeyedServer(t);
const { issuer, key } = server;
const stranger = keyPair('one');
const PHANTOM = { alg: 'ES256', kid: 'one', typ: 'at+jwt' };
const SIGNED = { alg: 'ES256', kid: 'one', typ: 'token-introspection+jwt' };
const claims = { iss: issuer, sub: 'alice' };
const envelope = {
  iss: issuer,
  aud: 'portcullis',
  iat: 1,
  token_introspection: { active: true, sub: 'alice' },
};
const good = jws(PHANTOM, claims, key.privateKey);

/** Each body gets the answer of the media type refused, with that message. */
async function refuses(t: Test, type: string, cases: readonly [string, string, string][], more: object = {}) {
  for (const [title, body, message] of cases) {
    server.answer = { type, body };
    await t.rejects(ask(issuer, more), new AnswerError(message), `${title}: ${message}`);
  }
}

t.test('a JWT that the key did not sign, or not in an accepted way, is refused', async (t) => {
  const publicPem = key.publicKey.export({ format: 'pem', type: 'spki' });
  const hmac = (secret: string | Buffer) => (input: string) =>
    createHmac('sha256', secret).update(input).digest();
  const [header, payload, signature] = good.split('.') as [string, string, string];
  const cases = (type: string, head: typeof PHANTOM, body: object): [string, string, string][] => [
    [
      'another key under the same kid',
      jws(head, body, stranger.privateKey),
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    ],
    ['an unknown kid', jws({ ...head, kid: 'two' }, body, key.privateKey), 'ERR_JWKS_NO_MATCHING_KEY'],
    ['alg none', jws({ ...head, alg: 'none' }, body, () => Buffer.alloc(0)), 'ERR_JOSE_ALG_NOT_ALLOWED'],
    ['alg missing', jws({ ...head, alg: undefined }, body, key.privateKey), 'ERR_JWS_INVALID'],
    [
      'CVE-2026-34950: HS256 by the public key',
      jws({ ...head, alg: 'HS256' }, body, hmac(publicPem)),
      'ERR_JOSE_ALG_NOT_ALLOWED',
    ],
    [
      'RS256 claimed of an EC key',
      jws({ ...head, alg: 'RS256' }, body, key.privateKey),
      'ERR_JWKS_NO_MATCHING_KEY',
    ],
    [
      'a key of its own',
      jws({ ...head, kid: undefined, jwk: stranger.jwk }, body, stranger.privateKey),
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    ],
    [
      'CVE-2026-35042: unknown crit',
      jws({ ...head, crit: ['x'], x: 1 }, body, key.privateKey),
      'ERR_JOSE_NOT_SUPPORTED',
    ],
    [
      'RFC 7797: crit b64',
      jws({ ...head, crit: ['b64'], b64: true }, body, key.privateKey),
      'its JWT has crit',
    ],
    [
      'typ is no string',
      jws({ ...head, typ: 1 }, body, key.privateKey),
      'the typ of its JWT is not a string',
    ],
    ['payload is no object', jws(head, [body], key.privateKey), 'its answer is not a JSON object'],
    ['payload is no JSON', jws(head, 'active', key.privateKey), 'its answer is not JSON'],
    ['a header that is no JSON', jws('alg', body, key.privateKey), 'ERR_JWS_INVALID'],
    [
      `${type}: a JWT cut short`,
      `${header}.${payload}.${signature.slice(0, -2)}`,
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    ],
    ['two parts', `${header}.${payload}`, 'ERR_JWS_INVALID'],
    ['no part', '', 'ERR_JWS_INVALID'],
    ['another payload', `${header}.e30.${signature}`, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
    ['HTML', '<html>no</html>', 'ERR_JWS_INVALID'],
  ];
  await refuses(t, 'application/jwt', cases('phantom JWT', PHANTOM, claims));
  await refuses(t, 'application/token-introspection+jwt', cases('RFC 9701', SIGNED, envelope));
});

t.test('CVE-2024-47616: a JWT that is no access token is no phantom JWT', async (t) => {
  const jwt = (header: object, more: object = {}): string =>
    jws({ ...PHANTOM, ...header }, { ...claims, ...more }, key.privateKey);
  await refuses(t, 'application/jwt', [
    [
      'an RFC 9701 answer',
      jws(SIGNED, envelope, key.privateKey),
      'its JWT is of type token-introspection+jwt',
    ],
    ['a logout token', jwt({ typ: 'logout+jwt' }), 'its JWT is of type logout+jwt'],
    ['an ID token', jwt({ typ: 'id_token+jwt' }), 'its JWT is of type id_token+jwt'],
    ['a DPoP proof', jwt({ typ: 'dpop+jwt' }), 'its JWT is of type dpop+jwt'],
    ['a type of another kind', jwt({ typ: 'at+jwt\u001b[2J' }), 'its JWT is of an odd type'],
    ['without iss', jwt({}, { iss: undefined }), 'the JWT has no iss'],
    ['exp as text', jwt({}, { exp: '9999999999' }), 'exp is not a sane number of seconds'],
    ['exp in milliseconds', jwt({}, { exp: 1_700_000_000_000 }), 'exp is not a sane number of seconds'],
    ['active as text', jwt({}, { active: 'false' }), 'active is not a boolean'],
  ]);
  const other = (claim: string) => ({
    fault: 'not_an_access_token',
    detail: `its ${claim} says that it is no access token`,
  });
  const cases: [string, object, string][] = [
    ['a logout token by its claim', { events: {} }, 'events'],
    ['an ID token by its claim', { at_hash: 'x' }, 'at_hash'],
    ['an ID token by its claim', { c_hash: 'x' }, 'c_hash'],
    ['an RFC 9701 answer by its claim', { token_introspection: { active: true } }, 'token_introspection'],
    ['a refresh token of Keycloak', { typ: 'Refresh' }, 'typ'],
  ];
  for (const typ of ['JWT', undefined])
    for (const [title, more, claim] of cases) {
      server.answer = { type: 'application/jwt', body: jwt({ typ }, more) };
      t.match((await ask(issuer)).answer, other(claim), title);
      server.answer = { body: JSON.stringify({ active: true, jwt: jwt({ typ }, more) }) };
      t.match((await ask(issuer)).answer, other(claim), `${title}, beside JSON`);
    }
});

t.test('an RFC 9701 answer has to be from this issuer, for this client, and of its type', async (t) => {
  const answer = (more: object, header: object = {}): string =>
    jws({ ...SIGNED, ...header }, { ...envelope, ...more }, key.privateKey);
  await refuses(t, 'application/token-introspection+jwt', [
    ['another issuer', answer({ iss: `${issuer}/` }), 'its iss is not the issuer'],
    ['no issuer', answer({ iss: undefined }), 'its iss is not the issuer'],
    ['another client', answer({ aud: 'other' }), 'its aud is not this client'],
    ['other clients', answer({ aud: ['other', 'portcullis2'] }), 'its aud is not this client'],
    ['no client', answer({ aud: undefined }), 'its aud is not this client'],
    ['no iat', answer({ iat: undefined }), 'its iat is not a number'],
    ['no members', answer({ token_introspection: undefined }), 'its token_introspection is not an object'],
    ['members as a list', answer({ token_introspection: [] }), 'its token_introspection is not an object'],
    [
      'members without active',
      answer({ token_introspection: { sub: 'x' } }),
      'it says neither active: true nor',
    ],
    ['a phantom JWT', good, 'its JWT is not of type token-introspection+jwt'],
    ['no typ', answer({}, { typ: undefined }), 'its JWT is not of type token-introspection+jwt'],
  ]);
});

t.test(
  'an encrypted answer is a signed one inside: by encryption alone nobody says who they are',
  async (t) => {
    const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { extractable: true });
    const decryption_keys = JSON.stringify({ keys: [{ ...(await exportJWK(privateKey)), alg: 'ECDH-ES' }] });
    const more = { introspection: { decryption_keys } };
    const type = 'application/token-introspection+jwt';
    const encrypted = (text: string): Promise<string> =>
      new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', cty: 'JWT', typ: SIGNED.typ })
        .encrypt(publicKey);
    const inside = jws(SIGNED, envelope, key.privateKey);
    server.answer = { type, body: await encrypted(inside) };
    t.match((await ask(issuer, more)).answer, { claims: { sub: 'alice' }, jwt: null });
    const forged = jws(SIGNED, envelope, stranger.privateKey);
    const unsigned = jws({ ...SIGNED, alg: 'none' }, envelope, () => Buffer.alloc(0));
    await refuses(
      t,
      type,
      [
        ['claims alone', await encrypted(JSON.stringify(envelope)), 'ERR_JWS_INVALID'],
        ['members alone', await encrypted('{"active":true}'), 'ERR_JWS_INVALID'],
        ['encrypted twice', await encrypted(await encrypted(inside)), 'ERR_JWS_INVALID'],
        ['signed by another', await encrypted(forged), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
        ['not signed', await encrypted(unsigned), 'ERR_JOSE_ALG_NOT_ALLOWED'],
        ['a phantom JWT', await encrypted(good), 'its JWT is not of type token-introspection+jwt'],
      ],
      more,
    );
    await refuses(t, 'application/jwt', [['as phantom JWT', await encrypted(good), 'ERR_JWS_INVALID']], more);
  },
);

t.test('JSON has to say what it says in its form', async (t) => {
  const json = (value: unknown): string => JSON.stringify(value);
  await refuses(t, 'application/json', [
    ['HTML', '<html>no</html>', 'its answer is not JSON'],
    ['nothing', '', 'its answer is not JSON'],
    ['cut short', '{"active":true', 'its answer is not JSON'],
    ['a list', '[{"active":true}]', 'its answer is not a JSON object'],
    ['null', 'null', 'its answer is not a JSON object'],
    ['no active', json({ sub: 'alice' }), 'it says neither active: true nor active: false'],
    ['active as text', json({ active: 'true' }), 'it says neither active: true nor active: false'],
    ['active as number', json({ active: 1 }), 'it says neither active: true nor active: false'],
    ['active as null', json({ active: null }), 'it says neither active: true nor active: false'],
    ['an error with status 200', json({ error: 'invalid_client' }), 'it says neither active: true nor'],
    ['exp negative', json({ active: true, exp: -1 }), 'exp is not a sane number of seconds'],
    ['exp as text', json({ active: true, exp: '1' }), 'exp is not a sane number of seconds'],
    ['exp huge', '{"active":true,"exp":1e400}', 'exp is not a sane number of seconds'],
    ['sub as number', json({ active: true, sub: 1 }), 'sub is not a string'],
    ['NaN', '{"active":true,"exp":NaN}', 'its answer is not JSON'],
    ['a comment', '{"active":true} // yes', 'its answer is not JSON'],
    ['two answers', '{"active":true}{"active":false}', 'its answer is not JSON'],
    [
      'deep',
      `{"active":true,"a":${'['.repeat(65)}${']'.repeat(65)}}`,
      'its claims are nested deeper than 64',
    ],
    [
      'deeper',
      `{"active":true,"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      'its claims are nested deeper than 64',
    ],
    [
      'active of the prototype',
      '{"__proto__":{"active":true},"sub":"alice"}',
      'it says neither active: true nor active: false',
    ],
    [
      'details without a type',
      json({ active: true, authorization_details: [{ actions: ['read'] }] }),
      'authorization_details is not a list of objects with a type',
    ],
  ]);
  for (const bytes of [Buffer.from('{"active":true,"sub":"\xff"}', 'latin1'), Buffer.from([0xc0, 0x80])]) {
    server.answer = { body: bytes as unknown as string };
    await t.rejects(ask(issuer), new AnswerError('its answer is not UTF-8'));
  }
});

t.test('CVE-2022-25757: two members of one name are no answer, in JSON and in a JWT', async (t) => {
  const twice = 'its answer has two members of one name';
  const cases: [string, string][] = [
    ['active', '{"active":false,"active":true}'],
    ['active, escaped', '{"active":false,"\\u0061ctive":true}'],
    ['sub', '{"active":true,"sub":"alice","sub":"admin"}'],
    ['an inner one', '{"active":true,"realm_access":{"roles":[],"roles":["admin"]}}'],
    ['__proto__', '{"active":true,"__proto__":1,"__proto__":2}'],
  ];
  await refuses(
    t,
    'application/json',
    cases.map(([title, body]) => [title, body, twice]),
  );
  await refuses(
    t,
    'application/jwt',
    cases.map(([title, body]) => [
      title,
      jws(PHANTOM, body.replace('{', `{"iss":"${issuer}",`), key.privateKey),
      twice,
    ]),
  );
  await refuses(t, 'application/token-introspection+jwt', [
    [
      'the members',
      jws(
        SIGNED,
        `{"iss":"${issuer}","aud":"portcullis","iat":1,"token_introspection":{"active":false},"token_introspection":{"active":true}}`,
        key.privateKey,
      ),
      twice,
    ],
  ]);
});

t.test('JWT and JSON that disagree are both refused, and null does not hide what the JWT says', async (t) => {
  const jwt = (more: object = {}): string =>
    jws(PHANTOM, { ...claims, exp: 10, client_id: 'app', ...more }, key.privateKey);
  const json = (members: object, more: object = {}): string =>
    JSON.stringify({ active: true, jwt: jwt(more), ...members });
  const other = 'https://other.example';
  await refuses(t, 'application/json', [
    ['iss', json({ iss: other }), 'its iss is not that of its jwt'],
    ['iss of another in the JWT', json({ iss: issuer }, { iss: other }), 'its iss is not that of its jwt'],
    ['sub', json({ sub: 'bob' }), 'its sub is not that of its jwt'],
    ['exp', json({ exp: 11 }), 'its exp is not that of its jwt'],
    ['exp as text', json({ exp: '10' }), 'its exp is not that of its jwt'],
    ['client_id', json({ client_id: 'other' }), 'its client_id is not that of its jwt'],
    ['iss in JSON only', json({ iss: issuer }, { iss: undefined }), 'the JWT has no iss'],
    [
      'a forged JWT',
      json({ jwt: jws(PHANTOM, claims, stranger.privateKey) }),
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    ],
    [
      'an RFC 9701 answer',
      json({ jwt: jws(SIGNED, envelope, key.privateKey) }),
      'its JWT is of type token-introspection+jwt',
    ],
    ['no JWT', json({ jwt: '' }), 'ERR_JWS_INVALID'],
  ]);
  server.answer = { body: json({ exp: null, sub: null, cnf: null }, { cnf: { jkt: 'x' } }) };
  t.match((await ask(issuer)).answer, { expires_at: 10, claims: { sub: 'alice', cnf: { jkt: 'x' } } });
});

t.test('a single media type takes nothing weaker, and nothing else', async (t) => {
  const body = '{"active":true}';
  const types = ['application/jwt', 'application/token-introspection+jwt', 'application/json'];
  for (const accept of types) {
    const more = { introspection: { accept } };
    for (const type of types.filter((type) => type !== accept)) {
      // Keycloak answers so, with a JWT in it: here there is none.
      const why =
        accept === 'application/jwt' && type === 'application/json'
          ? 'it answered with application/json, and without a JWT in it'
          : `it answered with ${type}, not ${accept}`;
      await refuses(t, type, [[accept, body, why]], more);
    }
    server.answer = { status: 204 };
    if (accept !== 'application/jwt') await t.rejects(ask(issuer, more), new AnswerError('it answered 204'));
  }
});

t.test('another content type is no answer, and is repeated only if it looks like one', async (t) => {
  const cases: [string, string][] = [
    ['text/html; charset=utf-8', 'it answered with text/html'],
    ['application/json, text/html', 'it answered with an odd content type'],
    ['secret-token-1', 'it answered with an odd content type'],
    ['', 'it answered with no content type'],
  ];
  for (const [type, message] of cases) await refuses(t, type, [[type, '{"active":true}', message]]);
});

t.test('a status other than 200 is no answer, whatever its body says', async (t) => {
  const cases: [number, string, string][] = [
    [201, '{"active":true}', 'it answered 201'],
    [205, '', 'it answered 205'],
    [302, '{"active":true}', 'it answered 302'],
    [400, '{"error":"invalid_request"}', 'it answered 400 invalid_request'],
    [
      401,
      '{"error":"invalid_client"}',
      'it answered 401 invalid_client: it does not know us: see client_id and client_auth',
    ],
    [401, '{"error":"Token abc"}', 'it answered 401'],
    [403, '<html>', 'it answered 403'],
    [404, '{"error":"unsupported_token_type"}', 'it answered 404 unsupported_token_type'],
    [429, '', 'it answered 429'],
    [500, '{"error":{}}', 'it answered 500'],
    [503, '[]', 'it answered 503'],
  ];
  for (const [status, body, message] of cases) {
    server.answer = { status, body, headers: { location: `${issuer}/elsewhere`, 'retry-after': '7' } };
    const faulty = status >= 500 || status === 429 ? { retry_after: 7 } : {};
    await t.rejects(ask(issuer), { ...faulty, message: new RegExp(`^${message}$`) }, `${status} ${body}`);
    const ill = await ask(issuer).catch(isIll);
    t.equal(ill, status >= 500 || status === 429, `${status}: is the server ill?`);
  }
});

t.test('a server that introspects no such tokens says so of the token, and not of itself', async (t) => {
  server.answer = { status: 400, body: '{"error":"unsupported_token_type"}' };
  t.match((await ask(issuer)).answer, { fault: 'inactive', detail: /jwt_tokens: verify/ });
});

t.test('algorithms come from configuration, else from metadata, and never are symmetric', async (t) => {
  const metadata = { ...server.metadata };
  t.teardown(() => (server.metadata = metadata));
  const asked = (values: unknown, algorithms?: string[]) => {
    server.metadata = { ...metadata, introspection_signing_alg_values_supported: values };
    server.answer = { type: 'application/jwt', body: good };
    return ask(issuer, { algorithms });
  };
  const cases: [unknown, string[] | undefined, string | null][] = [
    [undefined, undefined, null],
    [['ES256'], undefined, null],
    [['RS256'], ['ES256', 'RS256'], null],
    [['RS256'], undefined, 'ERR_JOSE_ALG_NOT_ALLOWED'],
    [['ES256'], ['RS256'], 'ERR_JOSE_ALG_NOT_ALLOWED'],
    [['HS256', 'none'], undefined, 'ERR_JOSE_ALG_NOT_ALLOWED'],
    [[], undefined, 'ERR_JOSE_ALG_NOT_ALLOWED'],
  ];
  for (const [values, algorithms, message] of cases) {
    const title = `${JSON.stringify(values)}, configured ${algorithms?.join(' ') ?? 'none'}`;
    if (message === null) t.match(await asked(values, algorithms), { answer: { jwt: good } }, title);
    else await t.rejects(asked(values, algorithms), { message }, title);
  }
});

t.test('metadata that lacks what is needed is named', async (t) => {
  const metadata = { ...server.metadata };
  t.teardown(() => (server.metadata = metadata));
  server.answer = { type: 'application/jwt', body: good };
  server.metadata = { ...metadata, jwks_uri: undefined };
  await t.rejects(ask(issuer), { message: 'its metadata names no jwks_uri' });
  server.metadata = { ...metadata, introspection_endpoint: null };
  await t.rejects(ask(issuer), { message: 'its metadata names no introspection_endpoint' });
  server.metadata = { ...metadata, introspection_endpoint: 'https://evil.example/ask' };
  await t.rejects(ask(issuer), {
    message: "https://evil.example is neither the issuer's origin nor one of",
  });
});
