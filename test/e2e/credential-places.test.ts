/** A token in each place that a route may name, over the wire: what is asked about it, what the policy sees, and what goes upstream. */
import t from 'tap';
import { get, startJudged } from '../support/judged.ts';
import { reasons } from '../support/open-gateway.ts';
import { until } from '../support/traced.ts';
import { openWire, problemOf } from '../support/wire.ts';

const ALL = '[header, { header: X-Token }, query, { cookie: session }, body]';
const { ask, gateway, upstream } = await startJudged(t, {
  routes: `
  - { name: default, match: { path: /default }, service: api, policy: judge/all }
  - { name: header, match: { path: /header }, service: api, policy: judge/all, credential: [{ header: X-Token }] }
  - { name: query, match: { path: /query }, service: api, policy: judge/all, credential: [query] }
  - { name: cookie, match: { path: /cookie }, service: api, policy: judge/all, credential: [{ cookie: session }] }
  - { name: form, match: { path: /form }, service: api, policy: judge/all, credential: [body],
      body: { credential_max_size: 1KiB } }
  - { name: all, match: { path: /all }, service: api, policy: judge/all, credential: ${ALL} }
  - { name: optional, match: { path: /optional }, service: api, policy: judge/all, credential: ${ALL}, token: optional }
  - { name: shown, match: { path: /shown }, service: api, policy: judge/all, credential: ${ALL}, hide_credentials: false,
      identity_headers: { jwt: X-Phantom } }
  - { name: open, match: { path: /open }, service: api, policy: judge/all, credential: ${ALL}, token: none }
  - { name: passed, match: { path: /passed }, service: api, policy: judge/all, credential: ${ALL}, token: none,
      forward_unverified_authorization: true }`,
});

const FORM = 'Content-Type: application/x-www-form-urlencoded';
const post = (target: string, body: string, ...lines: readonly string[]): string =>
  [
    `POST ${target} HTTP/1.1`,
    'Host: api.example.com',
    ...lines,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
const chunked = (target: string, chunks: readonly string[], ...lines: readonly string[]): string =>
  [
    `POST ${target} HTTP/1.1`,
    'Host: api.example.com',
    ...lines,
    'Transfer-Encoding: chunked',
    '',
    ...chunks.flatMap((chunk) => [chunk.length.toString(16), chunk]),
    '0',
    '',
    '',
  ].join('\r\n');

/** What the upstream got of what a client may say: target, credentials, framing and body. */
type Reached = { target: string; fields: string[]; body: string } | null;
const TOLD = /^(?:authorization|x-token|x-phantom|cookie|content-type|content-length|transfer-encoding)$/i;

/** Sends it; gives the status, whom the policy saw, and what reached the upstream. */
async function given(bytes: string): Promise<{ status: number; who: unknown; reached: Reached }> {
  const { status, seen, sent } = await ask(bytes);
  return {
    status,
    who: seen?.claims?.['sub'] ?? null,
    reached: sent && {
      target: sent.target,
      fields: sent.fields
        .filter(([name]) => TOLD.test(name))
        .map(([name, value]) => `${name}: ${value.replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]+$/, 'JWT')}`),
      body: sent.body,
    },
  };
}
const JWT = 'authorization: Bearer JWT';
const alice = (target: string, fields: readonly string[] = [], body = '') => ({
  status: 200,
  who: 'alice',
  reached: { target, fields, body },
});
const refused = (status: number) => ({ status, who: null, reached: null });

t.test(
  'a token in another header is taken, bare or with its scheme, and the phantom JWT goes on',
  async (t) => {
    for (const line of ['X-Token: alice', 'x_token: Bearer alice'])
      t.strictSame(await given(get('/header', line)), alice('/header', [JWT]), line);
    t.strictSame(await given(get('/header', 'Authorization: Bearer alice')), refused(401), 'no other header');
  },
);

t.test('a token in the query is taken out of it', async (t) => {
  for (const [query, left] of [
    ['?access_token=alice', ''],
    ['?a=%zz&access_token=alice', '?a=%zz'],
    ['?acc%65ss_token=%61lice&b&&c=+', '?b&&c=+'],
  ] as const) {
    const result = await ask(get(`/query${query}`));
    t.equal(result.status, 200, query);
    t.equal(result.sent?.target, `/query${left}`);
    t.equal(result.seen?.query['access_token'], undefined, 'the policy does not see it');
  }
  t.strictSame(await given(get('/query?access_token=nobody-s')), refused(401), 'a bad one is a bad one');
});

t.test('a token in a cookie is taken out of them', async (t) => {
  const other = ['cookie: a=1; b="2"', JWT];
  t.match(await given(get('/cookie', 'Cookie: a=1; session="alice"; b="2"')), alice('/cookie'));
  t.strictSame(
    await given(get('/cookie', 'cookie: session=alice; a=1; b="2"')),
    alice('/cookie', other),
    'the others stay',
  );
  t.strictSame(await given(get('/cookie', 'Cookie: session=alice')), alice('/cookie', [JWT]));
});

t.test('a token in a form is taken out of it, however the form is framed', async (t) => {
  const expected = alice('/form', [FORM, JWT, 'content-length: 9'], 'a=%zz&b=+');
  const form = 'a=%zz&access_token=alice&b=+';
  t.strictSame(await given(post('/form', form, FORM)), expected);
  t.strictSame(await given(chunked('/form', [form], FORM)), expected);
  t.strictSame(await given(chunked('/form', form.split(''), FORM)), expected, 'in pieces of one byte');
  t.strictSame(
    await given(post('/form', 'access_token=alice', `${FORM}; charset=UTF-8`)),
    alice('/form', [`${FORM}; charset=UTF-8`, JWT, 'content-length: 0']),
    'nothing may be left of it',
  );
  t.strictSame(await given(post('/form', 'access_token=alice')), refused(400), 'one that does not say so');
  t.strictSame(
    await given(post('/form', 'access_token=alice', 'Content-Type: text/plain')),
    refused(401),
    'no other body is one',
  );
});

t.test('the next request on the connection starts where the form ended', async (t) => {
  const wire = await openWire(t, gateway.url);
  const before = upstream.requests.length;
  wire.send(
    post('/form', 'access_token=alice&a=1', FORM) +
      chunked('/form', ['access_', 'token=alice&a=2'], FORM) +
      post('/form', 'access_token=nobody-s', FORM) +
      get('/header', 'X-Token: alice'),
  );
  const statuses: number[] = [];
  for (let answers = 0; answers < 4; answers++) statuses.push((await wire.reply()).status);
  t.strictSame(statuses, [200, 200, 401, 200]);
  t.strictSame(
    upstream.requests.slice(before).map(({ target, body }) => [target, body]),
    [
      ['/form', 'a=1'],
      ['/form', 'a=2'],
      ['/header', ''],
    ],
  );
});

t.test(
  'a client who expects 100 Continue is told so before the form is read, and only if it is',
  async (t) => {
    const wire = await openWire(t, gateway.url);
    const [head = '', body = ''] = post('/form', 'access_token=alice', FORM, 'Expect: 100-continue').split(
      /(?<=\r\n\r\n)/,
    );
    wire.send(head);
    t.match(await wire.reply(), { status: 100 });
    wire.send(body);
    t.match(await wire.reply(), { status: 200 });

    for (const [line, status] of [
      ['Content-Encoding: gzip', 400],
      ['Content-Length: 1025', 413],
    ] as const) {
      const other = await openWire(t, gateway.url);
      other.send(
        `POST /form HTTP/1.1\r\nHost: a\r\n${FORM}\r\nExpect: 100-continue\r\n${line}\r\n${
          status === 400 ? 'Content-Length: 9\r\n' : ''
        }\r\n`,
      );
      t.match(await other.reply(), { status, headers: { connection: 'close' } }, line);
    }
  },
);

t.test('a form in which a token may be has a size of its own', async (t) => {
  const large = `access_token=alice&a=${'x'.repeat(1_004)}`;
  t.strictSame(await given(post('/form', large, FORM)), refused(413));
  t.strictSame(await given(chunked('/form', [large], FORM)), refused(413));
  t.match(await given(post('/form', large.slice(1), FORM)), refused(401), 'one byte less is read');
  t.match(await given(post('/default', large, FORM, 'Authorization: Bearer alice')), { status: 200 });
  t.match(await given(post('/all', 'x'.repeat(100_000), 'Content-Type: a/b', 'X-Token: alice')), {
    status: 200,
  });
});

t.test('a client who leaves within a form was never there', async (t) => {
  const before = reasons(gateway).length;
  const requests = upstream.requests.length;
  const wire = await openWire(t, gateway.url);
  wire.send(post('/form', 'access_token=alice', FORM).slice(0, -1));
  wire.socket.end();
  await until(() => reasons(gateway).length > before);
  t.strictSame(reasons(gateway).slice(before), ['client_gone']);
  t.equal(upstream.requests.length, requests);
});

t.test('a form that turns out to be malformed is refused as such', async (t) => {
  const wire = await openWire(t, gateway.url);
  wire.send(chunked('/form', ['access_token=alice'], FORM).replace(/0\r\n\r\n$/, 'x\r\n\r\n'));
  const reply = await wire.reply();
  t.match(reply, { status: 400, headers: { connection: 'close' } });
  t.match(problemOf(reply), { detail: 'The request is malformed.' });
});

t.test(
  'a form without a token goes on as it came, where the token is elsewhere or need not be',
  async (t) => {
    const form = 'a=%zz&&b=\xff\0';
    const expected = (target: string, more: readonly string[] = []) => ({
      target,
      fields: [FORM, ...more, `content-length: ${form.length}`],
      body: form,
    });
    const given_ = await given(post('/all', form, FORM, 'X-Token: alice'));
    t.strictSame(given_, { status: 200, who: 'alice', reached: expected('/all', [JWT]) });
    t.strictSame(await given(post('/optional', form, FORM)), {
      status: 200,
      who: null,
      reached: expected('/optional'),
    });
  },
);

t.test('two credentials are refused, in any two places', async (t) => {
  const places: { target?: string; line?: string; form?: string }[] = [
    { line: 'Authorization: Bearer alice' },
    { line: 'Authorization: Basic YTpi' },
    { line: 'X-Token: alice' },
    { target: '?access_token=alice' },
    { line: 'Cookie: session=alice' },
    { form: 'access_token=alice' },
  ];
  for (const route of ['/all', '/optional', '/shown'])
    for (const [index, one] of places.entries())
      for (const other of places.slice(index)) {
        const lines = [one.line ?? [], other.line ?? []].flat();
        const query = [one.target ?? [], other.target ?? []].flat().join('&').replaceAll('&?', '&');
        const form = [one.form ?? [], other.form ?? []].flat().join('&');
        const bytes = form === '' ? get(route + query, ...lines) : post(route + query, form, FORM, ...lines);
        const { status, reached } = await given(bytes);
        // What is no bearer token is refused as such before the form is read.
        const early = bytes.includes('Basic') && form !== '';
        t.strictSame({ status, reached }, { status: early ? 401 : 400, reached: null }, bytes);
      }
});

t.test(
  '`hide_credentials: false`: what was verified goes upstream as it came, and no policy sees it',
  async (t) => {
    const phantom = 'X-Phantom: JWT';
    t.strictSame(
      await given(get('/shown?a&access_token=alice')),
      alice('/shown?a&access_token=alice', [phantom]),
    );
    for (const line of ['Authorization: Bearer alice', 'X-Token: alice', 'Cookie: session=alice; b=1']) {
      const { status, seen, sent } = await ask(get('/shown', line));
      t.equal(status, 200);
      t.ok(sent?.raw.includes(`\r\n${line}\r\n`), line);
      t.notMatch(JSON.stringify(seen?.headers), 'token');
    }
    const form = 'access_token=alice&a';
    t.strictSame(
      await given(post('/shown', form, FORM)),
      alice('/shown', [FORM, phantom, `content-length: ${form.length}`], form),
    );
  },
);

t.test('where no token is needed, none goes upstream, unless the route says so', async (t) => {
  const lines = ['Authorization: Basic YTpi', 'X-Token: a', 'X-Token: b', 'Cookie: session=x; c=1'];
  const bytes = (route: string): string =>
    post(`${route}?access_token=1&access_token=2&b`, 'access_token=1&c', FORM, ...lines);
  t.strictSame(await given(bytes('/open')), {
    status: 200,
    who: null,
    reached: { target: '/open?b', fields: [FORM, 'Cookie: c=1', 'content-length: 1'], body: 'c' },
  });
  const { seen, sent } = await ask(bytes('/passed'));
  t.equal(sent?.target, '/passed?access_token=1&access_token=2&b');
  t.equal(sent?.body, 'access_token=1&c');
  for (const line of lines) t.ok(sent?.raw.includes(`\r\n${line}\r\n`), line);
  t.strictSame(Object.keys(seen?.query ?? {}), ['b'], 'the policy does not see it even so');
  t.equal(seen?.headers['x-token'], undefined);
});
