import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import {
  field,
  fieldsByName,
  fieldsFault,
  isFieldName,
  isFieldValue,
  isProtected,
  isReserved,
  listOf,
  methodOverride,
  passDownstream,
  passUpstream,
  spelling,
} from '../../src/http/headers.ts';
import { head } from '../support/head.ts';

fc.configureGlobal({ seed: 9110, numRuns: 1_000 });

const NOTHING: ReadonlySet<string> = new Set();

const RESERVED =
  'Forwarded X-Forwarded Proxy X-Real-IP X-Anonymous-Consumer X-Rewrite-URL X-Userinfo X-Access-Token X-ID-Token'.split(
    ' ',
  );
const RESERVED_PREFIXES =
  'X-Credential- X-Consumer- X-Portcullis- X-Forwarded- X-Original- X-Authenticated-'.split(' ');
const HOP_BY_HOP = (
  'Connection Keep-Alive Proxy-Connection Proxy-Authenticate Proxy-Authorization TE Trailer ' +
  'Transfer-Encoding Upgrade HTTP2-Settings'
).split(' ');

/** This name in any mixture of cases, and of `-` with what CGI and its kin write in the same way. */
const spelledAnyhow = (name: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      ...name
        .split('')
        .map((c) =>
          fc.constantFrom(c.toLowerCase(), c.toUpperCase(), ...(c === '-' ? '_.!~|'.split('') : [c])),
        ),
    )
    .map((characters) => characters.join(''));

const anyOf = (names: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...names).chain(spelledAnyhow);

/** Every name that only Portcullis may say, in any spelling. */
const reservedName = fc.oneof(
  anyOf(RESERVED),
  fc
    .tuple(anyOf(RESERVED_PREFIXES), fc.stringMatching(/^[A-Za-z0-9_-]{0,8}$/))
    .map((parts) => parts.join('')),
);

t.test('CVE-2026-39858, CVE-2025-64484: no reserved name goes upstream in any spelling', async () => {
  fc.assert(
    fc.property(reservedName, (name) => {
      const passed = passUpstream(head('Accept: a', `${name}: spoofed`, 'X-Own: b'), NOTHING);
      assert.deepEqual(passed, head('Accept: a', 'X-Own: b'));
      assert.ok(isReserved(name) && isProtected(name));
    }),
  );
});

t.test('CVE-2026-35051, CVE-2026-54764, CVE-2024-52003: the client’s X-Forwarded-* is dropped', async (t) => {
  for (const name of 'For Host Port Prefix Proto Server Tls-Client-Cert Uri'.split(' '))
    t.strictSame(passUpstream(head(`X-Forwarded-${name}: spoofed`), NOTHING), [], name);
});

t.test('CVE-2026-31908: no name that the gateway sets goes upstream in any spelling', async () => {
  fc.assert(
    fc.property(spelledAnyhow('X-User-Role'), (name) => {
      assert.deepEqual(passUpstream(head(`${name}: admin`), new Set(['x-user-role'])), []);
    }),
  );
});

t.test('RFC 9110 section 7.6.1: hop-by-hop fields go nowhere, however they are spelled', async () => {
  fc.assert(
    fc.property(anyOf(HOP_BY_HOP), (name) => {
      assert.deepEqual(passUpstream(head(`${name}: a`), NOTHING), []);
      assert.deepEqual(passDownstream(head(`${name}: a`), 200), []);
      assert.ok(isProtected(name));
    }),
  );
});

t.test('RFC 9110 section 7.6.1: what Connection lists ends here, in either direction', async (t) => {
  const fields = head('Connection: close, X-One', 'x-one: 1', 'connection: X-Two ', 'X_Two: 2', 'X-End: 3');
  t.strictSame(passUpstream(fields, NOTHING), head('X-End: 3'));
  t.strictSame(passDownstream(fields, 200), head('X-End: 3'));
  t.strictSame({ ...fieldsByName(fields, NOTHING) }, { 'x-end': '3' }, 'no policy judges by it either');
});

t.test('CVE-2024-45410, CVE-2021-32813: Connection removes nothing that is appended later', async (t) => {
  const fields = head('Connection: X-User, Authorization', 'X-User: spoofed', 'Accept: a');
  const passed = passUpstream(fields, new Set(['x-user']));
  t.strictSame([...passed, ...head('X-User: alice')], head('Accept: a', 'X-User: alice'));
});

t.test('Host, Expect and Content-Length are left to the forwarding', async (t) => {
  for (const name of ['Host', 'expect', 'Content-Length', 'Content_Length'])
    t.strictSame(passUpstream(head(`${name}: 1`), NOTHING), [], name);
});

t.test('other fields pass as they came, in order, duplicates and all', async (t) => {
  const request = head(
    'accept: a',
    'X-B: 1',
    'Cookie: c=d',
    'x-b: 2',
    'X_C:',
    'X-Forward: 3',
    'Originals: 4',
  );
  t.strictSame(passUpstream(request, new Set(['x-d'])), request);
  const answer = head('Content-Type: text/html', 'Set-Cookie: a', 'Set-Cookie: b', 'Content-Length: 3');
  t.strictSame(passDownstream(answer, 200), answer);
});

t.test('Connection: close, keep-alive and none at all list nothing', async (t) => {
  for (const lines of [
    [],
    ['Connection: close'],
    ['connection: keep-alive'],
    ['Connection:'],
    ['Connection: Close, ,'],
  ])
    t.strictSame(
      passUpstream(head(...lines, 'X-A: 1', 'Connections: 2'), NOTHING),
      head('X-A: 1', 'Connections: 2'),
    );
});

t.test('RFC 9110 section 8.6: 1xx and 204 have no Content-Length, and others keep theirs', async (t) => {
  for (const status of [100, 103, 199, 204])
    t.strictSame(
      passDownstream(head('CONTENT-length: 3', 'ETag: "a"'), status),
      head('ETag: "a"'),
      String(status),
    );
  for (const status of [200, 205, 206, 304, 404, 500])
    t.strictSame(
      passDownstream(head('Content-Length: 3'), status),
      head('Content-Length: 3'),
      String(status),
    );
});

t.test('the value of a field is found by its lower-case name', async (t) => {
  t.equal(field(head('Accept: a', 'AUTHORIZATION: Bearer b'), 'authorization'), 'Bearer b');
  t.equal(field(head('accept: authorization', 'a: b'), 'authorization'), undefined, 'a value is no name');
});

t.test('RFC 9110 section 5.3: fields of one name make one list', async (t) => {
  t.strictSame(listOf(head('X-A: 1, 2', 'X-B: x-a', 'x-a:  3 '), 'x-a'), ['1', '2', '3']);
  t.strictSame(listOf([], 'x-a'), ['']);
});

t.test('CVE-2021-32777: a policy sees all of a name’s values, in order', async (t) => {
  const seen = fieldsByName(head('X-Role: user', 'Accept: a', 'x-role: admin', 'X-ROLE:'), NOTHING);
  t.strictSame({ ...seen }, { 'x-role': 'user, admin, ', accept: 'a' });
});

t.test('RFC 6265 section 5.4: cookies are joined with semicolons', async (t) => {
  t.equal(fieldsByName(head('Cookie: a=b', 'cookie: c=d'), NOTHING)['cookie'], 'a=b; c=d');
});

t.test('a policy sees neither hidden nor reserved names, in any spelling', async () => {
  fc.assert(
    fc.property(fc.oneof(reservedName, spelledAnyhow('X-Hidden')), (name) => {
      const fields = head('Host: a', `${name}: spoofed`, 'Content-Length: 3');
      const seen = fieldsByName(fields, new Set(['x-hidden']));
      assert.deepEqual({ ...seen }, { host: 'a', 'content-length': '3' });
    }),
  );
});

t.test('no field that a policy sees is anything but a field', async (t) => {
  const seen = fieldsByName(head('__proto__: a', 'constructor: b'), NOTHING);
  t.strictSame(Object.keys(seen), ['__proto__', 'constructor']);
  t.equal(seen['toString'], undefined);
});

t.test('a request with one Host and no more of what must be single has no fault', async (t) => {
  const fields = head('Host: a', 'Accept: a', 'accept: b', 'Transfer-Encoding: Chunked', 'Content-Type: c');
  t.equal(fieldsFault(fields), null);
});

t.test('RFC 9112 section 3.2: a request without Host is refused', async (t) => {
  t.equal(fieldsFault(head('Accept: a')), 'there is no host header');
  t.equal(fieldsFault([]), 'there is no host header');
});

t.test('CVE-2026-1525: two fields of a name that must be single are refused in any spelling', async () => {
  for (const name of ['host', 'authorization', 'content-length', 'content-type'])
    fc.assert(
      fc.property(spelledAnyhow(name), spelledAnyhow(name), (one, two) => {
        const fields = head(`${one}: a`, 'Accept: */*', `${two}: a`);
        assert.equal(fieldsFault(fields), `there are two ${name} headers`);
      }),
      { numRuns: 100 },
    );
});

t.test('x-http-method-override and its kin are found, in any spelling', async (t) => {
  fc.assert(
    fc.property(anyOf(['X-HTTP-Method-Override', 'X-Method-Override', 'X-HTTP-Method']), (name) => {
      assert.equal(methodOverride(head('Host: a', `${name}: DELETE`)), spelling(name));
    }),
  );
  t.equal(methodOverride(head('Host: a', 'X-HTTP-Methods: DELETE', 'Accept: x-http-method')), null);
});

t.test('RFC 9112 section 6.1: a transfer coding other than chunked is refused', async (t) => {
  for (const coding of ['gzip, chunked', 'chunked, chunked', 'identity', 'xchunked', '']) {
    const fault = fieldsFault(head('Host: a', `Transfer-Encoding: ${coding}`));
    t.equal(fault, 'the transfer coding is not chunked', coding);
  }
});

t.test('two Transfer-Encoding fields are refused, chunked both: it would be applied twice', async (t) => {
  const fields = head('Host: a', 'Transfer-Encoding: chunked', 'transfer-encoding: chunked');
  t.equal(fieldsFault(fields), 'there are two transfer-encoding headers');
  t.equal(
    fieldsFault(head('Host: a', 'Transfer-Encoding: chunked', 'Transfer_Encoding: x')),
    'there are two transfer-encoding headers',
  );
});

t.test('a name that is spelled in two ways is refused: CGI makes one variable of them', async (t) => {
  for (const [one, two] of [
    ['X-Tenant', 'X_Tenant'],
    ['x_tenant', 'X-TENANT'],
    ['X_Ten_Ant', 'X_Ten-Ant'],
    ['X-Tenant', 'X.Tenant'],
  ] as const)
    t.equal(
      fieldsFault(head('Host: a', `${one}: 1`, 'Accept: b', `${two}: 1`)),
      `${spelling(one)} is spelled in two ways`,
    );
  for (const [one, two] of [
    ['X-Tenant', 'x-tenant'],
    ['api_key', 'API_KEY'],
    ['api_key', 'X-Tenant'],
  ] as const)
    t.equal(
      fieldsFault(head('Host: a', `${one}: 1`, `${two}: 1`)),
      null,
      `${one} and ${two} are read alike by all`,
    );
});

t.test('framing, Host, Authorization and reserved names are protected, and others are not', async (t) => {
  for (const name of 'Host AUTHORIZATION content_length Content-Type Expect TE X-Consumer-Name'.split(' '))
    t.equal(isProtected(name), true, name);
  for (const name of 'X-User Accept Cookie X-Forward X-Credentials My-X-Forwarded-For'.split(' ')) {
    t.equal(isProtected(name), false, name);
    t.equal(isReserved(name), false, name);
  }
});

t.test('CVE-2019-9900: CR, LF, NUL and other controls are in no header value', async (t) => {
  for (const value of ['', 'a b\tc', '~!', 'caf\u00e9'])
    t.equal(isFieldValue(value), true, JSON.stringify(value));
  for (const value of ['a\r\nb', 'a\n', '\r', 'a\0', '\u007f', '\u001b[2J', '€'])
    t.equal(isFieldValue(value), false, JSON.stringify(value));
});

t.test('RFC 9110 section 5.1: a header name is a token', async (t) => {
  for (const name of ['X-A', 'a', "!#$%&'*+-.^_`|~9"]) t.equal(isFieldName(name), true, name);
  for (const name of ['', 'a b', 'a:', 'a\n', 'é', 'a"', '(a)', 'a/b'])
    t.equal(isFieldName(name), false, JSON.stringify(name));
});
