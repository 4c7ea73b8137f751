import t from 'tap';
import { AnswerError, type Facts, factsFault } from '../../src/oauth/facts.ts';
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
    authorization_details: null,
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

t.test('Keycloak sends its JWT when asked for application/jwt, in JSON: there it has to be', async (t) => {
  const jwt = phantomJwt({}, { typ: 'JWT' });
  const only = accept('application/jwt');
  server.answer = asJson({ active: true, jwt });
  t.match((await ask(issuer, only)).answer, { jwt, issuer });
  server.answer = asJson({ active: false, jwt });
  t.strictSame((await ask(issuer, only)).answer, INACTIVE);
  const lacking = new AnswerError('it answered with application/json, and without a JWT in it');
  for (const members of [
    { active: true, sub: 'alice' },
    { active: true, jwt: null },
  ]) {
    server.answer = asJson(members);
    await t.rejects(ask(issuer, only), lacking);
  }
  server.answer = asSigned({ active: true, jwt });
  await t.rejects(ask(issuer, only), { message: 'not application/jwt' }, 'nothing else is taken');
});

t.test('a JWT beside JSON is not looked at where JSON alone is wanted', async (t) => {
  server.answer = asJson({ active: true, sub: 'alice', jwt: 'no JWT at all' });
  const { answer } = await ask(issuer, accept('application/json'));
  t.match(answer, { jwt: null, claims: { sub: 'alice', jwt: undefined } });
});

t.test('the member with the JWT has the name that jwt_claim says, and then has to be a JWT', async (t) => {
  const jwt = phantomJwt();
  const named = { accept: 'application/json', jwt_claim: 'phantom' };
  server.answer = asJson({ active: true, username: 'al', phantom: jwt, jwt: 'no JWT at all' });
  t.match((await ask(issuer, { introspection: named })).answer, {
    jwt,
    claims: { sub: 'alice', username: 'al', phantom: undefined, jwt: undefined },
  });
  t.match((await ask(issuer, { introspection: { jwt_claim: 'phantom' } })).answer, { jwt });
  for (const members of [{ active: true }, { active: true, phantom: null }]) {
    server.answer = asJson(members);
    t.match((await ask(issuer, { introspection: named })).answer, { jwt: null });
  }
  for (const phantom of [{}, 1, [jwt], true]) {
    server.answer = asJson({ active: true, phantom });
    await t.rejects(ask(issuer, { introspection: named }), new AnswerError('its phantom is not a string'));
  }
  server.answer = asJson({ active: false, phantom: jwt });
  t.strictSame((await ask(issuer, { introspection: named })).answer, INACTIVE);
  // Not a member of its own, but of every object's prototype.
  server.answer = asJson({ active: true });
  t.match((await ask(issuer, { introspection: { jwt_claim: 'constructor' } })).answer, { jwt: null });
});

t.test('a token is good from the later of what the JWT and JSON say', async (t) => {
  const from = async (inJwt: object, inJson: object) => {
    server.answer = asJson({ active: true, ...inJson, jwt: phantomJwt(inJwt) });
    const { answer } = await ask(issuer);
    return 'fault' in answer ? answer.fault : answer.not_before;
  };
  t.equal(await from({ nbf: 900 }, { nbf: 1 }), 900);
  t.equal(await from({ iat: 900 }, { iat: 1 }), 900);
  t.equal(await from({ nbf: 1 }, { nbf: 900 }), 900);
  t.equal(await from({ nbf: 900 }, { iat: 1 }), 900);
});

t.test('what the JWT says of its kind is not JSON’s to take back', async (t) => {
  const beside = async (inJwt: object, inJson: object) => {
    server.answer = asJson({ active: true, ...inJson, jwt: phantomJwt(inJwt) });
    const { answer } = await ask(issuer);
    return 'fault' in answer ? answer.fault : (factsFault(answer, 0)?.fault ?? 'good');
  };
  const bearer = { token_type: 'Bearer', typ: 'Bearer' };
  t.equal(await beside(bearer, bearer), 'good');
  t.equal(await beside({ typ: 'Refresh' }, bearer), 'not_an_access_token');
  t.equal(await beside({ events: {} }, { ...bearer, events: null }), 'not_an_access_token');
  t.equal(await beside({ token_type: 'DPoP' }, bearer), 'sender_constrained');
  t.equal(await beside({ typ: 'DPoP' }, bearer), 'sender_constrained');
  t.equal(await beside({ cnf: { jkt: 'x' } }, { ...bearer, cnf: null }), 'sender_constrained');
  t.equal(await beside(bearer, { token_type: 'DPoP' }), 'sender_constrained');
  t.equal(await beside(bearer, { typ: 'Refresh' }), 'not_an_access_token');
  t.equal(await beside(bearer, { cnf: {} }), 'sender_constrained');
});

t.test('its size is what came over the wire', async (t) => {
  for (const answer of [asJson({ active: true, sub: 'é' }), asJwt(phantomJwt()), asJson({ active: false })]) {
    server.answer = answer;
    t.equal((await ask(issuer)).size, Buffer.byteLength(answer.body));
  }
  server.answer = { status: 204 };
  t.equal((await ask(issuer)).size, 0);
});

t.test('a byte order mark before the answer says nothing', async (t) => {
  server.answer = { body: '\u{FEFF}{"active":true,"sub":"alice"}' };
  t.match((await ask(issuer)).answer, { claims: { sub: 'alice' } });
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
      t.match((await ask(issuer)).answer, { ...wrong, claims: { iss } }, answer.body);
    }
    server.answer = asJson({ active: true, jwt: phantomJwt({ iss }) });
    t.match((await ask(issuer)).answer, { ...wrong, claims: { iss } });
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
  const time = { now: Date.now() };
  const rotating = await startKeyedServer(t);
  const introspector = startIntrospector(t, rotating.issuer, { now: () => time.now });
  const current = { key: rotating.key, kid: 'one' };
  const present = (token: string) => {
    const claims = { iss: rotating.issuer, sub: token };
    rotating.answer = asJwt(jws({ alg: 'ES256', kid: current.kid }, claims, current.key.privateKey));
    return judged(introspector, token, () => time.now);
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
      message: 'it answered 401 invalid_client: it does not know us: see client_id and client_auth',
    });
  },
);
