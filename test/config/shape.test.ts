import * as fc from 'fast-check';
import t from 'tap';
import { completed, shapeFaults } from '../../src/config/shape.ts';
import { changed, faults, RIGHT, withRoute, withServer, withService } from '../support/config.ts';

/** Faults of a document that is completed first, as `path: message`. */
const shape = (document: unknown): string[] =>
  shapeFaults(completed(document)).map(({ path, message }) => `${path.join('.')}: ${message}`);

t.test('a right document is right, and completion changes nothing that is written', async (t) => {
  t.strictSame(shape(RIGHT), []);
  t.match(completed(RIGHT), RIGHT);
});

t.test('what is no mapping of settings is told so', async (t) => {
  for (const document of [null, undefined, '', 'text', 5, true, [], [RIGHT]])
    t.strictSame(shape(document), [': expected a mapping of settings'], JSON.stringify(document));
});

t.test('each fault says what was expected', async (t) => {
  for (const [text, ...expected] of [
    [changed({ server: null }), 'server: expected a mapping'],
    [changed({ server: [] }), 'server: expected a mapping'],
    [changed({ server: { trusted_proxies: {} } }), 'server.trusted_proxies: expected a list'],
    [changed({ server: { host: 5 } }), 'server.host: expected a string'],
    [changed({ server: { host: '' } }), 'server.host: must not be empty'],
    [changed({ server: { port: '80' } }), 'server.port: expected an integer'],
    [changed({ server: { port: 80.5 } }), 'server.port: expected an integer'],
    [changed({ server: { port: -1 } }), 'server.port: expected a number >= 0'],
    [changed({ server: { port: 65_536 } }), 'server.port: expected a number <= 65535'],
    [changed({ server: { drain: 10 } }), 'server.drain: expected a duration such as 250ms, 30s, 5m or 1h'],
    [changed({ server: { drain: '10' } }), 'server.drain: expected a duration such as 250ms, 30s, 5m or 1h'],
    [
      withService({ timeouts: { idle: '0s' } }),
      'services.api.timeouts.idle: expected a duration above zero such as 250ms, 30s, 5m or 1h',
    ],
    [changed({ tracing: { trust: 'me' } }), 'tracing.trust: expected one of trusted_proxies, all, none'],
    [withService({ upstream: 5 }), 'services.api.upstream: expected an http:// or https:// URL'],
    [withService({ upstream: 'api:4000' }), 'services.api.upstream: expected an http:// or https:// URL'],
    [
      withServer({ allow_insecure_requests: 'yes' }),
      'authorization_servers.main.allow_insecure_requests: expected a boolean',
    ],
    [withServer({ client_id: undefined }), 'authorization_servers.main: client_id is missing'],
    [changed({ authorization_servers: null }), 'authorization_servers: expected a mapping'],
    [changed({ services: undefined, routes: undefined }), 'services is missing', 'routes is missing'],
    [changed({ services: [] }), 'services: expected a mapping'],
    [changed({ services: { api: null } }), 'services.api: expected a mapping'],
    [changed({ routes: {} }), 'routes: expected a list'],
    [changed({ routes: [] }), 'routes: must not be empty'],
    [changed({ routes: [5, null] }), 'routes[0]: expected a mapping', 'routes[1]: expected a mapping'],
    [withRoute({ name: 'a b' }), 'routes[0].name: expected a name of letters, digits, _ . and -'],
    [
      withRoute({ policy: 'allow' }),
      'routes[0].policy: expected a Rego entrypoint such as accounts/allow, or none',
    ],
    [withRoute({ policy_headers: ['a b'] }), 'routes[0].policy_headers[0]: expected a header name'],
    [
      withRoute({ match: { methods: ['get'] } }),
      'routes[0].match.methods[0]: expected a method in capitals, such as GET',
    ],
    [changed({ nope: 1 }), 'nope: unknown key'],
    [
      changed({ services: { prototype: {} } }),
      'services.prototype: cannot be a name',
      'services.prototype: upstream is missing',
    ],
  ] as [string, ...string[]][])
    t.strictSame(faults(text).toSorted(), expected.toSorted(), expected.join());
});

t.test('of a union only the union speaks, for each member at most once', async (t) => {
  const scope = 'expected a scope (RFC 6749 section 3.3), or a list of which one suffices';
  t.strictSame(faults(withRoute({ scopes: ['ok', 'a b', ['ok', 'c d', 5], [], {}, ''] })), [
    `routes[0].scopes[1]: ${scope}`,
    `routes[0].scopes[2]: ${scope}`,
    `routes[0].scopes[3]: ${scope}`,
    `routes[0].scopes[4]: ${scope}`,
    `routes[0].scopes[5]: ${scope}`,
  ]);
  const path = 'expected a path pattern such as /accounts/{id} or /files/**, or a list of them';
  for (const wrong of [5, [], [5], {}])
    t.strictSame(faults(withRoute({ match: { path: wrong } })), [`routes[0].match.path: ${path}`]);
  for (const jwt of [true, 'true', 'false', 'a b', ''])
    t.strictSame(faults(withRoute({ identity_headers: { jwt } })), [
      'routes[0].identity_headers.jwt: expected the header that carries the phantom JWT (authorization: as Bearer), or false',
    ]);
});

t.test('every fault is told, however many there are', async (t) => {
  const routes = Array.from({ length: 120 }, (_, index) => ({
    name: `r${index}`,
    match: { path: 5 },
    service: 1,
  }));
  t.equal(shape({ ...RIGHT, routes }).length, 240);
});

t.test('keys keep their spelling in paths', async (t) => {
  t.strictSame(shape({ ...RIGHT, 'a/b~c': 1, '~1': 1 }), ['a/b~c: unknown key', '~1: unknown key']);
  t.strictSame(shape({ ...RIGHT, services: { 'a/b~c.d': { upstream: 'x' }, 7: { upstream: 'x' } } }), [
    'services.7.upstream: expected an http:// or https:// URL',
    'services.a/b~c.d.upstream: expected an http:// or https:// URL',
  ]);
});

t.test('keys of prototypes are keys like any other: refused where they are unknown', async (t) => {
  for (const key of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])
    for (const value of [1, {}, { token: 'none' }]) {
      const own = Object.fromEntries([[key, value]]);
      t.strictSame(faults(changed(own)), [`${key}: unknown key`]);
      t.strictSame(faults(changed({ defaults: own })), [`defaults.${key}: unknown key`]);
      t.strictSame(faults(withRoute(own)), [`routes[0].${key}: unknown key`]);
      t.strictSame(faults(withService({ defaults: own })), [`services.api.defaults.${key}: unknown key`]);
    }
});

t.test(
  'defaults of sections are filled in, those of route settings only within what is written',
  async (t) => {
    const document = completed({
      ...RIGHT,
      defaults: { identity_headers: { claims: { sub: 'X-User' } } },
      services: { api: { ...RIGHT.services.api, defaults: { ambiguous_paths: {} } } },
      routes: [{ ...RIGHT.routes[0], identity_headers: { jwt: false } }],
    }) as {
      services: { api: { defaults: object; timeouts: object } };
      server: object;
      defaults: object;
      routes: object[];
    };
    t.match(document.server, { port: 8080, trusted_proxies: [] });
    t.strictSame(document.defaults, {
      identity_headers: {
        claims: { sub: 'X-User' },
        jwt: 'authorization',
        credential: false,
        consumer: false,
      },
    });
    t.strictSame(document.services.api.defaults, { ambiguous_paths: { allow: [] } });
    t.strictSame(document.services.api.timeouts, { connect: '5s', headers: '30s', idle: '60s' });
    t.strictSame(document.routes, [
      {
        ...RIGHT.routes[0],
        identity_headers: { claims: {}, jwt: false, credential: false, consumer: false },
      },
    ]);
  },
);

t.test('whatever a document is, its faults are told and nothing throws', async (t) => {
  const any = fc.jsonValue({ maxDepth: 4 });
  const keys = ['server', 'services', 'routes', 'defaults', 'authorization_servers', 'phantom', '__proto__'];
  const documents = fc.dictionary(fc.constantFrom(...keys), any, { noNullPrototype: true });
  t.doesNotThrow(() => fc.assert(fc.property(documents, (document) => shape(document).length > 0)));
});

t.test('no fault of shape repeats a value', async (t) => {
  const marked = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(marked);
    if (typeof value !== 'object' || value === null) return { hunter2: 'hunter2' };
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, marked(member)]));
  };
  const told = shape(marked(completed(RIGHT)));
  t.ok(told.length > 20, 'each value is refused');
  t.strictSame(
    told.filter((fault) => fault.includes('hunter2')),
    [],
  );
  t.strictSame(
    faults(
      withRoute({
        name: 'hunter2 ',
        match: { path: ['hunter2'], hosts: ['hunter2:'], methods: ['hunter2'] },
      }),
    )
      .join()
      .match(/hunter2/),
    null,
  );
});
