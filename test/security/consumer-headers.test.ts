/**
 * Headers that say which credential and which consumer a request came with. Upstreams that know Kong believe them blindly: each is the
 * gateway's own, or not there at all.
 */
import t from 'tap';
import { CONSUMER_FIELDS, CREDENTIAL_FIELDS } from '../../src/http/identity-fields.ts';
import { brief, get, type Outcome, passed, plain, refused, startJudged, words } from '../support/judged.ts';

const asked = 'identity_headers: { credential: true, consumer: true, jwt: false }';
const { ask } = await startJudged(t, {
  more: `
consumers:
  - { id: c-1, username: admin, custom_id: a-1, groups: [staff, "a,b"] }
  - { username: guest, groups: [public] }`,
  routes: `
  - { name: known, match: { path: "/known" }, service: api, policy: judge/all, token: optional, anonymous: guest,
      consumer: { claim: sub, by: username, required: false }, ${asked} }
  - { name: named, match: { path: "/named" }, service: api, policy: none, consumer: { claim: sub, by: username }, ${asked} }
  - { name: silent, match: { path: "/silent" }, service: api, policy: judge/all, token: optional, anonymous: guest,
      consumer: { claim: sub, by: username, required: false }, identity_headers: { jwt: false } }`,
});

const NAMES = [
  ...CREDENTIAL_FIELDS,
  ...CONSUMER_FIELDS,
  ...words`X-Credential-Username X-Consumer-Anything X-Authenticated-Groups`,
];
/** What CGI, WSGI, PHP and lenient proxies read as the same name. */
const spellings = (name: string): string[] => [
  name,
  name.toLowerCase(),
  name.toUpperCase(),
  name.replaceAll('-', '_'),
  name.replace('-', '_'),
  name.replace(/-(?=[^-]*$)/, '.'),
];
const token = (of: string): string => `Authorization: Bearer ${of}`;

/** What the upstream says is one thing, with a word for what differs from run to run. */
const told = (outcome: Outcome) => ({
  status: outcome.status,
  lines: outcome.lines.map((line) =>
    line
      .replace(/^X-Credential-Exp: \d{10}$/, 'X-Credential-Exp: EXP')
      .replace(/^X-Credential-Iss: http:\/\/127\.0\.0\.1:\d+$/, 'X-Credential-Iss: ISSUER'),
  ),
});

const of = (subject: string | null, scope: string): string[] => [
  `X-Credential-Scope: ${scope}`,
  'X-Credential-Exp: EXP',
  ...(subject === null ? [] : [`X-Credential-Sub: ${subject}`]),
  'X-Credential-Iss: ISSUER',
];
const ADMIN = [
  ...of('admin', 'read write'),
  'X-Consumer-ID: c-1',
  'X-Consumer-Custom-ID: a-1',
  'X-Consumer-Username: admin',
  'X-Consumer-Groups: staff,a%2Cb',
];
const GUEST = ['X-Consumer-Username: guest', 'X-Consumer-Groups: public', 'X-Anonymous-Consumer: true'];
/** Who calls, and what the upstream is told of it. */
const CALLERS = [
  [[token('admin')], ADMIN],
  [[token('alice')], of('alice', 'read')],
  [[token('nobody')], of(null, 'read')],
  [[], GUEST],
] as const;

t.test(
  'Kong 3.14: whatever a client says of credential and consumer is gone, in any spelling, whoever calls',
  async (t) => {
    for (const name of NAMES)
      for (const spelled of new Set(spellings(name)))
        for (const [lines, own] of CALLERS) {
          const outcome = await ask(get('/known', `${spelled}: root`, ...lines, 'X-Own: 1'));
          t.strictSame(
            told(outcome),
            passed(plain('/known', { client: ['X-Own: 1'], own })),
            `${spelled} of ${lines.join('') || 'nobody'}`,
          );
          t.strictSame(
            Object.keys(outcome.seen?.headers ?? {}).toSorted(),
            ['host', 'x-own'],
            `${spelled} is not judged`,
          );
        }
  },
);

t.test('Kong 3.14: on a route that sends none of it, none of it is sent', async (t) => {
  const forged = NAMES.map((name) => `${name}: root`);
  for (const [lines] of CALLERS)
    t.strictSame(
      told(await ask(get('/silent', ...forged, ...lines))),
      passed(plain('/silent')),
      lines.join(''),
    );
});

t.test('CVE-2024-45410 (Traefik): Connection takes away none of it', async (t) => {
  const connection = `Connection: close, ${NAMES.join(', ')}, x_consumer_username`;
  for (const [lines, own] of CALLERS)
    t.strictSame(
      told(await ask(get('/known', connection, ...lines))),
      passed(plain('/known', { own })),
      lines.join(''),
    );
});

t.test('CVE-2026-88004 (Traefik): no trailer adds to it', async (t) => {
  for (const [lines, own] of CALLERS) {
    const head = ['POST /known HTTP/1.1', 'Host: api.example.com', ...lines, `Trailer: ${NAMES.join(', ')}`];
    const trailers = NAMES.flatMap((name) => [`${name}: root`, `${name.replaceAll('-', '_')}: root`]);
    const outcome = await ask(
      [...head, 'Transfer-Encoding: chunked', '', '3', 'abc', '0', ...trailers, '', ''].join('\r\n'),
    );
    const { status, lines: sent } = told(outcome);
    const fields = sent.slice(0, sent.indexOf('')).filter((line) => /^x[-_.](?!forwarded|real)/i.test(line));
    t.strictSame({ status, fields }, { status: 200, fields: own });
    t.notMatch(outcome.sent?.raw, /root/);
  }
});

t.test('krakend-jose#62: nothing is said of a caller who was refused, to nobody', async (t) => {
  for (const lines of [[], [token('stolen')], ['Authorization: Basic cm9vdDpyb290']])
    t.strictSame(brief(await ask(get('/named', 'X-Consumer-Username: admin', ...lines))), refused(401));
  for (const caller of ['alice', 'nobody'])
    t.strictSame(brief(await ask(get('/named', 'X-Consumer-ID: c-1', token(caller)))), refused(403), caller);
  t.strictSame(
    brief(await ask(get('/known', token('stolen')))),
    refused(401),
    'a bad token is no reason to be anonymous',
  );
  t.strictSame(told(await ask(get('/named', token('admin')))), passed(plain('/named', { own: ADMIN })));
});

t.test('a claim that would write a line of its own reaches nobody', async (t) => {
  const { status, sent } = await ask(get('/known', token('splitting')));
  t.strictSame({ status, sent }, { status: 503, sent: null });
});
