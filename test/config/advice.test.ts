import t from 'tap';
import { advise } from '../../src/config/advice.ts';
import { changed, load, RIGHT } from '../support/config.ts';

type Match = Readonly<Record<string, unknown>>;

/** A route; by default it demands a token and nothing else. */
const at = (name: string, match: Match | string, settings: Match = {}): Match => ({
  ...RIGHT.routes[0],
  name,
  match: typeof match === 'string' ? { path: match } : match,
  ...settings,
});
const GET = (path: string): Match => ({ path, methods: ['GET'] });
const OPEN = { token: 'none' };

const advice = (...routes: readonly Match[]): string[] => advise(load(changed({ routes })));

t.test('there is nothing to say of routes that are apart', async (t) => {
  t.strictSame(advice(at('a', '/a/{id}'), at('b', '/b/**', OPEN), at('c', GET('/c'), OPEN)), []);
  t.strictSame(advice(at('a', GET('/a')), at('b', { path: '/a', methods: ['PUT'] }, OPEN)), []);
});

t.test('a method is told that a more specific path hides', async (t) => {
  const files = at('files', { path: '/files/**', methods: ['GET', 'POST'] });
  const file = at('file', GET('/files/{id}'));
  t.strictSame(advice(files, file), [
    'POST /files/x is 404: /files/{id} of routes[1] file is more specific and does not take it, routes[0] files would',
  ]);
  t.match(advice(at('all', '/**'), at('a', GET('/a'))), [/^POST \/a is 404: .* routes\[0\] all would$/]);
  t.match(
    advice(at('get', GET('/a/**')), at('all', '/a/**'), at('put', { path: '/a/b', methods: ['PUT'] })),
    [/^GET \/a\/b is 404: .* routes\[0\] get would$/, /^POST \/a\/b is 404: .* routes\[1\] all would$/],
    'each route by what it takes itself',
  );
  t.strictSame(advice(files, file, at('more', { path: '/files/{id}', methods: ['POST'] })), []);
  t.strictSame(advice(at('all', GET('/**')), at('head', { path: '/a', methods: ['HEAD', 'GET'] })), []);
});

t.test('so is one that is hidden because no route’s headers fit, or at a host', async (t) => {
  const beta = { path: '/a', headers: { 'X-Beta': '1' } };
  t.strictSame(advice(at('all', GET('/**')), at('beta', beta)), [
    'GET /a is 404: /a of routes[1] beta is more specific and does not take it, routes[0] all would',
  ]);
  t.strictSame(advice(at('all', '/a'), at('host', { ...GET('/**'), hosts: ['*.example.com'] })), [
    'POST x.example.com/a is 404: *.example.com/** of routes[1] host is more specific and does not take it, routes[0] all would',
  ]);
  t.match(
    advice(at('host', { ...GET('/a'), hosts: ['h'] }), at('v', { ...beta, headers: { 'X-V': ['2', '3'] } })),
    [/^POST h\/a with x-v: 2 is 404/],
  );
});

t.test('a laxer route over a stricter one is told, with what it does not demand', async (t) => {
  const strict = at('strict', '/**', { scopes: ['a', ['b', 'c']], audience: ['d'], policy: 'e/f' });
  t.strictSame(advice(strict, at('open', '/open/**', OPEN)), [
    'routes[1] open demands less than routes[0] strict, which would take GET /open/x without it: no token (required there), no policy (e/f there)',
  ]);
  t.strictSame(advice(strict, at('lax', '/lax', { scopes: ['b'] })), [
    'routes[1] lax demands less than routes[0] strict, which would take GET /lax without it: ' +
      'no policy (e/f there), not the scope a, not the audience d',
  ]);
  t.strictSame(
    advice(at('lax', '/**'), at('strict', '/strict', { scopes: ['a'] })),
    [],
    'nor a stricter one over a laxer',
  );
});

t.test('a laxer route is told wherever it takes requests of a stricter one', async (t) => {
  const admin = at('admin', GET('/admin/{id}'), { scopes: ['admin'] });
  for (const [lax, request] of [
    [GET('/{any}/list'), null],
    [GET('/admin/list'), 'GET /admin/list'],
    [{ path: '/admin/{id}', methods: ['HEAD'] }, 'HEAD /admin/x'],
    [{ path: '/admin/{id}', headers: { 'X-Debug': '1' } }, 'GET /admin/x with x-debug: 1'],
    [{ path: '/**', methods: ['GET'], hosts: ['api.example.com'] }, 'GET api.example.com/admin/x'],
    [{ path: '/admin/{id}', methods: ['PUT'] }, null],
  ] as const)
    t.match(
      advice(admin, at('lax', lax, OPEN)),
      request === null
        ? []
        : [
            `routes[1] lax demands less than routes[0] admin, which would take ${request} without it: no token`,
          ],
      JSON.stringify(lax),
    );
  t.match(
    advice(at('list', GET('/admin/{id}')), at('any', GET('/{any}/secret'), { scopes: ['admin'] })),
    [/^routes\[0\] list demands less than routes\[1\] any, which would take GET \/admin\/secret/],
    'of two that overlap in part alone',
  );
});

t.test('a laxer route is held against what is next, not against all below', async (t) => {
  const next = at('public', '/a/**', OPEN);
  t.strictSame(
    advice(at('all', '/**', { scopes: ['a'] }), next, at('page', '/a/b', OPEN)).map((told) =>
      told.slice(0, 48),
    ),
    ['routes[1] public demands less than routes[0] all'],
  );
});

t.test('a laxer route is held against another one of the same path first', async (t) => {
  const strict = at('strict', GET('/**'), { scopes: ['a'] });
  const beta = at('beta', { ...GET('/a'), headers: { 'X-Beta': '1' } });
  t.match(advice(strict, beta, at('a', GET('/a'))), [/^routes\[2\] a demands less than routes\[0\] strict/]);
});

t.test('a laxer route is told for methods that it does not name', async (t) => {
  const head = at('head', { path: '/a/**', methods: ['HEAD'] }, { scopes: ['a'] });
  t.match(advice(head, at('get', GET('/a/b'))), [/^routes\[1\] get .* would take HEAD \/a\/b without it/]);
  const usual = { path: '/a', methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] };
  const strict = { scopes: ['a'] };
  t.match(advice(at('all', '/**', strict), at('usual', usual, strict), at('rest', '/a')), [
    /^routes\[2\] rest .* routes\[0\] all, which would take OPTIONS/,
  ]);
});

t.test('each pair of routes is told once', async (t) => {
  const paths = { path: ['/a/{x}', '/a/b/**', '/c'], hosts: ['a', '*.b'] };
  t.equal(advice(at('all', '/**', { scopes: ['a'] }), at('lax', paths, OPEN)).length, 1);
});

t.test('a route is told that can never match', async (t) => {
  const never = 'a path that differs in letter case, a slash or a parameter’s name is taken first';
  t.strictSame(advice(at('a', { path: ['/a/{x}/**', '/a'] }), at('A', '/A/**')), [
    `routes[1] A can never match /A/**: ${never}`,
  ]);
  t.strictSame(advice(at('a', { path: ['/a/{x}', '/b', '/a/{y}'] })), [
    `routes[0] a can never match /a/{y}: ${never}`,
  ]);
  t.strictSame(advice(at('trace', { path: '/a', methods: ['TRACE', 'CONNECT'] })), [
    'routes[0] trace can never match: nobody is served TRACE or CONNECT',
  ]);
  t.strictSame(
    advice(
      at('a', '/a'),
      at('A', '/A'),
      at('slash', '/a/'),
      at('x', GET('/{x}')),
      at('t', { path: '/t', methods: ['TRACE', 'GET'] }),
    ),
    [],
  );
});

t.test('the path of the published keys is the gateway’s own, where it mints', async (t) => {
  const routes = [at('keys', GET('/.well-known/jwks.json')), at('post', { path: '/.well-known/{x}' })];
  const phantom = { issuer: 'https://g.example', keys: '{}' };
  t.match(advise(load(changed({ phantom, routes }))), [
    'routes[0] keys can never match /.well-known/jwks.json: the gateway itself answers there',
    /^POST/,
  ]);
  t.match(advise(load(changed({ routes }))), [/^POST/]);
});

t.test('so is that of an API’s metadata, at its host', async (t) => {
  const path = '/.well-known/oauth-protected-resource/v1';
  const services = { api: { resource: { identifier: 'https://api.example.com/v1' } } };
  const told = (match: object, ...more: Match[]): string[] =>
    advise(load(changed({ services, routes: [at('own', { methods: ['GET'], path, ...match }), ...more] })));
  const never = [`routes[0] own can never match ${path}: the gateway itself answers there`];
  t.strictSame(told({ hosts: ['api.example.com'] }), never);
  t.strictSame(told({}), never);
  t.strictSame(told({ methods: ['GET', 'POST'] }), []);
  t.strictSame(told({ hosts: ['b.example.com'] }), []);
  t.strictSame(told({ hosts: ['api.example.com', 'b.example.com'] }), []);
  const elsewhere = at('b', { path: '/b', hosts: ['b.example.com'] });
  t.strictSame(told({}, elsewhere), [], 'it is for hosts of other routes');
  const twice = {
    ...services,
    b: { upstream: 'http://b', resource: { identifier: 'https://b.example.com/v1' } },
  };
  const routes = [at('own', { methods: ['GET'], path })];
  t.strictSame(
    advise(load(changed({ services: twice, routes }))),
    [],
    'of two documents, none is for any host',
  );
});

t.test('a thousand routes are looked at in a moment', async (t) => {
  const routes = Array.from({ length: 1_000 }, (_, i) =>
    at(`r${i}`, GET(`/api/{version}/things${i}/{id}/**`)),
  );
  const config = load(changed({ routes: [...routes, at('all', GET('/**'), { scopes: ['a'] })] }));
  const asked = performance.now();
  t.equal(advise(config).length, 1_000);
  t.ok(performance.now() - asked < 5_000);
});

t.test('a method that no parser takes, and a parameter in another router’s manner, are told', async (t) => {
  t.strictSame(advice(at('odd', { path: '/a', methods: ['FOO'] })), [
    'routes[0] odd can never match: nobody is served FOO',
  ]);
  t.strictSame(advice(at('purge', { path: '/a', methods: ['PURGE', 'FOO'] })), []);
  t.strictSame(advice(at('express', '/shop/:id')), [
    'routes[0] express takes :id literally: a parameter is written {id}',
  ]);
  t.strictSame(advice(at('google', '/v1/users:batch')), []);
});
