/** Consumers over the wire: who is found by which claim, what the upstream and the policy are told, and who is refused. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { startGateway } from '../support/gateway.ts';
import { call, startUpstream } from '../support/http.ts';
import { bundleOf, ENTRYPOINT } from '../support/rego.ts';

const exp = (): number => Math.floor(Date.now() / 1_000) + 60;

/** The answers to the tokens of these tests. */
const ANSWERS: Readonly<Record<string, object>> = {
  crm: { client_id: 'crm-client', username: 'alice', sub: 'u-1', scope: 'read', user: { names: ['crm'] } },
  other: { client_id: 'other-client', sub: 'u-2' },
  silent: { sub: 'u-3' },
  full: {
    client_id: 'crm-client',
    username: 'alice@example.com',
    token_type: 'Bearer',
    scope: 'read write',
    iat: 1_700_000_000,
    nbf: 1_700_000_001,
    exp: 4_000_000_000,
    sub: 'José',
    aud: ['api', 'a,b'],
    jti: 'j-1',
    email: 'unasked@example.com',
  },
  listed: { client_id: 'x', user: { names: ['billing', 'crm'] } },
};

const CONSUMERS = `
consumers:
  - { id: c-1, username: crm, custom_id: crm-client, groups: [partners, gold], authorization_server: main }
  - { id: c-2, username: billing, custom_id: partner-client, authorization_server: partners }
  - { id: c-3, username: crm-at-partners, custom_id: crm-client, authorization_server: partners }
  - { username: guest, authorization_server: main }`;

const POLICY = `package consumers

${ENTRYPOINT}partners := true if "partners" in input.consumer.groups
else := false

${ENTRYPOINT}anybody := true if {
  is_object(input.consumer)
  input.authenticated == (input.consumer.username != "guest")
}
else := false
`;

async function start(t: Test) {
  const answering = (token: string) => {
    const claims = ANSWERS[token];
    return { body: JSON.stringify(claims ? { active: true, exp: exp(), ...claims } : { active: false }) };
  };
  const main = await startScriptedServer(t, answering);
  const partners = await startScriptedServer(t, answering);
  const upstream = await startUpstream(t);
  const bundle = join(t.testdir(), 'bundle.tar.gz');
  writeFileSync(bundle, await bundleOf(t, POLICY));
  const route = (name: string, more: string): string =>
    `\n  - { name: ${name}, match: { path: /${name} }, service: api, ${more} }`;
  const { url, logged } = await startGateway(t, {
    issuer: main.issuer,
    upstream: upstream.url,
    policies: bundle,
    server: `  partners: { issuer: "${partners.issuer}", allow_insecure_requests: true, client_id: p, client_secret: s }`,
    more: `${CONSUMERS}
defaults: { policy: none, authorization_server: main, identity_headers: { consumer: true, jwt: false } }`,
    routes: [
      route('client', 'consumer: { claim: client_id, by: custom_id }'),
      route('partner', 'consumer: { claim: client_id, by: custom_id }, authorization_server: partners'),
      route('pointer', 'consumer: { claim: /user/names/0, by: username }'),
      route('lax', 'consumer: { claim: client_id, by: custom_id, required: false }'),
      route('judged', 'consumer: { claim: client_id, by: custom_id }, policy: consumers/partners'),
      route('credential', 'identity_headers: { credential: true, jwt: false }'),
      route('optional', 'consumer: {}, token: optional, anonymous: guest, policy: consumers/anybody'),
    ].join(''),
  });
  /** The status, or what the upstream was told of the consumer. */
  const told = async (path: string, token?: string): Promise<number | Record<string, unknown>> => {
    const { status } = await call(url, { path, ...(token === undefined ? {} : { token }) });
    const request = upstream.requests.pop();
    if (!request) return status;
    return Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => /^x-(?:consumer|credential|anonymous)/.test(name)),
    );
  };
  return { url, told, logged };
}

const CRM = {
  'x-consumer-id': 'c-1',
  'x-consumer-custom-id': 'crm-client',
  'x-consumer-username': 'crm',
  'x-consumer-groups': 'partners,gold',
};

t.test('a consumer is found by a claim, and its upstream is told who it is', async (t) => {
  const { told } = await start(t);
  t.strictSame(await told('/client', 'crm'), CRM);
  t.strictSame(await told('/pointer', 'crm'), CRM);
  t.strictSame(await told('/pointer', 'listed'), 403, 'billing calls with tokens of another server');
  t.strictSame(await told('/lax', 'crm'), CRM);
});

t.test('a token of nobody known is refused with 403, or passes where that is said', async (t) => {
  const { told, url, logged } = await start(t);
  for (const token of ['other', 'silent']) {
    t.equal(await told('/client', token), 403);
    t.strictSame(await told('/lax', token), {});
  }
  const { status, headers, json } = await call(url, { path: '/client', token: 'other' });
  t.equal(status, 403);
  t.notOk('www-authenticate' in headers, 'no token of this client would do');
  t.match(json(), { status: 403, detail: 'The token does not give access here.' });
  t.notMatch(JSON.stringify(json()), /other-client|consumer/);
  t.match(
    logged().filter(({ message }) => message === 'refused'),
    [
      {
        reason: 'consumer_unknown',
        detail: 'no consumer has what the claim client_id says as its custom_id',
      },
    ],
  );
});

t.test('of two authorization servers each has its own consumers, whatever their names', async (t) => {
  const { told } = await start(t);
  t.strictSame(await told('/partner', 'crm'), {
    'x-consumer-id': 'c-3',
    'x-consumer-custom-id': 'crm-client',
    'x-consumer-username': 'crm-at-partners',
  });
  t.strictSame(await told('/client', 'crm'), CRM, 'and on the next route the other one again');
});

t.test('the policy judges by the consumer', async (t) => {
  const { told } = await start(t);
  t.strictSame(await told('/judged', 'crm'), CRM);
  t.equal(await told('/judged', 'other'), 403);
});

t.test(
  'without a token the anonymous consumer stands for the caller; a bad token is no such case',
  async (t) => {
    const { told } = await start(t);
    t.strictSame(await told('/optional'), { 'x-consumer-username': 'guest', 'x-anonymous-consumer': 'true' });
    t.strictSame(await told('/optional', 'crm'), CRM);
    t.equal(await told('/optional', 'other'), 403);
    t.equal(await told('/optional', 'unknown'), 401);
  },
);

t.test('what the authorization server says of the token goes upstream under Kong’s names', async (t) => {
  const { told } = await start(t);
  t.strictSame(await told('/credential', 'full'), {
    'x-credential-scope': 'read write',
    'x-credential-client-id': 'crm-client',
    'x-credential-identifier': 'alice@example.com',
    'x-credential-token-type': 'Bearer',
    'x-credential-exp': '4000000000',
    'x-credential-iat': '1700000000',
    'x-credential-nbf': '1700000001',
    'x-credential-sub': 'Jos%C3%A9',
    'x-credential-aud': 'api,a%2Cb',
    'x-credential-jti': 'j-1',
  });
  const { 'x-credential-exp': _, ...sparse } = (await told('/credential', 'silent')) as Record<
    string,
    unknown
  >;
  t.strictSame(sparse, { 'x-credential-sub': 'u-3' });
});
