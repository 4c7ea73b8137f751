/**
 * Headers by which routes are told apart, attacked as headers that a proxy sets were: doubled, spelled otherwise, listed in Connection
 * or sent too late. The stricter route is chosen, or the request is refused, but never the laxer route for what an upstream might
 * take for the stricter one's.
 */
import t from 'tap';
import { brief, get, passed, plain, refused, startJudged, words } from '../support/judged.ts';

const { ask } = await startJudged(t, {
  routes: `
  - { name: lax, match: { path: "/version" }, service: api, token: none, policy: judge/all }
  - { name: strict, match: { path: "/version", headers: { X-Version: "2" } }, service: api, policy: judge/admins }
  - { name: other, match: { path: "/other" }, service: api, token: none, policy: judge/all }`,
});
const strict = refused(401);

t.test('CVE-2024-45410 (Traefik): Connection hides no header by which routes are told apart', async (t) => {
  for (const line of ['X-Version: 2', 'x-version:2', 'X-VERSION: \t2 '])
    t.strictSame(brief(await ask(get('/version', line))), strict, line);
  for (const listed of words`X-Version x-version X_VERSION close,X-Version ,X-Version, Authorization,X-Version`)
    for (const lines of [
      ['X-Version: 2', `Connection: ${listed}`],
      ['Connection: close', 'X-Version: 2', `connection: ${listed}`],
    ])
      t.strictSame(brief(await ask(get('/version', ...lines))), refused(400), lines.join(' | '));
});

t.test('CVE-2021-32777 (Envoy): two values of such a header choose no route', async (t) => {
  for (const lines of [
    ['X-Version: 1', 'X-Version: 2'],
    ['X-Version: 2', 'x-version: 1'],
    ['X-Version: 2', 'X-Version: 2'],
    ['X-Version:', 'X-A: 1', 'X-Version: 2'],
  ])
    for (const path of ['/version', '/other'])
      t.strictSame(brief(await ask(get(path, ...lines))), refused(400), lines.join(' | '));
});

t.test('CVE-2026-39858 (Traefik): nor does such a header in another spelling', async (t) => {
  for (const lines of [
    ['X_Version: 2'],
    ['x_version: 1', 'X-Version: 2'],
    ['X-Version: 1', 'X_Version: 2'],
    ['X.Version: 2'],
    ['X!Version: 2'],
  ])
    t.strictSame(brief(await ask(get('/version', ...lines))), refused(400), lines.join(' | '));
  for (const line of ['X-Version-2: 2', 'XVersion: 2', 'X-Version: 1', 'X-Version: 2.0', 'X-Version: 1,2'])
    t.strictSame(
      brief(await ask(get('/version', line))),
      passed(plain('/version', { client: [line] })),
      `${line} is another header, or another value`,
    );
});
