import t from 'tap';
import { Document } from '../../src/config/schema.ts';
import { changed, faults, load, RIGHT, withRoute, withService } from '../support/config.ts';

t.test('a configuration needs services and routes; every other section has defaults', async (t) => {
  const { server, health, admin, tracing, policies, services } = load(changed({}));
  t.strictSame(
    { server, health, admin, tracing, policies, services },
    {
      server: {
        host: '0.0.0.0',
        port: 8080,
        trusted_proxies: [],
        via: 'portcullis',
        response_headers: {},
        limits: {
          header_size: 32_768,
          header_count: 100,
          url_length: 8_192,
          header_timeout: 15_000,
          body_timeout: 60_000,
          idle_timeout: 75_000,
          connections: 10_000,
          connections_per_address: 1_000,
        },
        drain: 10_000,
      },
      health: { host: '0.0.0.0', port: 9091 },
      admin: { host: '127.0.0.1', port: 9090 },
      tracing: { trust: 'trusted_proxies' },
      policies: { source: '/config/policies', threads: 2 },
      services: {
        api: {
          name: 'api',
          upstream: 'http://api:4000',
          phantom_jwt: 'pass',
          timeouts: { connect: 5_000, headers: 30_000, idle: 60_000 },
          connections: 128,
          queue: 1_024,
          tls: {},
        },
      },
    },
  );
  t.strictSame(faults('{}'), ['services is missing', 'routes is missing']);
});

t.test('a configuration without an authorization server serves routes without tokens', async (t) => {
  const open = { authorization_servers: undefined, routes: [{ ...RIGHT.routes[0], token: 'none' }] };
  t.strictSame(load(changed(open)).authorization_servers, {});
});

t.test('ports, connections and names have their bounds', async (t) => {
  for (const section of ['server', 'health'])
    for (const port of [0, 65_535]) t.strictSame(faults(changed({ [section]: { port } })), [], `${port}`);
  t.strictSame(
    faults(changed({ admin: { port: 65_536 }, health: { port: -1 } })),
    ['health.port: expected a number >= 0', 'admin.port: expected a number <= 65535'].toSorted(),
  );
  t.strictSame(faults(withService({ connections: 1 })), []);
  t.strictSame(faults(withService({ connections: 0 })), ['services.api.connections: expected a number >= 1']);
  for (const name of ['a', 'A.b_c-9', '-']) t.strictSame(faults(withRoute({ name })), [], name);
  for (const name of ['', 'a b', 'ä', 'a/b', 'a\n'])
    t.strictSame(faults(withRoute({ name })), [
      'routes[0].name: expected a name of letters, digits, _ . and -',
    ]);
});

t.test('a service waits for nothing without a deadline', async (t) => {
  for (const key of ['connect', 'headers', 'idle'])
    t.strictSame(faults(withService({ timeouts: { [key]: '0s' } })), [
      `services.api.timeouts.${key}: expected a duration above zero such as 250ms, 30s, 5m or 1h`,
    ]);
  t.strictSame(load(withService({ timeouts: { idle: '1m' } })).services['api']?.timeouts, {
    connect: 5_000,
    headers: 30_000,
    idle: 60_000,
  });
});

t.test('a route has a name, a match with a path, and a service', async (t) => {
  for (const key of ['name', 'match', 'service'])
    t.strictSame(faults(withRoute({ [key]: undefined })), [`routes[0]: ${key} is missing`]);
  t.strictSame(faults(withRoute({ match: { path: undefined } })), ['routes[0].match: path is missing']);
  t.strictSame(faults(withRoute({ match: { hosts: [], methods: [] } })), [
    'routes[0].match.hosts: must not be empty',
    'routes[0].match.methods: must not be empty',
  ]);
});

t.test('what is designed but not there yet is refused, never ignored', async (t) => {
  for (const [change, path] of [
    [{ cache: { secret: 'x' } }, 'cache'],
    [{ telemetry: {} }, 'telemetry'],
    [{ server: { limits: { pipelined: 1 } } }, 'server.limits.pipelined'],
    [{ server: { tls: {} } }, 'server.tls'],
    [{ health: { path: '/' } }, 'health.path'],
    [{ admin: { allow_insecure_requests: true } }, 'admin.allow_insecure_requests'],
    [{ tracing: { endpoint: 'x' } }, 'tracing.endpoint'],
    [{ policies: { input_format: 'kong' } }, 'policies.input_format'],
    [{ services: { api: { health_check: {} } } }, 'services.api.health_check'],
    [{ services: { api: { upstreams: [] } } }, 'services.api.upstreams'],
    [{ services: { api: { timeouts: { total: '1m' } } } }, 'services.api.timeouts.total'],
    [
      { services: { api: { defaults: { body: { to_policy: true } } } } },
      'services.api.defaults.body.to_policy',
    ],
    [{ routes: [{ ...RIGHT.routes[0], match: { path: '/a', query: {} } }] }, 'routes[0].match.query'],
  ] as const)
    t.strictSame(faults(changed(change)), [`${path}: unknown key`]);
  t.strictSame(faults(changed({ policies: './policies' })), ['policies: expected a mapping']);
});

t.test('every setting is described for those who read the schema', async (t) => {
  type Schema = { description?: string; properties?: object; patternProperties?: object };
  const undescribed = (name: string, schema: Schema): string[] => {
    const { description, properties = {}, patternProperties = {} } = schema;
    const members = Object.values(patternProperties).flatMap((member: Schema) =>
      Object.entries(member.properties ?? {}),
    );
    const inside = [...Object.entries(properties), ...members] as [string, Schema][];
    return [
      ...(description || inside.length > 0 ? [] : [name]),
      ...inside.flatMap(([key, member]) => undescribed(`${name}.${key}`, member)),
    ];
  };
  t.strictSame(undescribed('', Document), []);
});
