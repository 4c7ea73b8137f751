import * as fc from 'fast-check';
import t, { type Test } from 'tap';
import type { Received } from '../../src/exchange.ts';
import { EndpointError, type OAuthFetch, UnansweredError } from '../../src/oauth/fetch.ts';
import { introspectionRequest, varying } from '../../src/oauth/introspection-request.ts';
import { fields, received, target } from '../support/exchange.ts';
import { ask, serverConfig, startKeyedServer } from '../support/introspection.ts';
import { keyPairFor } from '../support/keys.ts';

const server = await startKeyedServer(t);
const { issuer } = server;
const inactive = { body: '{"active":false}' };
/** The server's own fields of a request, less those of every connection. */
const CONNECTION = new Set(['host', 'connection', 'content-length', 'user-agent', 'authorization']);

t.beforeEach(() => {
  server.requests.length = 0;
  server.answer = inactive;
});

/** Asks about a token that came with this request; what the server heard. */
async function heard(introspection: object, came: Partial<Received> = {}, token = 'token') {
  const config = serverConfig('https://as.example', { introspection });
  const asked: { url: string; headers: Headers; form: [string, string][] }[] = [];
  const fetch: OAuthFetch = (url, { headers, body }) => {
    asked.push({
      url,
      headers: new Headers(headers as HeadersInit),
      form: [...new URLSearchParams(String(body))],
    });
    return Promise.resolve(new Response());
  };
  const metadata = () => Promise.reject(new Error('not asked'));
  await introspectionRequest(config, { metadata, fetch, now: Date.now })({ token, received: received(came) });
  const [one] = asked;
  if (!one) throw new Error('nothing was asked');
  const headers = Object.fromEntries([...one.headers].filter(([name]) => !CONNECTION.has(name)));
  return { ...one, headers };
}
const ENDPOINT = { endpoint: 'https://as.example/ask' };
const OWN = {
  accept: 'application/jwt, application/token-introspection+jwt;q=0.9, application/json;q=0.5',
  'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
};

t.test(
  'Curity’s Lua plugins: the token is asked about in a form, and a parameter inside it stays inside',
  async (t) => {
    await ask(issuer, {}, 'a&token_type_hint=b+c');
    const asked = server.requests.at(-1)!;
    t.equal(asked.url, '/ask');
    t.match(asked.headers['content-type'], 'application/x-www-form-urlencoded');
    t.strictSame([...new URLSearchParams(asked.body)], [['token', 'a&token_type_hint=b+c']]);
  },
);

t.test('no token adds a parameter, or replaces one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1 }), async (token) => {
      const { form } = await heard(
        { ...ENDPOINT, token_type_hint: 'access_token', parameters: { a: '1' } },
        {},
        token,
      );
      const expected = [
        ['a', '1'],
        ['token_type_hint', 'access_token'],
        ['token', token.toWellFormed()],
      ];
      return JSON.stringify(form) === JSON.stringify(expected);
    }),
  );
});

t.test('the form has the token and what is configured, the request its own fields alone', async (t) => {
  const { form, headers, url } = await heard(ENDPOINT);
  t.equal(url, 'https://as.example/ask');
  t.strictSame(form, [['token', 'token']]);
  t.strictSame(headers, OWN);
  const more = await heard({
    ...ENDPOINT,
    token_type_hint: 'access_token',
    parameters: { resource: 'https://api?a=b&c', 'x y': 'é' },
    headers: { 'X-Tenant': 'blue', 'User-Agent': 'ours' },
  });
  t.strictSame(more.form, [
    ['resource', 'https://api?a=b&c'],
    ['x y', 'é'],
    ['token_type_hint', 'access_token'],
    ['token', 'token'],
  ]);
  t.strictSame(more.headers, { ...OWN, 'x-tenant': 'blue' });
});

t.test('even past the rules, parameters and headers do not replace what is asked, or how', async (t) => {
  const { form, headers } = await heard({
    ...ENDPOINT,
    parameters: { token: 'another' },
    headers: { Accept: 'text/html', 'Content-Type': 'text/plain' },
  });
  t.strictSame(form, [['token', 'token']]);
  t.strictSame(headers, OWN);
  await t.rejects(heard({ ...ENDPOINT, headers: { Authorization: 'Bearer mine' } }), TypeError);
});

t.test('auto asks for all forms, the strongest first, and one type for that alone', async (t) => {
  const cases = {
    auto: 'application/jwt, application/token-introspection+jwt;q=0.9, application/json;q=0.5',
    'application/jwt': 'application/jwt',
    'application/token-introspection+jwt': 'application/token-introspection+jwt',
    'application/json': 'application/json',
  };
  for (const [accept, expected] of Object.entries(cases))
    t.equal((await heard({ ...ENDPOINT, accept })).headers['accept'], expected);
});

t.test('fields of the caller’s request that are named are sent along, and no others', async (t) => {
  const introspection = { ...ENDPOINT, client_headers: ['X-Tenant', 'DPoP'] };
  const came = { fields: fields('x-tenant', 'blue', 'X-Other', '1', 'Authorization', 'Bearer token') };
  t.strictSame((await heard(introspection, came)).headers, { ...OWN, 'x-tenant': 'blue' });
  t.strictSame((await heard(introspection)).headers, OWN, 'none where the caller has none');
  const empty = { fields: fields('X-Tenant', '') };
  t.strictSame((await heard(introspection, empty)).headers, { ...OWN, 'x-tenant': '' });
});

t.test('CVE-2021-32777: of a field that is there twice the server hears both', async (t) => {
  const introspection = { ...ENDPOINT, client_headers: ['X-Role'] };
  const came = { fields: fields('X-Role', 'user', 'a', 'b', 'x-role', 'admin') };
  t.equal((await heard(introspection, came)).headers['x-role'], 'user, admin');
});

t.test(
  'CVE-2026-39858: the server judges what an upstream may read by that name, however it is spelled',
  async (t) => {
    const introspection = { ...ENDPOINT, client_headers: ['X-Role'] };
    for (const name of ['x_role', 'X.Role', 'X-ROLE'])
      t.equal(
        (await heard(introspection, { fields: fields(name, 'admin') })).headers['x-role'],
        'admin',
        name,
      );
  },
);

t.test('CVE-2024-45410: what Connection lists goes no further, to the server neither', async (t) => {
  const introspection = { ...ENDPOINT, client_headers: ['X-Role'] };
  for (const connection of ['X-Role', 'close, x-role', 'x_role'])
    t.strictSame(
      (await heard(introspection, { fields: fields('Connection', connection, 'X-Role', 'admin') })).headers,
      OWN,
      connection,
    );
});

t.test('introspect_request tells the canonical path and the method, without the query', async (t) => {
  const introspection = { ...ENDPOINT, introspect_request: true };
  const came = {
    method: 'DELETE',
    target: target('/%61ccounts/a%c3%a9?access_token=secret'),
    fields: fields('X-Request-Path', '/public', 'X-Request-Http-Method', 'GET'),
  };
  t.strictSame((await heard(introspection, came)).headers, {
    ...OWN,
    'x-request-path': '/accounts/a%C3%A9',
    'x-request-http-method': 'DELETE',
  });
});

t.test('what an answer may depend on is the same for two requests only when the same is sent', async (t) => {
  const config = serverConfig(issuer, {
    introspection: { client_headers: ['A', 'B'], introspect_request: true },
  });
  const plain = serverConfig(issuer);
  t.equal(varying(plain, received({ fields: fields('A', '1') })), '', 'nothing is, by default');
  const one = (...more: string[]): string => varying(config, received({ fields: fields(...more) }));
  t.equal(one('A', '1', 'B', '2'), one('B', '2', 'X', '3', 'a', '1'), 'order and others do not matter');
  const different = [
    one(),
    one('A', ''),
    one('A', '1'),
    one('B', '1'),
    one('A', '1', 'B', '2'),
    one('A', '1', 'A', '2'),
    one('A', '11:B1:2'),
    one('A', 'B1'),
    one('A', '', 'B', '1'),
    varying(config, received({ method: 'POST' })),
    varying(config, received({ target: target('/other') })),
  ];
  t.equal(new Set(different).size, different.length);
  const value = fc.option(fc.string({ unit: fc.constantFrom('1', ':', 'A', 'B', ',', ' ') }), {
    nil: undefined,
  });
  fc.assert(
    fc.property(value, value, value, value, (a, b, c, d) => {
      const sent = (x?: string, y?: string): string =>
        one(...(x === undefined ? [] : ['A', x]), ...(y === undefined ? [] : ['B', y]));
      return (sent(a, b) === sent(c, d)) === (a === c && b === d);
    }),
  );
});

t.test('a configured endpoint needs no discovery for an answer without a signature', async (t) => {
  await ask(issuer, { introspection: { endpoint: `${issuer}/mine` } });
  t.strictSame(
    server.requests.map(({ url }) => url),
    ['/mine'],
  );
});

t.test('a client known by its certificate asks at the endpoint for such (RFC 8705 section 5)', async (t) => {
  const before = server.metadata;
  t.teardown(() => void (server.metadata = before));
  const asked = async (more: object): Promise<string> => {
    server.requests.length = 0;
    await ask(issuer, { client_secret: undefined, ...more });
    return server.requests.at(-1)!.url;
  };
  const mutual = { client_auth: 'tls_client_auth' };
  t.equal(await asked(mutual), '/ask', 'without aliases, the ordinary one');
  server.metadata = { ...before, mtls_endpoint_aliases: { introspection_endpoint: `${issuer}/mutual` } };
  t.equal(await asked(mutual), '/mutual');
  t.equal(await asked({ client_auth: 'self_signed_tls_client_auth' }), '/mutual');
  t.equal(await asked({ client_auth: 'none' }), '/ask');
  t.equal(await asked({ ...mutual, introspection: { endpoint: `${issuer}/mine` } }), '/mine', 'configured');
  server.metadata = { ...before, mtls_endpoint_aliases: { introspection_endpoint: 'https://evil.example/' } };
  await t.rejects(
    asked(mutual),
    new EndpointError("https://evil.example is neither the issuer's origin nor one of endpoint_origins"),
  );
});

t.test('metadata without the endpoint is named', async (t) => {
  const before = server.metadata;
  t.teardown(() => void (server.metadata = before));
  for (const more of [{}, { introspection_endpoint: 7 }, { mtls_endpoint_aliases: {} }]) {
    server.metadata = { issuer, ...more };
    await t.rejects(ask(issuer), new EndpointError('its metadata names no introspection_endpoint'));
  }
});

/** Asks over connections of which the first `failing` fail; what was asked, and how long the pauses were to be at most. */
async function asking(
  t: Test,
  failing: number,
  more: object = {},
  failure: Error = new UnansweredError('ECONNRESET', null),
) {
  const forms: URLSearchParams[] = [];
  const deadlines = new Set<unknown>();
  const fetch: OAuthFetch = (_url, { body, signal }) => {
    deadlines.add(signal);
    forms.push(new URLSearchParams(String(body)));
    return forms.length <= failing ? Promise.reject(failure) : Promise.resolve(new Response());
  };
  let drawn = 0;
  const random = (): number => {
    drawn++;
    return 0;
  };
  const config = serverConfig('https://as.example', { introspection: ENDPOINT, ...more });
  const metadata = () => Promise.reject(new Error('not asked'));
  const request = introspectionRequest(config, { metadata, fetch, now: Date.now, random });
  const outcome = await request({ token: 't', received: received() }).then(
    () => 'answered',
    (error: Error) => error,
  );
  t.equal(drawn, Math.max(forms.length - 1, 0), 'each repetition waits for a random time');
  t.equal(deadlines.size, 1, 'and all have one deadline');
  for (const deadline of deadlines) t.type(deadline, AbortSignal);
  return { outcome, forms };
}

t.test('a call whose connection failed is repeated, as often as configured', async (t) => {
  const retries = (count: number) => ({ introspection: { ...ENDPOINT, retries: count } });
  const cases: [failing: number, retries: number, calls: number, answered: boolean][] = [
    [0, 1, 1, true],
    [1, 1, 2, true],
    [2, 1, 2, false],
    [1, 0, 1, false],
    [3, 3, 4, true],
    [9, 5, 6, false],
  ];
  for (const [failing, times, calls, answered] of cases) {
    const { outcome, forms } = await asking(t, failing, retries(times));
    t.equal(forms.length, calls, `${failing} fail, ${times} retries`);
    t.equal(outcome === 'answered', answered);
  }
});

t.test('no other failure is repeated', async (t) => {
  for (const failure of [
    new DOMException('late', 'TimeoutError'),
    new EndpointError('x'),
    new Error('bug'),
  ]) {
    const { outcome, forms } = await asking(t, 1, {}, failure);
    t.equal(outcome, failure);
    t.equal(forms.length, 1);
  }
});

t.test('an assertion is made anew for each repetition: the server may have seen the first one', async (t) => {
  const client_key = JSON.stringify(keyPairFor('ES256').privateJwk);
  const settings = { client_auth: 'private_key_jwt', client_secret: undefined, client_key };
  const { outcome, forms } = await asking(t, 1, settings);
  t.equal(outcome, 'answered');
  const assertions = forms.map((form) => form.get('client_assertion'));
  t.equal(new Set(assertions).size, 2);
  t.strictSame(
    forms.map((form) => form.getAll('token')),
    [['t'], ['t']],
  );
});
