/**
 * Advisories about paths that are changed on their way. What the upstream gets is cut from the canonical path that was judged, is
 * judged again, and is never decoded, normalised or put together anew.
 */
import t, { type Test } from 'tap';
import { brief, get, passed, plain, refused, startJudged, words } from '../support/judged.ts';

const LAX = 'ambiguous_paths: { allow: ["%2F", "%3F", "%23", "%25", ";", "//"] }';
const OPEN = 'service: api, token: none, policy: judge/all';
const { ask } = await startJudged(t, {
  routes: `
  - { name: api, match: { path: "/api/**" }, ${OPEN}, strip_prefix: /api }
  - { name: lax-api, match: { path: "/lax/**" }, ${OPEN}, strip_prefix: /lax, ${LAX} }
  - { name: user, match: { path: "/users/{id}" }, ${OPEN}, rewrite: "/v2/people/{id}" }
  - { name: lax-user, match: { path: "/lax-users/{id}" }, ${OPEN}, rewrite: "/v2/{id}", ${LAX} }
  - { name: files, match: { path: "/files/**" }, ${OPEN}, rewrite: "/store/**" }
  - { name: lax-files, match: { path: "/lax-files/**" }, ${OPEN}, rewrite: "/**", ${LAX} }
  - { name: swapped, match: { path: "/from/{a}/to/{b}" }, ${OPEN}, rewrite: "/{b}/{a}" }`,
});

async function refuses(t: Test, status: number, targets: readonly string[]): Promise<void> {
  for (const target of targets)
    t.strictSame(brief(await ask(get(target))), refused(status), `${target} is ${status}`);
}

/** What the upstream gets, the prefix that was stripped, and what was judged where that is not what was asked for. */
type Moved = { readonly gets: string; readonly prefix?: string; readonly judged?: string };

async function moves(t: Test, targets: Readonly<Record<string, Moved>>): Promise<void> {
  for (const [target, { gets, prefix, judged = target.replace(/\?.*$/s, '') }] of Object.entries(targets)) {
    const outcome = await ask(get(target));
    const moved = [...(prefix ? [`X-Forwarded-Prefix: ${prefix}`] : []), `X-Forwarded-Path: ${judged}`];
    t.strictSame(brief(outcome), passed(plain(gets, { moved })), `${target} becomes ${gets}`);
    t.equal(outcome.seen?.path, judged, `${target}: the policy judged what the client asked for`);
  }
}

const CLIMBING = words`.. %2e%2e .%2E ..; ..;x %2e%2e%3b ..%2f ..%2F.. ..%5c ..\ %252e%252e . %2e ..%00 %ef%bc%8e. %c0%ae%c0%ae
  ..%3fx ..%23 .%e2%80%8b.`;

t.test('CVE-2026-48020 (Traefik): stripping a prefix never leaves a path that leads out of it', async (t) => {
  const places = (dots: string): string[] => [
    `/api/${dots}`,
    `/api/${dots}/admin`,
    `/api/v1/${dots}/${dots}/admin`,
    `/lax/${dots}`,
    `/lax/${dots}/admin`,
  ];
  await refuses(t, 400, CLIMBING.flatMap(places));
  await refuses(
    t,
    400,
    words`/lax/..%2f..%2fadmin /lax/a%2f..%2f..%2fadmin /lax/%2F..%2fadmin /api//admin /api// /lax//admin /lax//
      /lax//evil.example/admin /api/\admin /lax/%5cadmin /api%2fadmin /api%2Fadmin /api;x/admin /lax;x/admin /lax%2fadmin
      /api%3Fx /api/%2fadmin`,
  );
  await refuses(t, 404, words`/API/v1 /apis/v1 /ap /Api /api./v1 /%41pi/v1`);
  await moves(t, {
    '/api/v1/users?a=/..//': { gets: '/v1/users?a=/..//', prefix: '/api' },
    '/api': { gets: '/', prefix: '/api' },
    '/api/': { gets: '/', prefix: '/api' },
    '/api?': { gets: '/?', prefix: '/api' },
    '/api/api/api': { gets: '/api/api', prefix: '/api' },
    '/api/...': { gets: '/...', prefix: '/api' },
    '/%61pi/%61%7e': { gets: '/a~', prefix: '/api', judged: '/api/a~' },
    'http://api.example.com/api/v1': { gets: '/v1', prefix: '/api', judged: '/api/v1' },
  });
});

t.test(
  'GHSA-6jwx-7vp4-9847 (Traefik): the encoded path is cut where the decoded one was matched',
  async (t) => {
    await moves(t, {
      '/api/a%c3%a4%20b': { gets: '/a%C3%A4%20b', prefix: '/api', judged: '/api/a%C3%A4%20b' },
      '/lax/a%2fb': { gets: '/a%2Fb', prefix: '/lax', judged: '/lax/a%2Fb' },
      '/lax/a%2561;b': { gets: '/a%2561;b', prefix: '/lax' },
      '/lax/a//b': { gets: '/a//b', prefix: '/lax' },
      '/lax/a%3Fb%23c?d': { gets: '/a%3Fb%23c?d', prefix: '/lax' },
      '/lax/lax%2Fa': { gets: '/lax%2Fa', prefix: '/lax' },
    });
  },
);

t.test('CVE-2026-44373 (Nitro): ..%2f leads no rewrite out of its scope', async (t) => {
  const places = (dots: string): string[] => [`/users/${dots}`, `/lax-users/${dots}`, `/files/${dots}/x`];
  await refuses(t, 400, CLIMBING.flatMap(places));
  await refuses(
    t,
    400,
    words`/lax-users/..%2f..%2fadmin /lax-files/..%2fadmin /lax-files//admin /users/a%2f..%2fadmin /users/a%2fb /users//a
      /from//to/b /files//x /users/a;b /users/a%3Fadmin`,
  );
  await refuses(t, 404, words`/users/ /users /users/a/b /USERS/a`);
  await moves(t, {
    '/users/42?x=1': { gets: '/v2/people/42?x=1' },
    '/users/{id}': { gets: '/v2/people/%7Bid%7D', judged: '/users/%7Bid%7D' },
    '/users/**': { gets: '/v2/people/**' },
    '/users/$1': { gets: '/v2/people/$1' },
    '/lax-users/a%2fb': { gets: '/v2/a%2Fb', judged: '/lax-users/a%2Fb' },
    '/files': { gets: '/store' },
    '/files/a/b/': { gets: '/store/a/b/' },
    '/lax-files/a//b': { gets: '/a//b' },
    '/from/{b}/to/x': { gets: '/x/%7Bb%7D', judged: '/from/%7Bb%7D/to/x' },
  });
});
