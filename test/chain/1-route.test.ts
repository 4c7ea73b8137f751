import t from 'tap';
import { route as routeStage } from '../../src/chain/1-route.ts';
import { fields, received, route, target } from '../support/exchange.ts';

const reading = route({ name: 'reading', match: { hosts: null, paths: ['/a/{id}'], methods: ['GET'] } });
const writing = route({
  name: 'writing',
  match: { hosts: null, paths: ['/a/{id}'], methods: ['POST', 'PURGE'] },
});
const anything = route({ name: 'anything', match: { hosts: null, paths: ['/any/**'], methods: null } });
const { run } = routeStage([reading, writing, anything]);

t.test('a request gets the route of its path and method, and the rest of it stays as it came', async (t) => {
  const exchange = received({ method: 'POST', target: target('/a/caf%C3%A9?q=1') });
  t.strictSame(await run(exchange), {
    ...exchange,
    route: writing,
    pattern: '/a/{id}',
    params: Object.assign(Object.create(null), { id: 'café' }),
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
    'x-http-method would change the method that was judged': fields(
      'Authorization',
      'Bearer a',
      'X-HTTP-Method',
      'DELETE',
    ),
    'x-method-override would change the method that was judged': fields('X-Method-Override', 'DELETE'),
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
    ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE'],
    'every method of a route that names none',
  );
  t.strictSame(await allow('/nowhere'), [], 'nothing where there is nothing');
});

t.test('a route that names TRACE does not serve it', async (t) => {
  const tracing = route({ match: { hosts: null, paths: ['/'], methods: ['TRACE', 'POST'] } });
  t.strictSame(await routeStage([tracing]).run(received({ method: 'TRACE', target: target('/') })), {
    denial: 'method_not_allowed',
    allow: ['POST'],
  });
});

t.test('an ambiguous path is refused unless its route admits that very form', async (t) => {
  const forms = { '%2F': 'a%2fb', '%3F': 'a%3Fb', '%23': 'a%23b', '%25': 'a%2541', ';': 'a;b', '//': 'a//b' };
  const lax = (allow: (keyof typeof forms)[]) =>
    routeStage([
      route({ match: { hosts: null, paths: ['/any/**'], methods: null }, ambiguous_paths: { allow } }),
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
