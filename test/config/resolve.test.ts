import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { writtenAt } from '../../src/config/resolve.ts';
import { changed, faults, load, RIGHT, withRoute, withServer, withService } from '../support/config.ts';

const [A] = RIGHT.routes;

/** The first route in force, with settings given at the three places they may stand. */
const inForce = (defaults: object, service: object | undefined, route: object) =>
  load(
    changed({
      defaults: { policy: 'none', ...defaults },
      services: { api: { defaults: service } },
      routes: [{ ...A, ...route }],
    }),
  ).routes[0]!;

t.test('the nearest wins: the route, then its service’s defaults, then defaults', async (t) => {
  for (const [defaults, service, route, expected] of [
    [undefined, undefined, undefined, []],
    [['d'], undefined, undefined, [['d']]],
    [['d'], ['s'], undefined, [['s']]],
    [['d'], ['s'], ['r'], [['r']]],
    [['d'], undefined, ['r'], [['r']]],
    [['d'], [], undefined, []],
    [['d'], ['s'], [], []],
  ] as const) {
    const given = (scopes: readonly string[] | undefined) => (scopes ? { scopes } : {});
    t.strictSame(inForce(given(defaults), given(service), given(route)).scopes, expected);
  }
});

t.test('each setting is inherited by itself, and whole', async (t) => {
  const identity_headers = { claims: { sub: 'X-User' }, jwt: 'X-Jwt' };
  const route = inForce(
    { audience: ['d'], identity_headers, preserve_host: true },
    { audience: ['s'], token: 'optional', policy: 'a/b' },
    { identity_headers: { claims: { email: 'X-Email' } } },
  );
  t.match(route, { audience: ['s'], token: 'optional', policy: 'a/b', preserve_host: true });
  t.strictSame(
    route.identity_headers,
    {
      claims: [{ claim: 'email', path: ['email'], name: 'X-Email' }],
      jwt: 'authorization',
      credential: false,
      consumer: false,
    },
    'not merged',
  );
});

t.test('any setting at any place: the nearest one given is in force', async (t) => {
  const places = fc.tuple(...[0, 1, 2].map(() => fc.option(fc.boolean(), { nil: undefined })));
  const property = fc.property(places, places, (one, other) => {
    const at = (place: number) => ({
      ...(one[place] === undefined ? {} : { preserve_host: one[place] }),
      ...(other[place] === undefined ? {} : { forward_unverified_authorization: other[place] }),
    });
    const route = inForce(at(0), at(1), at(2));
    assert.equal(route.preserve_host, one[2] ?? one[1] ?? one[0] ?? false);
    assert.equal(route.forward_unverified_authorization, other[2] ?? other[1] ?? other[0] ?? false);
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 50 }));
});

t.test('a service’s defaults are for its own routes only', async (t) => {
  const text = changed({
    services: { api: { defaults: { token: 'none' } }, other: { upstream: 'http://other' } },
    routes: [A, { ...A, name: 'b', match: { path: '/b' }, service: 'other' }],
  });
  t.strictSame(
    load(text).routes.map(({ service, token }) => [service.name, token]),
    [
      ['api', 'none'],
      ['other', 'required'],
    ],
  );
  t.notOk('defaults' in load(text).services['api']!, 'they are no part of the service in force');
});

t.test('a policy must be named or said to be none', async (t) => {
  const unsaid = 'no policy is named, here or in defaults: name an entrypoint, or say none';
  const without = { defaults: { policy: undefined } };
  t.strictSame(faults(changed(without)), [`routes[0].policy: ${unsaid}`]);
  t.strictSame(
    load(changed({ ...without, services: { api: { defaults: { policy: 'a/b' } } } })).routes[0]?.policy,
    'a/b',
  );
  t.equal(load(withRoute({ policy: 'none' })).routes[0]?.policy, null);
});

t.test('the only authorization server is the default; of several, one must be named', async (t) => {
  const second = { issuer: 'https://two.example', client_id: 'c', client_secret: 's' };
  const two = { authorization_servers: { second } };
  const of = (text: string) => load(text).routes[0]?.authorization_servers.map(({ name }) => name);
  t.strictSame(of(changed({})), ['main']);
  t.strictSame(of(withRoute({ token: 'none' })), [], 'none is asked');
  t.strictSame(faults(changed(two)), [
    'routes[0].authorization_server: name one of the authorization servers: main, second',
  ]);
  t.strictSame(of(changed({ ...two, routes: [{ ...A, authorization_server: 'second' }] })), ['second']);
  t.strictSame(of(changed({ ...two, routes: [{ ...A, token: 'none' }] })), []);
  t.strictSame(faults(changed({ authorization_servers: { main: undefined } })), [
    'routes[0].authorization_server: name one of the authorization servers: none is configured',
  ]);
});

t.test('names that lead nowhere are told what there is', async (t) => {
  for (const name of ['nope', '', 'Main', '__proto__', 'constructor', 'toString']) {
    t.strictSame(faults(withRoute({ authorization_server: name })), [
      'routes[0].authorization_server: no such authorization server; there are: main',
    ]);
    t.strictSame(faults(withRoute({ service: name })), [
      'routes[0].service: no such service; there are: api',
    ]);
  }
  t.strictSame(faults(changed({ services: { api: undefined } })), [
    'routes[0].service: no such service; there are: none',
  ]);
  t.strictSame(
    faults(
      changed({ authorization_servers: { main: undefined }, routes: [{ ...A, authorization_server: 'x' }] }),
    ),
    ['routes[0].authorization_server: no such authorization server; there are: none'],
  );
});

t.test('services, servers and routes cannot be named as prototypes’ members are', async (t) => {
  for (const name of ['__proto__', 'constructor', 'prototype']) {
    const services = Object.fromEntries([[name, { upstream: 'http://x' }]]);
    const authorization_servers = Object.fromEntries([[name, RIGHT.authorization_servers.main]]);
    t.strictSame(faults(changed({ services })), [`services.${name}: cannot be a name`]);
    t.strictSame(faults(changed({ authorization_servers })), [
      `authorization_servers.${name}: cannot be a name`,
    ]);
    t.equal(load(withRoute({ name })).routes[0]?.name, name, 'a route’s name is a value, and no key');
  }
  const text = changed({
    services: { toString: { upstream: 'http://x' } },
    routes: [{ ...A, service: 'toString' }],
  });
  t.equal(load(text).routes[0]?.service.upstream, 'http://x');
});

t.test('a match in force has canonical hosts, a list of paths, and null for any', async (t) => {
  const match = (written: object) => load(withRoute({ match: written })).routes[0]?.match;
  t.strictSame(match({}), { hosts: null, paths: ['/a'], methods: null, headers: [] });
  t.strictSame(
    match({
      path: ['/a', '/b'],
      hosts: ['API.Example.com.', '*.X.y'],
      methods: ['GET', 'POST'],
      headers: { X_V: '2', Accept: ['a/b', 'c/d'] },
    }),
    {
      hosts: ['api.example.com', '*.x.y'],
      paths: ['/a', '/b'],
      methods: ['GET', 'POST'],
      headers: [
        { name: 'x-v', values: ['2'] },
        { name: 'accept', values: ['a/b', 'c/d'] },
      ],
    },
  );
});

t.test('scopes in force are all of lists of any of', async (t) => {
  t.strictSame(inForce({}, undefined, { scopes: [['a', 'b'], 'c', ['d']] }).scopes, [
    ['a', 'b'],
    ['c'],
    ['d'],
  ]);
});

t.test('relative policies start from the configuration’s folder', async (t) => {
  for (const [source, path] of [
    [undefined, '/config/policies'],
    ['p/bundle.tar.gz', '/config/p/bundle.tar.gz'],
    ['../p', '/p'],
    ['/p', '/p'],
  ])
    t.equal(load(changed({ policies: { source } })).policies.source, path);
});

t.test('a gateway’s own header names are those that any route sets, in canonical spelling', async (t) => {
  const routes = [
    { ...A, policy_headers: ['X-Role'], identity_headers: { claims: { sub: 'X_User' }, jwt: false } },
    { ...A, name: 'b', match: { path: '/b' }, identity_headers: { jwt: 'X-JWT' } },
  ];
  t.strictSame(load(changed({ routes })).own_names, new Set(['x-role', 'x-user', 'x-jwt']));
  t.strictSame(load(changed({})).own_names, new Set(['authorization']));
});

t.test('sections pass into the configuration as they are, decoded', async (t) => {
  t.equal(load(changed({ server: { drain: '1m' } })).server.drain, 60_000);
  t.equal(load(withService({ timeouts: { headers: '250ms' } })).routes[0]?.service.timeouts.headers, 250);
  t.equal(
    load(withServer({ introspection: { timeout: '1s' } })).authorization_servers['main']?.introspection
      .timeout,
    1_000,
  );
});

t.test('what lies within an inherited setting is written where it is inherited from', async (t) => {
  const written = {
    defaults: { policy_headers: ['X'], scopes: ['a'] },
    services: { api: { defaults: { policy_headers: ['Y'] } }, bare: {} },
    routes: [
      { service: 'api', audience: [] },
      { service: 'bare', policy_headers: ['Z'] },
      { service: 'constructor' },
    ],
  };
  for (const [path, expected] of [
    ['routes.0.policy_headers.1', 'services.api.defaults.policy_headers.1'],
    ['routes.0.scopes.0', 'defaults.scopes.0'],
    ['routes.0.audience.0', 'routes.0.audience.0'],
    ['routes.1.policy_headers.0', 'routes.1.policy_headers.0'],
    ['routes.1.scopes.0', 'defaults.scopes.0'],
    ['routes.2.scopes.0', 'defaults.scopes.0'],
    ['routes.0.scopes', 'routes.0.scopes'],
    ['routes.0', 'routes.0'],
    ['services.api.defaults.x.y', 'services.api.defaults.x.y'],
  ]) {
    const keys = path!.split('.').map((key) => (/^\d$/.test(key) ? Number(key) : key));
    t.equal(writtenAt(written, keys).join('.'), expected);
  }
});
