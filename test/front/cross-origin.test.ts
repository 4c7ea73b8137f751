import t from 'tap';
import type { Route } from '../../src/config/route.ts';
import { crossOrigin } from '../../src/front/cross-origin.ts';
import { buildRouteTable } from '../../src/http/route-table.ts';
import { received, route, target } from '../support/exchange.ts';

const APP = 'https://app.example.com';
const CORS: Route['cors'] = {
  origins: [APP],
  headers: ['Authorization'],
  expose_headers: [],
  credentials: false,
  max_age: 60_000,
};
const at = (path: string, methods: string[] | null, cors: Route['cors']): Route =>
  route({
    name: `${path} ${String(methods)}`,
    match: { hosts: null, paths: [path], methods, headers: [] },
    cors,
  });

const judge = crossOrigin(
  buildRouteTable([
    at('/a', ['GET'], CORS),
    at('/a', ['PUT'], null),
    at('/a', ['OPTIONS'], null),
    at('/all', null, CORS),
    at('/under/**', null, CORS),
  ]),
);
const ask = (method: string, path: string, ...fields: string[]) =>
  judge(received({ method, target: target(path), fields: ['Host', 'api.example.com', ...fields] }));
const asking = (method: string, origin = APP) => ['Origin', origin, 'Access-Control-Request-Method', method];

t.test('a true preflight is matched by the method that it asks about', async (t) => {
  t.match(ask('OPTIONS', '/a', ...asking('GET'))?.preflight, { fields: ['Vary', 'Origin', /./, APP] });
  t.match(ask('OPTIONS', '/all', ...asking('DELETE'))?.preflight, { fields: ['Vary', 'Origin', /./, APP] });
  t.match(ask('OPTIONS', '/a', ...asking('HEAD'))?.preflight, { fields: ['Vary'] }, 'GET admits HEAD');
});

t.test('one that the route refuses is a denial, dressed so that no page can read it', async (t) => {
  const refused = ask('OPTIONS', '/a', ...asking('GET', 'https://evil.example'));
  t.match(refused?.preflight, { denial: 'cross_origin_refused', detail: /origins/ });
  t.strictSame(refused?.dressing.adds, ['Vary', 'Origin']);
});

t.test('a preflight for a route without CORS goes its own way, as OPTIONS', async (t) => {
  t.equal(ask('OPTIONS', '/a', ...asking('PUT')), null);
  t.equal(
    ask('OPTIONS', '/a', ...asking('PATCH')),
    null,
    'nor is anything said of a method that no route has',
  );
  t.equal(ask('OPTIONS', '/nowhere', ...asking('GET')), null);
});

t.test('what only looks like a preflight is a request (oauth2-proxy#735)', async (t) => {
  t.equal(ask('OPTIONS', '/all', 'Origin', APP)?.preflight, null);
  t.equal(ask('OPTIONS', '/all', 'Access-Control-Request-Method', 'GET')?.preflight, null);
  t.equal(ask('GET', '/all', ...asking('GET'))?.preflight, null);
});

t.test('every answer of a route with CORS says who may read it, and speaks alone', async (t) => {
  const page = ask('GET', '/a', 'Origin', APP);
  t.strictSame(page?.dressing.adds, ['Vary', 'Origin', 'Access-Control-Allow-Origin', APP]);
  t.ok(page?.dressing.removes.has('access-control-allow-origin'), "the upstream's own word is removed");
  t.strictSame(ask('GET', '/a')?.dressing.adds, ['Vary', 'Origin'], 'and varies for those that are no pages');
  t.equal(ask('PUT', '/a', 'Origin', APP), null, 'a route without CORS is left alone');
});

t.test('a preflight that any route would refuse for its form is left to the chain', async (t) => {
  for (const fields of [
    ['Content-Type', 'a/b', 'content-type', 'c/d'],
    ['X-A', '1', 'X_A', '2'],
    ['X-HTTP-Method-Override', 'DELETE'],
    ['Transfer-Encoding', 'gzip, chunked'],
  ])
    t.notOk(ask('OPTIONS', '/all', ...asking('GET'), ...fields)?.preflight, fields.join());
  t.ok(ask('OPTIONS', '/under/a', ...asking('GET'))?.preflight);
  t.notOk(ask('OPTIONS', '/under/a%2Fb', ...asking('GET'))?.preflight, 'nor is an ambiguous path answered');
});
