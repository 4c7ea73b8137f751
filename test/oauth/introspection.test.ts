import t from 'tap';
import type { Facts } from '../../src/oauth/facts.ts';
import { startRealServer } from '../support/authorization-server.ts';
import { ask, judged, jws, keyPair, startIntrospector, startKeyedServer } from '../support/introspection.ts';

const server = await startKeyedServer(t);
const { issuer } = server;
const INACTIVE = { fault: 'inactive', detail: 'the authorization server says that it is not active' };
const phantomJwt = (claims: object = {}, header: object = {}): string =>
  jws(
    { alg: 'ES256', kid: 'one', typ: 'at+jwt', ...header },
    { iss: issuer, sub: 'alice', scope: 'accounts:read', ...claims },
    server.key.privateKey,
  );
const signedAnswer = (members: object): string =>
  jws(
    { alg: 'ES256', kid: 'one', typ: 'token-introspection+jwt' },
    { iss: issuer, aud: 'portcullis', iat: 1, token_introspection: members },
    server.key.privateKey,
  );
const asJwt = (body: string) => ({ type: 'application/jwt', body });
const asSigned = (members: object) => ({
  type: 'application/token-introspection+jwt',
  body: signedAnswer(members),
});
const asJson = (members: object) => ({ body: JSON.stringify(members) });
const accept = (type: string) => ({ introspection: { accept: type } });

t.beforeEach(() => void (server.requests.length = 0));

t.test('the token is asked about in a form, and a parameter inside it stays inside', async (t) => {
  server.answer = asJson({ active: false });
  await ask(issuer, {}, 'a&token_type_hint=b+c');
  const asked = server.requests.at(-1)!;
  t.equal(asked.url, '/ask');
  t.match(asked.headers['content-type'], 'application/x-www-form-urlencoded');
  t.strictSame([...new URLSearchParams(asked.body)], [['token', 'a&token_type_hint=b+c']]);
});

t.test('the client says who it is as configured (RFC 6749 section 2.3.1)', async (t) => {
  server.answer = asJson({ active: false });
  const client = { client_id: 'a:b', client_secret: 'c d%' };
  await ask(issuer, client);
  t.equal(server.requests.at(-1)!.headers.authorization, `Basic ${btoa('a%3Ab:c+d%25')}`);
  await ask(issuer, { ...client, client_auth: 'client_secret_post' });
  const posted = server.requests.at(-1)!;
  t.equal(posted.headers.authorization, undefined);
  t.strictSame(
    [...new URLSearchParams(posted.body)],
    [
      ['token', 'token'],
      ['client_id', 'a:b'],
      ['client_secret', 'c d%'],
    ],
  );
});

t.test('auto asks for all forms, the strongest first, and one type for that alone', async (t) => {
  const cases = {
    auto: 'application/jwt, application/token-introspection+jwt;q=0.9, application/json;q=0.5',
    'application/jwt': 'application/jwt',
    'application/json': 'application/json',
  };
  for (const [mode, expected] of Object.entries(cases)) {
    server.answer = mode === 'application/jwt' ? { status: 204 } : asJson({ active: false });
    await ask(issuer, accept(mode));
    t.equal(server.requests.at(-1)!.headers.accept, expected);
  }
});

t.test('a configured endpoint needs no discovery for an answer without a signature', async (t) => {
  server.answer = asJson({ active: true });
  await ask(issuer, { introspection: { endpoint: `${issuer}/mine` } });
  t.strictSame(
    server.requests.map(({ url }) => url),
    ['/mine'],
  );
});

t.test('JSON gives facts without a JWT; what is about the answer is no claim', async (t) => {
  server.answer = asJson({
    active: true,
    sub: 'alice',
    scope: 'a b',
    exp: 5,
    client_id: 'app',
    username: 'al',
  });
  t.strictSame((await ask(issuer)).answer, {
    claims: { sub: 'alice', scope: 'a b', exp: 5, client_id: 'app', username: 'al' },
    scopes: ['a', 'b'],
    audience: [],
    issuer: null,
    client_id: 'app',
    token_type: 'Bearer',
    expires_at: 5,
    not_before: null,
    jwt: null,
  });
});

t.test("Curity's phantom JWT is the answer; its types are those of access tokens", async (t) => {
  for (const header of [
    {},
    { typ: undefined },
    { typ: 'JWT' },
    { typ: 'application/at+jwt' },
    { typ: 'AT+JWT' },
  ]) {
    const jwt = phantomJwt({}, header);
    server.answer = asJwt(`${jwt}\n`);
    t.match((await ask(issuer)).answer, { scopes: ['accounts:read'], issuer, jwt }, JSON.stringify(header));
  }
});

t.test('a phantom JWT of 64 KiB is read', async (t) => {
  const jwt = phantomJwt({ groups: 'g'.repeat(48_000) });
  t.ok(jwt.length > 64_000);
  server.answer = asJwt(jwt);
  t.equal(((await ask(issuer)).answer as Facts).jwt, jwt);
});

t.test('RFC 9701: a signed answer gives facts, and is never a JWT to pass on', async (t) => {
  server.answer = asSigned({ active: true, sub: 'alice', aud: 'api', exp: 7, iss: issuer });
  const { answer } = await ask(issuer);
  t.match(answer, { claims: { sub: 'alice' }, audience: ['api'], issuer, expires_at: 7 });
  t.equal((answer as Facts).jwt, null);
  t.notOk(JSON.stringify(answer).includes(server.answer.body!), 'it is nowhere in the facts');
});

t.test("Keycloak's JWT beside JSON is verified and passed on", async (t) => {
  const jwt = phantomJwt({ exp: 9, realm: 'r' }, { typ: 'JWT' });
  const members = { active: true, sub: 'alice', exp: 9, client_id: 'app', username: 'al', jwt };
  for (const body of [asJson(members), asSigned(members)]) {
    server.answer = body;
    const { answer } = await ask(issuer);
    t.match(answer, { jwt, issuer, client_id: 'app', scopes: ['accounts:read'], expires_at: 9 });
    t.match(answer, { claims: { realm: 'r', username: 'al', jwt: undefined, active: undefined } });
  }
});

t.test('a JWT beside JSON is not looked at where JSON alone is wanted', async (t) => {
  server.answer = asJson({ active: true, sub: 'alice', jwt: 'no JWT at all' });
  const { answer } = await ask(issuer, accept('application/json'));
  t.match(answer, { jwt: null, claims: { sub: 'alice', jwt: undefined } });
});

t.test('inactive is inactive in every form, before anything else is judged', async (t) => {
  const cases = {
    '204': { status: 204 },
    JSON: asJson({ active: false, iss: 5, exp: 'never' }),
    'JSON beside a valid JWT': asJson({ active: false, jwt: phantomJwt() }),
    'JSON beside a bad JWT': asJson({ active: false, jwt: 'x' }),
    'RFC 9701': asSigned({ active: false }),
    'a JWT that says so': asJwt(phantomJwt({ active: false })),
    'JSON beside a JWT that says so': asJson({ active: true, jwt: phantomJwt({ active: false }) }),
  };
  for (const [form, answer] of Object.entries(cases)) {
    server.answer = answer;
    t.strictSame((await ask(issuer)).answer, INACTIVE, form);
  }
});

t.test(
  'CVE-2025-46647: an answer about the token of another issuer is refused, though the keys are shared',
  async (t) => {
    const iss = 'https://other.example';
    const wrong = { fault: 'wrong_issuer', detail: 'the token is from another issuer' };
    for (const answer of [
      asJson({ active: true, iss }),
      asSigned({ active: true, iss }),
      asJwt(phantomJwt({ iss })),
    ]) {
      server.answer = answer;
      t.strictSame((await ask(issuer)).answer, wrong, answer.body);
    }
    server.answer = asJson({ active: true, jwt: phantomJwt({ iss }) });
    t.strictSame((await ask(issuer)).answer, wrong);
  },
);

t.test('max-age bounds the use of an answer, and the habit of no-store does not', async (t) => {
  const cases: [string, number | null][] = [
    ['max-age=60', 60],
    ['private, Max-Age="60"', 60],
    ['max-age=0', 0],
    ['no-cache, max-age=0', 0],
    ['no-store', null],
    ['no-store, max-age=0', null],
    ['max-age=00, No-Store', null],
    ['no-store, max-age=10', 10],
    ['s-maxage=5', null],
    ['max-age=-1', null],
    ['max-age', null],
  ];
  for (const [header, max_age] of cases) {
    server.answer = { ...asJson({ active: true }), headers: { 'cache-control': header } };
    t.equal((await ask(issuer)).max_age, max_age, header);
  }
});

t.test('a key that the server takes into use is found, whether its name is new or not', async (t) => {
  // jose reads the time by itself: it looks for keys at most once a second.
  const time = { now: Date.now() };
  t.intercept(Date, 'now', { value: () => time.now });
  const rotating = await startKeyedServer(t);
  const introspector = startIntrospector(t, rotating.issuer);
  const current = { key: rotating.key, kid: 'one' };
  const present = (token: string) => {
    const claims = { iss: rotating.issuer, sub: token };
    rotating.answer = asJwt(jws({ alg: 'ES256', kid: current.kid }, claims, current.key.privateKey));
    return judged(introspector, token);
  };
  t.match(await present('first'), { facts: { claims: { sub: 'first' } } });
  for (const kid of ['two', 'two']) {
    const key = keyPair(kid);
    Object.assign(current, { key, kid });
    rotating.jwks = { keys: [key.jwk] };
    t.match(await present('at once'), { denial: 'authorization_server_unavailable' });
    time.now += 1_000;
    const token = `a second later, ${time.now}`;
    t.match(await present(token), { facts: { claims: { sub: token } } });
  }
  t.equal(rotating.requests.filter(({ url }) => url === '/jwks').length, 3);
});

t.test(
  'RFC 9701: a real server is understood, and believed when it says that a token was revoked',
  async (t) => {
    const { issuer, take } = await startRealServer(t);
    const token = await take('alice', 'accounts:read');
    const { answer } = await ask(issuer, {}, token);
    t.match(answer, { claims: { sub: 'alice', roles: ['approver'] }, scopes: ['accounts:read'], jwt: null });
    t.strictSame((await ask(issuer, accept('application/token-introspection+jwt'), token)).answer, answer);

    const body = new URLSearchParams({ token });
    const headers = { authorization: `Basic ${btoa('alice:alice-secret')}` };
    await fetch(`${issuer}/token/revocation`, { method: 'POST', headers, body });
    t.strictSame((await ask(issuer, {}, token)).answer, INACTIVE);
    t.strictSame((await ask(issuer, {}, 'never-was-one')).answer, INACTIVE);
    await t.rejects(ask(issuer, { client_secret: 'wrong' }, token), {
      message: 'it answered 401 invalid_client: it does not know our client_id and client_secret',
    });
  },
);
