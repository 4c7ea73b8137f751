/**
 * Advisories about parsers of Node and JSON that read a message otherwise than the one before or after them. A request goes on with
 * one length, one target and the very bytes of its body, or not at all.
 */
import t from 'tap';
import { brief, get, passed, plain, refused, startJudged, words } from '../support/judged.ts';
import { valuesOf } from '../support/recording.ts';

const { ask } = await startJudged(t, {
  routes: `
  - { name: open, match: { path: "/**" }, service: api, token: none, policy: judge/all }
  - { name: people, match: { path: "/people/{id}" }, service: api, token: none, policy: judge/all, rewrite: "/v2/{id}" }
  - { name: user, match: { path: "/user" }, service: api, policy: judge/all, identity_headers: { claims: { sub: X-User }, jwt: false } }`,
});

/** A POST with these lines and this body. */
const post = (target: string, lines: readonly string[], body: string): string =>
  [`POST ${target} HTTP/1.1`, 'Host: api.example.com', ...lines, '', body].join('\r\n');

t.test('CVE-2026-1525 (undici): a request has one length, in whatever case it was written', async (t) => {
  for (const name of words`Content-Length content-length CONTENT-LENGTH cONTENT-lENGTH`) {
    const { status, sent } = await ask(post('/a', [`${name}: 3`], 'abc'));
    t.match({ status, sent }, { status: 200, sent: { body: 'abc' } }, name);
    t.strictSame(sent && valuesOf(sent, 'content-length'), ['3'], 'and passes it on once');
    t.strictSame(sent && valuesOf(sent, 'transfer-encoding'), []);
  }
  for (const lines of [
    ['Content-Length: 3', 'Content-Length: 3'],
    ['Content-Length: 3', 'content-length: 3'],
    ['Content-Length: 3', 'X-A: 1', 'CONTENT-LENGTH: 0'],
    ['content-length: 0', 'Content-Length: 3'],
    ['Content-Length: 3', 'Content_Length: 3'],
    ['Content_Length: 5', 'Content-Length: 3'],
    ['Content.Length: 5', 'Content-Length: 3'],
    ['Content-Length: 3, 3'],
    ['Content-Length: +3'],
    ['Content-Length: 3\u00a0'],
    ['Content-Length: 0x3'],
    ['Content-Length: -3'],
    ['Content-Length: 3.0'],
    ['Content-Length:'],
    ['Content-Length: 3', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked', 'content-length: 3'],
  ])
    t.strictSame(brief(await ask(post('/a', lines, 'abc'))), refused(400), lines.join(' | '));
  const { sent } = await ask(post('/a', ['Content-Length: 3', 'Transfer_Encoding: chunked'], 'abc'));
  t.match(
    sent,
    { body: 'abc', fields: { length: plain('/a').length - 2 } },
    'what looks like a coding is dropped',
  );
});

t.test(
  'ClientRequest.path TOCTOU (r3verii): no character outside ! to ~ is in a target that goes on',
  async (t) => {
    const outside = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter(
      (c) => !/[!-~]/.test(c),
    );
    t.equal(outside.length, 256 - 94);
    for (const c of outside)
      for (const target of [`/a${c}b`, `/a?b${c}c`, `/people/${c}b`, `/${c}`, `/a${c}HTTP/1.1`]) {
        // Blanks between the words of a request line may be several (RFC 9112 section 3): they are no part of a word.
        const expected = c === ' ' && target.endsWith(c) ? passed(plain(target.trim())) : refused(400);
        t.strictSame(brief(await ask(get(target))), expected, JSON.stringify(target));
      }
    for (const target of words`/a%0d%0aX-User:%20root /people/a%0D%0Aadmin /a%0aHost:b /people/%00 /a%09b /a%7f /people/%c2%85 /a%E2%80%A8%00`)
      t.strictSame(brief(await ask(get(target))), refused(400), target);
    for (const target of [
      '/a\r\nX-User: root',
      '/a\nX-User: root',
      '/a\rX-User: root',
      '/a HTTP/1.1\nX-User: root',
    ])
      t.strictSame(brief(await ask(get(target))), refused(400), JSON.stringify(target));
    const split = '/people/1?x=%0d%0aX-User:%20root%0d%0a&y=%00';
    const moved = ['X-Forwarded-Path: /people/1'];
    t.strictSame(
      brief(await ask(get(split))),
      passed(plain('/v2/1?x=%0d%0aX-User:%20root%0d%0a&y=%00', { moved })),
      'an encoded one in the query stays encoded',
    );
  },
);

t.test('ClientRequest.path TOCTOU (r3verii): nor does a claim bring a line of its own', async (t) => {
  t.strictSame(brief(await ask(get('/user', 'Authorization: Bearer splitting'))), refused(503));
});

t.test(
  'CVE-2022-25757 (APISIX): a body goes on byte for byte, and no policy judged another reading of it',
  async (t) => {
    for (const body of [
      '{"role":"user","role":"admin"}',
      '{"role":"admin","role":"user"}',
      '{"role":"user","\\u0072ole":"admin"}',
      '{"role":"user","Role":"admin","role\\u0000":"x"}',
      '{"role":"user"/*,"role":"admin"*/}',
      '\u00ef\u00bb\u00bf{"role":"user"}',
      '{"n":1e400,"m":-0,"big":12345678901234567890}',
      '{"role":"user"} trailing',
      '{"a":',
      'role=user&role=admin',
      '\0\x01\x80\xff\r\n\r\nGET /admin HTTP/1.1\r\n\r\n',
    ])
      for (const type of [
        'application/json',
        'application/json; charset=utf-7',
        'application/x-www-form-urlencoded',
      ])
        for (const [framing, framed] of [
          [`Content-Length: ${body.length}`, body],
          [
            'Transfer-Encoding: chunked',
            `1\r\n${body[0]}\r\n${(body.length - 1).toString(16)}\r\n${body.slice(1)}\r\n0\r\n\r\n`,
          ],
        ] as const) {
          const { status, seen, sent } = await ask(post('/a', [`Content-Type: ${type}`, framing], framed));
          t.strictSame(
            { status, body: sent?.body, judged: seen?.body },
            { status: 200, body, judged: null },
            body,
          );
          t.strictSame(sent && valuesOf(sent, 'content-type'), [type]);
        }
    for (const lines of [
      ['Content-Type: application/json', 'Content-Type: text/plain'],
      ['Content-Type: application/json', 'content-type: application/json'],
      ['Content_Type: text/plain', 'Content-Type: application/json'],
    ])
      t.strictSame(
        brief(await ask(post('/a', [...lines, 'Content-Length: 2'], '{}'))),
        refused(400),
        lines.join(' | '),
      );
  },
);

t.test(
  'CVE-2022-25757 (APISIX): of a query parameter sent twice the policy sees both, as the upstream does',
  async (t) => {
    for (const [query, role] of [
      ['role=user&role=admin', ['user', 'admin']],
      ['role=admin&role=user', ['admin', 'user']],
      ['role=user&r%6fle=admin', ['user', 'admin']],
      ['role=user&&role=', ['user', '']],
      ['role=user&role', ['user', '']],
      ['role=user;role=admin', ['user;role=admin']],
      ['role=user,admin', ['user,admin']],
      ['role=user%26role=admin', ['user&role=admin']],
      ['role=user&role%00=admin', ['user']],
      ['role=user&Role=admin&role[]=admin&role.x=admin', ['user']],
      ['role=a%20b+c%2Bd%', ['a b c+d%']],
    ] as const) {
      const outcome = await ask(get(`/a?${query}`));
      t.strictSame(brief(outcome), passed(plain(`/a?${query}`)));
      t.strictSame(outcome.seen?.query['role'], role, query);
    }
  },
);
