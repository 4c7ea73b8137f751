import t from 'tap';
import { route as stageOf } from '../../src/chain/1-route.ts';
import type { Route } from '../../src/config/route.ts';
import { buildRouteTable } from '../../src/http/route-table.ts';
import { fields, received, route, target } from '../support/exchange.ts';

const reading = route({
  name: 'reading',
  match: { hosts: null, paths: ['/a/{id}'], methods: ['GET'], headers: [] },
});
const writing = route({
  name: 'writing',
  match: { hosts: null, paths: ['/a/{id}'], methods: ['POST', 'PURGE'], headers: [] },
});
const anything = route({
  name: 'anything',
  match: { hosts: null, paths: ['/any/**'], methods: null, headers: [] },
});
const routeStage = (routes: readonly Route[]) => stageOf(buildRouteTable(routes));
const { run } = routeStage([reading, writing, anything]);

t.test('a request gets the route of its path and method, and the rest of it stays as it came', async (t) => {
  const exchange = received({ method: 'POST', target: target('/a/caf%C3%A9?q=1') });
  t.strictSame(await run(exchange), {
    ...exchange,
    route: writing,
    pattern: '/a/{id}',
    params: Object.assign(Object.create(null), { id: 'café' }),
    upstream_path: '/a/caf%C3%A9',
  });
});

t.test('HEAD goes down the route of GET and stays HEAD', async (t) => {
  t.match(await run(received({ method: 'HEAD', target: target('/a/1') })), {
    route: reading,
    method: 'HEAD',
  });
});

t.test('a path or a method that no route has is no route', async (t) => {
  for (const [method, path] of [
    ['GET', '/b'],
    ['GET', '/a'],
    ['DELETE', '/a/1'],
    ['HEAD', '/'],
  ] as const)
    t.strictSame(await run(received({ method, target: target(path) })), { denial: 'no_route' });
});

t.test('header fields that two programs could read differently are a malformed request', async (t) => {
  const cases: Record<string, readonly string[]> = {
    'there is no host header': ['Accept', '*/*'],
    'there are two host headers': fields('host', 'admin.example.com'),
    'there are two content-length headers': fields('Content-Length', '1', 'content-length', '2'),
    'there are two content-type headers': fields('Content-Type', 'a/b', 'CONTENT-TYPE', 'c/d'),
    'the transfer coding is not chunked': fields('Transfer-Encoding', 'gzip, chunked'),
  };
  for (const [detail, faulty] of Object.entries(cases))
    t.strictSame(await run(received({ fields: faulty, target: target('/any/1') })), {
      denial: 'malformed_request',
      detail,
    });
});

t.test('two Authorization headers are an ambiguous credential, whatever their route', async (t) => {
  const twice = fields('Authorization', 'Bearer good', 'AUTHORIZATION', 'Bearer evil');
  for (const path of ['/a/1', '/nowhere'])
    t.strictSame(await run(received({ fields: twice, target: target(path) })), {
      denial: 'credential_ambiguous',
      detail: 'there are two authorization headers',
    });
});

t.test('TRACE is refused, and Allow names what the path serves (RFC 9110 section 15.5.6)', async (t) => {
  const allow = async (path: string): Promise<unknown> => {
    const denied = await run(received({ method: 'TRACE', target: target(path) }));
    t.match(denied, { denial: 'method_not_allowed' });
    return 'allow' in denied && denied.allow;
  };
  t.strictSame(await allow('/a/1'), ['GET', 'HEAD', 'POST', 'PURGE'], 'of all routes that share the path');
  t.strictSame(
    await allow('/any/thing'),
    ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    'the usual methods of a route that names none',
  );
  t.strictSame(await allow('/nowhere'), [], 'nothing where there is nothing');
});

t.test('a route that names TRACE does not serve it', async (t) => {
  const tracing = route({ match: { hosts: null, paths: ['/'], methods: ['TRACE', 'POST'], headers: [] } });
  t.strictSame(await routeStage([tracing]).run(received({ method: 'TRACE', target: target('/') })), {
    denial: 'method_not_allowed',
    allow: ['POST'],
  });
});

t.test('an ambiguous path is refused unless its route admits that very form', async (t) => {
  const forms = { '%2F': 'a%2fb', '%3F': 'a%3Fb', '%23': 'a%23b', '%25': 'a%2541', ';': 'a;b', '//': 'a//b' };
  const lax = (allow: (keyof typeof forms)[]) =>
    routeStage([
      route({
        match: { hosts: null, paths: ['/any/**'], methods: null, headers: [] },
        ambiguous_paths: { allow },
      }),
    ]);
  for (const [form, written] of Object.entries(forms) as [keyof typeof forms, string][]) {
    const exchange = received({ target: target(`/any/${written}`) });
    const others = (Object.keys(forms) as (keyof typeof forms)[]).filter((other) => other !== form);
    t.match(await lax([form]).run(exchange), { pattern: '/any/**' }, `${form} admitted`);
    t.strictSame(
      await lax(others).run(exchange),
      { denial: 'ambiguous_path', detail: `the path has ${form}` },
      `${form} refused beside the others`,
    );
  }
});

t.test('an ambiguous path is refused before it is known whether a route has it', async (t) => {
  t.match(await run(received({ target: target('/nowhere;x') })), { denial: 'ambiguous_path' });
});

t.test('a header that tells routes apart chooses among them', async (t) => {
  const match = { hosts: null, paths: ['/v'], methods: null };
  const two = route({ name: 'two', match: { ...match, headers: [{ name: 'x-version', values: ['2'] }] } });
  const one = route({ name: 'one', match: { ...match, headers: [] } });
  const stage = routeStage([one, two, anything]);
  const asked = (path: string, ...sent: string[]) =>
    stage.run(received({ fields: fields(...sent), target: target(path) }));
  t.match(await asked('/v', 'X-Version', '2'), { route: two });
  t.match(await asked('/v', 'X-Version', '3'), { route: one });
  t.match(await asked('/v'), { route: one });
  for (const path of ['/v', '/any/1', '/nowhere'])
    t.strictSame(
      await asked(path, 'X-Version', '3', 'X-Version', '2'),
      { denial: 'malformed_request', detail: 'there are two x-version headers, by which routes differ' },
      'it is not sent in two ways, whatever the path',
    );
  t.match(
    await run(received({ fields: fields('X-Version', '2', 'X-Version', '3'), target: target('/a/1') })),
    {
      route: reading,
    },
  );
});

const OVERRIDES = ['X-HTTP-Method-Override', 'x-method-override', 'X_HTTP_Method'];

t.test('a header that would change the method is refused, whether there is a route or not', async (t) => {
  for (const name of OVERRIDES)
    for (const path of ['/a/1', '/any/1', '/nowhere'])
      t.match(await run(received({ fields: fields(name, 'DELETE'), target: target(path) })), {
        denial: 'malformed_request',
        detail: /^x-(?:http-)?method(?:-override)? would change the method that was judged$/,
      });
});

t.test('it passes on a route that says so, and on no other', async (t) => {
  const lax = route({ match: anything.match, dangerously_forward_method_override: true });
  const stage = routeStage([lax, reading]);
  for (const name of OVERRIDES) {
    const sent = fields(name, 'DELETE');
    t.match(await stage.run(received({ fields: sent, target: target('/any/1') })), {
      route: lax,
      method: 'GET',
    });
    t.match(await stage.run(received({ fields: sent, target: target('/a/1') })), {
      denial: 'malformed_request',
    });
  }
});

t.test('a body that is announced beyond what the route takes is too large', async (t) => {
  const small = route({ match: anything.match, body: { max_size: 10, credential_max_size: 10 } });
  const ended = (length: number | null) =>
    routeStage([small]).run(
      received({
        method: 'POST',
        target: target('/any/1'),
        body: { length, stream: () => t.fail() as never, buffer: () => t.fail() as never },
      }),
    );
  t.strictSame(await ended(11), { denial: 'content_too_large' });
  for (const length of [10, 0, null]) t.match(await ended(length), { route: small });
});

t.test('the upstream gets what the route makes of the path, by each of its patterns', async (t) => {
  const match = (...paths: string[]) => ({ hosts: null, paths, methods: null, headers: [] });
  const stage = routeStage([
    route({ name: 'stripping', match: match('/api/**'), strip_prefix: '/api' }),
    route({ name: 'rewriting', match: match('/{a}/v/{b}', '/b/{b}/{a}'), rewrite: '/{b}/of/{a}' }),
    route({ name: 'neither', match: match('/**') }),
  ]);
  for (const [path, expected] of [
    ['/api/a%20b/c', '/a%20b/c'],
    ['/api', '/'],
    ['/x/v/%C3%A9', '/%C3%A9/of/x'],
    ['/b/%C3%A9/x', '/%C3%A9/of/x'],
    ['/x/v/%C3%A9', '/%C3%A9/of/x'],
    ['/a%20b', '/a%20b'],
  ] as const)
    t.match(await stage.run(received({ target: target(path) })), { upstream_path: expected }, path);
});

t.test('CVE-2026-48020: a path that a strip would make ambiguous is refused', async (t) => {
  const stripping = route({
    match: { hosts: null, paths: ['/api/**'], methods: null, headers: [] },
    strip_prefix: '/api',
    ambiguous_paths: { allow: ['//'] },
  });
  t.match(await routeStage([stripping]).run(received({ target: target('/api//admin') })), {
    denial: 'ambiguous_path',
  });
});
