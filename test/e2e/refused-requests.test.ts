/** Requests that can be parsed, and are refused for what they are: malformed ones end the connection, after others it goes on. */
import t from 'tap';
import { startUpstream } from '../support/http.ts';
import { startOpenGateway } from '../support/open-gateway.ts';
import { openWire, problemOf } from '../support/wire.ts';

const HOST = 'Host: a\r\n';

t.test('each is answered as a problem, and what follows a malformed one is nobody’s', async (t) => {
  const upstream = await startUpstream(t);
  const { url } = await startOpenGateway(t, { upstream: upstream.url });
  const cases: [string, string, number][] = [
    ['no Host (RFC 9112 section 3.2)', 'GET / HTTP/1.1\r\n', 400],
    ['two Hosts', `GET / HTTP/1.1\r\n${HOST}Host: b\r\n`, 400],
    ['two equal Hosts', `GET / HTTP/1.1\r\n${HOST}${HOST}`, 400],
    ['a Host with more in it (GHSA-4jgr-pg2m-m988)', 'GET / HTTP/1.1\r\nHost: a;for=1.2.3.4\r\n', 400],
    ['OPTIONS *', `OPTIONS * HTTP/1.1\r\n${HOST}`, 400],
    ['GET *', `GET * HTTP/1.1\r\n${HOST}`, 400],
    ['an absolute-form target of another host', `GET http://b/ HTTP/1.1\r\n${HOST}`, 400],
    ['an absolute-form target of another scheme', `GET https://a/ HTTP/1.1\r\n${HOST}`, 400],
    ['TRACE', `TRACE / HTTP/1.1\r\n${HOST}`, 405],
    ['a fragment (CVE-2021-32779)', `GET /a#b HTTP/1.1\r\n${HOST}`, 400],
    ['an authority in the path (CVE-2026-26205)', `GET //admin/people HTTP/1.1\r\n${HOST}`, 400],
    ['dot segments (CVE-2019-9901)', `GET /public/../admin HTTP/1.1\r\n${HOST}`, 400],
    ['a method override', `GET / HTTP/1.1\r\n${HOST}X-HTTP-Method-Override: DELETE\r\n`, 400],
    [
      'two Authorizations',
      `GET / HTTP/1.1\r\n${HOST}Authorization: Bearer a\r\nauthorization: Bearer b\r\n`,
      400,
    ],
    ['two Content-Types', `GET / HTTP/1.1\r\n${HOST}Content-Type: a/b\r\ncontent-type: c/d\r\n`, 400],
    ['a target that is too long', `GET /${'a'.repeat(8_192)} HTTP/1.1\r\n${HOST}`, 414],
    ['a field too many', `GET / HTTP/1.1\r\n${HOST}${'X: y\r\n'.repeat(100)}`, 431],
    ['no Host in HTTP/1.0', 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n', 400],
    ['another expectation', `GET / HTTP/1.1\r\n${HOST}Expect: 200-ok\r\n`, 417],
  ];
  const goOn = new Set(['dot segments (CVE-2019-9901)', 'an authority in the path (CVE-2026-26205)']);
  let next = 0;
  for (const [name, head, status] of cases) {
    const malformed = status === 400 && !goOn.has(name) && name !== 'two Authorizations';
    const wire = await openWire(t, url);
    wire.send(`${head}\r\nGET /next HTTP/1.1\r\n${HOST}\r\n`);
    const refused = await wire.reply();
    t.match(problemOf(refused), { type: 'about:blank', status, trace_id: /^[0-9a-f]{32}$/ }, name);
    t.match(refused.headers, { 'cache-control': 'no-store', connection: malformed ? 'close' : 'keep-alive' });
    if (malformed) t.equal(await wire.rest(), '', name);
    else {
      t.equal((await wire.reply()).status, 200);
      next++;
    }
  }
  t.strictSame(
    upstream.requests.map(({ target }) => target),
    Array<string>(next).fill('/next'),
  );
});

t.test('a transfer coding besides chunked is refused, whatever it would decode to', async (t) => {
  const upstream = await startUpstream(t);
  const { url } = await startOpenGateway(t, { upstream: upstream.url });
  for (const coding of ['gzip, chunked', 'Chunked, chunked', 'identity, chunked']) {
    const wire = await openWire(t, url);
    wire.send(`POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`);
    t.match(problemOf(await wire.reply()), { status: 400 }, coding);
  }
  t.strictSame(upstream.requests, []);
});

t.test('an absolute-form target of this very host is none of these (RFC 9112 section 3.2.2)', async (t) => {
  const upstream = await startUpstream(t);
  const { url } = await startOpenGateway(t, { upstream: upstream.url });
  const wire = await openWire(t, url);
  wire.send(`GET http://A/b HTTP/1.1\r\n${HOST}\r\n`);
  t.equal((await wire.reply()).status, 200);
  t.equal(upstream.requests[0]?.target, '/b');
});
