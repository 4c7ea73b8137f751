import t from 'tap';
import { Secret } from '../../src/config/units.ts';
import { adminProblem, changeRefused, purgeRequest } from '../../src/front/admin-changes.ts';

const TOKEN = new Secret('correct-horse-battery');
const HEADERS = {
  host: 'localhost:9090',
  authorization: 'Bearer correct-horse-battery',
  'content-type': 'application/json',
};
/** The status of the refusal of a request with other headers; null when it is admitted. */
const refused = (changes: Record<string, string | undefined> = {}, token: Secret | undefined = TOKEN) =>
  changeRefused({ ...HEADERS, ...changes }, token)?.status ?? null;

t.test('JSON with the token may change something, from no page or one of this very origin', async (t) => {
  t.equal(refused(), null);
  t.equal(refused({ origin: 'http://localhost:9090' }), null);
  t.equal(refused({ origin: 'HTTP://LOCALHOST:9090' }), null);
  t.equal(refused({ host: '[::1]:9090', origin: 'http://[::1]:9090' }), null);
  t.equal(refused({ 'content-type': 'Application/JSON; charset=utf-8' }), null);
  t.equal(refused({ authorization: 'bearer  correct-horse-battery' }), null);
});

t.test('a page of another origin may not, whatever it has', async (t) => {
  for (const origin of [
    'null',
    '',
    'https://localhost:9090',
    'http://localhost',
    'http://localhost:9091',
    'http://127.0.0.1:9090',
    'http://evil.example',
    'http://localhost:9090.evil.example',
    'http://localhost:9090, http://evil.example',
  ])
    t.equal(refused({ origin }), 403, origin);
});

t.test('nor may who has not the token', async (t) => {
  for (const authorization of [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer correct-horse-batter',
    'Bearer correct-horse-battery-',
    'Bearer CORRECT-HORSE-BATTERY',
    'Bearer correct-horse-battery x',
    'Basic correct-horse-battery',
    'correct-horse-battery',
  ])
    t.equal(refused({ authorization }), 401, String(authorization));
});

t.test('nor may a form, which any page can send', async (t) => {
  for (const type of [undefined, '', 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])
    t.equal(refused({ 'content-type': type }), 415, String(type));
});

t.test('without admin.token nobody may, and is told why', async (t) => {
  t.match(changeRefused(HEADERS, undefined), { status: 403, detail: /admin\.token/ });
  t.match(changeRefused({ ...HEADERS, authorization: 'Bearer ' }, undefined), { status: 403 });
});

t.test('no refusal repeats what was sent', async (t) => {
  const secrets = { authorization: 'Bearer sent-secret', origin: undefined };
  t.notMatch(JSON.stringify(changeRefused({ ...HEADERS, ...secrets }, TOKEN)), /sent-secret|correct-horse/);
  t.notMatch(JSON.stringify(purgeRequest({ 'sent-secret': 'sent-secret' })), /sent-secret/);
});

t.test('a purge is of exactly one token, subject or client, of all servers or one', async (t) => {
  t.strictSame(purgeRequest({ token: 'a' }), { of: { token: 'a' }, server: null });
  t.strictSame(purgeRequest({ subject: 'alice' }), { of: { subject: 'alice' }, server: null });
  t.strictSame(purgeRequest({ client: 'app', authorization_server: 'main' }), {
    of: { client: 'app' },
    server: 'main',
  });
});

t.test('anything else is not guessed at', async (t) => {
  const one = /exactly one of token, subject and client/;
  for (const [body, wrong] of [
    [null, /must be an object/],
    [undefined, /must be an object/],
    ['token', /must be an object/],
    [['token'], /must be an object/],
    [{}, one],
    [{ authorization_server: 'main' }, one],
    [{ token: 'a', subject: 'alice' }, one],
    [{ token: 'a', all: true }, one],
    [{ sub: 'alice' }, one],
    [{ token: '' }, /token must be a string/],
    [{ subject: 1 }, /subject must be a string/],
    [{ client: null }, /client must be a string/],
    [{ client: ['a'] }, /client must be a string/],
    [{ token: 'a', authorization_server: 1 }, /authorization_server must be the name/],
    [{ token: 'a', authorization_server: null }, /authorization_server must be the name/],
  ] as const)
    t.match(purgeRequest(body), wrong, JSON.stringify(body));
});

t.test('a problem has the phrase of its status for a title, and a detail where there is one', async (t) => {
  t.strictSame(adminProblem(405), { type: 'about:blank', title: 'Method Not Allowed', status: 405 });
  t.strictSame(adminProblem(400, 'why'), {
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    detail: 'why',
  });
});
