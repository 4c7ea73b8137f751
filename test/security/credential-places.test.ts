/**
 * What a client may try with credentials in more places than one: a second one that an upstream would read, one that hides where the
 * gateway does not look, or somebody else's. The upstream gets none of it, and trace and log hold no token.
 */
import t from 'tap';
import { brief, get, passed, plain, refused, startJudged, words } from '../support/judged.ts';
import { spans } from '../support/gateway.ts';
import { openWire } from '../support/wire.ts';

const { ask, gateway, upstream } = await startJudged(t, {
  routes: `
  - { name: default, match: { path: /default }, service: api, policy: judge/all }
  - { name: query, match: { path: /query }, service: api, policy: judge/all, credential: [header, query] }
  - { name: cookie, match: { path: /cookie }, service: api, policy: judge/all, credential: [header, { cookie: session }] }
  - { name: form, match: { path: /form }, service: api, policy: judge/all, credential: [header, body] }
  - { name: custom, match: { path: /custom }, service: api, policy: judge/all, credential: [{ header: X-Token }] }
  - { name: shown, match: { path: /shown }, service: api, policy: judge/all, credential: [query], hide_credentials: false,
      identity_headers: { jwt: false } }
  - { name: pages, match: { path: /pages }, service: api, policy: judge/all, credential: [{ cookie: session }],
      cors: { origins: [https://app.example.com], credentials: true } }`,
});

const FORM = 'Content-Type: application/x-www-form-urlencoded';
const BEARER = 'Authorization: Bearer alice';
const JWT = 'authorization: Bearer JWT';
const send = (method: string, target: string, body: string, ...lines: readonly string[]): string =>
  [
    `${method} ${target} HTTP/1.1`,
    'Host: api.example.com',
    ...lines,
    `Content-Length: ${Buffer.byteLength(body, 'latin1')}`,
    '',
    body,
  ].join('\r\n');
const form = (body: string, ...lines: readonly string[]): string =>
  send('POST', '/form', body, FORM, ...lines);

t.test(
  'Kong: bearer_token_param_type defaults to body, header and query; here it is the header alone',
  async (t) => {
    for (const bytes of [
      get('/default?access_token=alice'),
      get('/default', 'Cookie: access_token=alice'),
      get('/default', 'X-Token: alice'),
      send('POST', '/default', 'access_token=alice', FORM),
    ])
      t.strictSame(brief(await ask(bytes)), refused(401), bytes);
    const target = '/default?access_token=bob';
    const { seen, ...outcome } = await ask(get(target, BEARER));
    t.strictSame(
      brief({ ...outcome, seen }),
      passed(plain(target, { own: [JWT] })),
      'it is any parameter there',
    );
    t.strictSame(seen?.query, { access_token: ['bob'] });
  },
);

t.test('a second credential is refused in any form in which an upstream could read it', async (t) => {
  const names = words`access_token acc%65ss_token %61ccess_token Access_Token access_token[] access_token[0] [access_token]
    access.token access+token +access_token access_token%00 access%255ftoken acc%u0065ss_token access[token %EF%BB%BFaccess_token
    ?access_token %3Faccess_token acces%c1%b3_token acces%e0%81%b3_token %uff41ccess_token %EF%BD%81ccess_token acce%E2%80%8Bss_token
    access_to%E2%84%AAen %25252525252561ccess_token %2525252525252561ccess_token`;
  for (const name of names) {
    for (const query of [
      `access_token=alice&${name}=admin`,
      `${name}=admin&access_token=alice`,
      `a;${name}=admin`,
    ])
      t.strictSame(
        brief(await ask(get(`/query?${query}`, ...(query.startsWith('a;') ? [BEARER] : [])))),
        refused(400),
        query,
      );
    t.strictSame(brief(await ask(form(`a=1&${name}=admin`, BEARER))), refused(400), name);
  }
});

t.test('URLSearchParams drops a ? at the start: a second one hides no parameter', async (t) => {
  const targets = words`/query?access_token=alice&?access_token=admin /query??access_token=admin /query???access_token=admin`;
  for (const target of targets) {
    const lines = target.includes('alice') ? [] : [BEARER];
    t.strictSame(brief(await ask(get(target, ...lines))), refused(400), target);
  }
});

t.test('a parameter in another one, or in the path, is none', async (t) => {
  for (const target of [
    '/query?a=access_token=admin',
    '/query?a=%26access_token=admin',
    '/query?xaccess_token=admin',
  ])
    t.strictSame(brief(await ask(get(target, BEARER))), passed(plain(target, { own: [JWT] })), target);
});

t.test(
  'CVE-2020-7070 (PHP), CVE-2023-26049 (Jetty): a cookie that others read as the session is refused beside a token',
  async (t) => {
    for (const cookie of [
      'session=admin',
      '%73ession=admin',
      'Session=admin',
      'a=1, session=admin',
      'session[x]=admin',
      ' session =admin',
      'a="1; session=admin; b=2"',
      'session',
    ]) {
      t.strictSame(brief(await ask(get('/cookie', BEARER, `Cookie: ${cookie}`))), refused(400), cookie);
      const split = get('/cookie', 'Cookie: session=alice', `Cookie: ${cookie}`);
      t.strictSame(brief(await ask(split)), refused(400), `in a field of its own: ${cookie}`);
    }
    t.strictSame(
      brief(await ask(get('/cookie', 'Cookie: a="1; session=alice"'))),
      refused(401),
      'half a quoted value is no token',
    );
  },
);

t.test('CVE-2023-23934 (Werkzeug): a cookie that begins with = is no way to a second token', async (t) => {
  for (const cookie of [
    '=session=admin',
    '==session=admin',
    '= =session=admin',
    '=session',
    '=%73ession=admin',
  ]) {
    t.strictSame(brief(await ask(get('/cookie', `Cookie: session=alice; ${cookie}`))), refused(400), cookie);
    t.strictSame(brief(await ask(get('/cookie', BEARER, `Cookie: ${cookie}`))), refused(400), cookie);
  }
});

t.test('a cookie within another one, as SimpleCookie of Python reads them, is no second token', async (t) => {
  for (const cookie of [
    'a=b session=admin',
    'a=b\tsession=admin',
    'a="x" session=admin',
    'a="x"session=admin',
    'a=b session =admin',
    'a=b Session=admin',
    'a=b \xa0session=admin',
    '"session"=admin',
    '(session=admin',
    '@session=admin',
    '{session=admin',
    'a/session=admin',
    'a:session=admin',
  ])
    t.strictSame(brief(await ask(get('/cookie', `Cookie: session=alice; ${cookie}`))), refused(400), cookie);
  const others = 'a=my-session; b=x&session=1; c="d e"; my-session=1';
  t.strictSame(
    brief(await ask(get('/cookie', `Cookie: session=alice; ${others}`))),
    passed(plain('/cookie', { client: [`Cookie: ${others}`], own: [JWT] })),
  );
});

t.test('no form hides a second credential: by its type, its coding, its charset or its method', async (t) => {
  const second = 'access_token=admin';
  const ebcdic = Buffer.from('818383a5a2a26da396928595', 'hex').toString('latin1');
  for (const bytes of [
    form(second, BEARER, 'Content-Encoding: gzip'),
    form(second, BEARER, 'content_encoding: br'),
    send('POST', '/form', `${ebcdic}=admin`, `${FORM}; charset=ibm037`, BEARER),
    send('POST', '/form', 'a\0c\0c\0', `${FORM}; charset="UTF-16LE"`, BEARER),
    ...[`charset*=utf-8''utf-16-le`, '"charset"=utf-16-le', 'charset*0=utf-16; charset*1=le'].map((charset) =>
      send('POST', '/form', second.replace(/./g, '$&\0'), `${FORM}; ${charset}`, BEARER),
    ),
    ...[
      'text/urlencoded',
      '"application/x-www-form-urlencoded"',
      'x/y;a=application/x-www-form-urlencoded',
    ].map((type) => send('POST', '/form', second, `Content-Type: ${type}`, BEARER)),
    send('POST', '/form', second, `${FORM},text/plain`, BEARER),
    send('POST', '/form', second, `content_type: application/x-www-form-urlencoded`, BEARER),
    send('POST', '/form', second, BEARER),
    send('POST', '/form', second, 'Content-Type:', BEARER),
    ...['GET', 'HEAD', 'DELETE', 'PUT', 'PATCH', 'OPTIONS'].map((method) =>
      send(method, '/form', second, FORM, BEARER),
    ),
  ])
    t.strictSame(brief(await ask(bytes)), refused(400), bytes);
  for (const method of ['GET', 'DELETE'])
    t.strictSame(brief(await ask(send(method, '/form', 'access_token=alice', FORM))), refused(400), method);
});

t.test(
  'what was taken is in no field that speaks of the body, and the bytes are those that are announced',
  async (t) => {
    const digests = ['Content-Digest: sha-256=:AA==:', 'Content-MD5: AA==', 'Digest: sha-256=AA=='];
    const { status, seen, sent } = await ask(form('a=1&access_token=alice', ...digests));
    t.equal(status, 200);
    t.match(sent, { body: 'a=1' });
    t.notMatch(sent?.raw, /digest|content-md5/i);
    t.equal(seen?.headers['content-length'], '3', 'the policy judges what the upstream gets');
  },
);

t.test('trailers of a form bring no credential', async (t) => {
  const wire = await openWire(t, gateway.url);
  upstream.take();
  wire.send(
    `POST /form HTTP/1.1\r\nHost: a\r\n${FORM}\r\nTransfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n3\r\na=1\r\n0\r\n${BEARER}\r\n\r\n`,
  );
  t.match(await wire.reply(), { status: 401 });
  t.strictSame(upstream.take(), { requests: [], faults: [] });
});

t.test('Connection hides no credential from the gateway, nor the gateway’s from the upstream', async (t) => {
  const listed = await ask(get('/custom', 'X-Token: alice', 'Connection: X-Token, Authorization'));
  t.strictSame(brief(listed), passed(plain('/custom', { own: [JWT] })));
  t.strictSame(brief(await ask(get('/custom', 'X-Token: alice', 'X_Token: admin'))), refused(400));
  t.strictSame(brief(await ask(get('/custom', 'X-Token: alice, admin'))), refused(401));
});

t.test(
  'an Authorization that nobody verified does not go upstream beside a token that is shown',
  async (t) => {
    const target = '/shown?access_token=alice';
    for (const line of ['Authorization: Basic YTpi', 'Authorization: Bearer admin'])
      t.strictSame(brief(await ask(get(target, line))), passed(plain(target)), line);
  },
);

t.test('CSRF: a page of another site changes nothing by the user’s cookie', async (t) => {
  const cookie = 'Cookie: session=alice';
  const from = (path: string, ...lines: readonly string[]) => ask(send('POST', path, 'a', cookie, ...lines));
  for (const path of ['/cookie', '/pages'])
    for (const line of [
      'Sec-Fetch-Site: cross-site',
      'Sec-Fetch-Site: same-site',
      'Origin: https://evil.example',
      'Origin: https://api.example.com.evil.example',
      'Origin: https://api.example.com',
      'Origin: http://api.example.com:8080',
      'Origin: null',
    ])
      t.strictSame(brief(await from(path, line)), refused(403), `${path} ${line}`);
  for (const lines of [
    [],
    ['Sec-Fetch-Site: same-origin'],
    ['Origin: http://api.example.com'],
    ['Origin: http://api.example.com:80'],
  ])
    t.match(await from('/cookie', ...lines), { status: 200 });
  const app = ['Sec-Fetch-Site: same-site', 'Origin: https://app.example.com'];
  t.match(await from('/pages', ...app), { status: 200 }, 'the route’s cors says that it may');
  t.match(await from('/cookie', ...app), { status: 403 });
  t.match(
    await ask(get('/cookie', cookie, 'Sec-Fetch-Site: cross-site')),
    { status: 200 },
    'a link is a link',
  );
});

t.test('CSRF: behind a trusted proxy, the origin is that which the proxy was asked for', async (t) => {
  const behind = await startJudged(t, {
    listener: 'trusted_proxies: [127.0.0.1]',
    routes:
      '  - { name: cookie, match: { path: /cookie }, service: api, policy: judge/all, credential: [{ cookie: session }] }',
  });
  const from = (origin: string, ...lines: string[]) =>
    behind.ask(send('POST', '/cookie', 'a', 'Cookie: session=alice', `Origin: ${origin}`, ...lines));
  const proto = 'X-Forwarded-Proto: https';
  const www = [proto, 'X-Forwarded-Host: www.example.com'];
  t.match(await from('https://www.example.com', ...www), { status: 200 });
  t.match(await from('https://www.example.com:8443', ...www, 'X-Forwarded-Port: 8443'), { status: 200 });
  t.match(await from('https://api.example.com', proto), { status: 200 });
  for (const origin of words`http://www.example.com https://www.example.com:8443 https://evil.example`)
    t.strictSame(brief(await from(origin, ...www)), refused(403), origin);
});

t.test('a form of more fields than are looked at is refused, whatever they are', async (t) => {
  for (const piece of ['&', ';', '\xff&', '%252525252541&', `${'\xff'.repeat(12)}&`]) {
    const body = piece.repeat(Math.floor(65_536 / piece.length));
    t.strictSame(brief(await ask(form(body, BEARER))), refused(413), piece);
    t.strictSame(brief(await ask(form(`access_token=alice&${piece.repeat(1_000)}`))), refused(413), piece);
  }
  const most = 'a&'.repeat(998);
  t.match(await ask(form(`${most}access_token=alice&`)), { status: 200, sent: { body: most } });
  const query = `/query?${'a&'.repeat(999)}`;
  t.match(await ask(get(query, BEARER)), { status: 200 });
  t.strictSame(brief(await ask(get(`${query}&`, BEARER))), refused(400));
});

t.test(
  'no cache between keeps an answer to a token that it does not know for one (RFC 6750 section 2.3)',
  async (t) => {
    const said = async (bytes: string): Promise<unknown> => {
      const { status, headers } = await ask(bytes);
      t.equal(status, 200);
      return headers['cache-control'];
    };
    for (const bytes of [
      get('/query?access_token=alice'),
      get('/cookie', 'Cookie: session=alice'),
      get('/custom', 'X-Token: alice'),
      form('access_token=alice'),
    ])
      t.equal(await said(bytes), 'private', bytes);
    t.equal(await said(get('/query', BEARER)), undefined, 'this they know');
  },
);

t.test('who hardly sends a form is refused, and what comes of it later does nothing', async (t) => {
  const slow = await startJudged(t, {
    listener: 'limits: { body_timeout: 50ms }',
    routes: '  - { name: form, match: { path: /form }, service: api, policy: judge/all, credential: [body] }',
  });
  const wire = await openWire(t, slow.gateway.url);
  const bytes = form('access_token=alice');
  wire.send(bytes.slice(0, -1));
  t.match(await wire.reply(), { status: 408, headers: { connection: 'close' } });
  wire.send(bytes.slice(-1));
  wire.socket.end();
  await wire.rest();
  t.match(await slow.ask(bytes), { status: 200 }, 'the next one is served');
  t.equal(slow.upstream.connections().join('').split('POST /form').length - 1, 1);
});

t.test('trace and log hold no token, wherever it was', async (t) => {
  const secret = 'S3cr3t-that-nobody-knows';
  for (const bytes of [
    get(`/query?access_token=${secret}`),
    get(`/query?access_token=${secret}&access_token=${secret}`),
    get(`/query?Access_Token=${secret}`),
    get(`/shown?access_token=${secret}%00`),
    get('/cookie', `Cookie: session=${secret}`),
    get('/cookie', `Cookie: session=${secret}; session=${secret}`),
    get('/custom', `X-Token: ${secret} ${secret}`),
    form(`access_token=${secret}`),
    form(`access_token=${secret}&access_token=${secret}`),
    form(`access_token[]=${secret}`),
  ]) {
    const { status, text, headers } = await ask(bytes);
    t.ok(status === 400 || status === 401, bytes);
    t.notMatch(JSON.stringify([text, headers]), secret);
  }
  t.match(await ask(get('/shown?access_token=alice')), { status: 200 });
  const told = spans().map(({ name, attributes, events, status }) => [name, attributes, events, status]);
  t.ok(told.length > 10);
  t.notMatch(JSON.stringify(told), /S3cr3t|access_token=/);
  t.notMatch(JSON.stringify(gateway.logged()), /S3cr3t|access_token=/);
});
