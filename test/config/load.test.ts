import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import t from 'tap';
import { ConfigurationError } from '../../src/config/fault.ts';
import { environment, loadConfig } from '../../src/config/load.ts';
import { changed, faults, faultsAt, load, withRoute, withServer, withService } from '../support/config.ts';

const ROOT = join(import.meta.dirname, '../..');

const errorOf = (act: () => unknown): ConfigurationError => {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('it loaded');
};

t.test('the example configuration loads, given its one secret', async (t) => {
  const { routes, server, services } = loadConfig(join(ROOT, 'portcullis.yaml'), { CLIENT_SECRET: 's' });
  t.strictSame(
    routes.map(({ name, policy, scopes }) => [name, policy, scopes]),
    [
      ['account', 'accounts/allow', [['accounts:read']]],
      ['transaction', 'transactions/decision', [['transactions:read']]],
      ['approval', 'transactions/decision', [['transactions:approve']]],
    ],
  );
  t.equal(server.port, 8080);
  t.equal(services['accounts']?.upstream, 'http://accounts:4000');
  const changed = loadConfig(join(ROOT, 'portcullis.yaml'), {
    CLIENT_SECRET: 's',
    PORT: '9',
    ISSUER: 'https://as',
  });
  t.equal(changed.server.port, 9);
  t.equal(changed.authorization_servers['main']?.issuer, 'https://as');
  t.match(errorOf(() => loadConfig(join(ROOT, 'portcullis.yaml'), {})).message, /CLIENT_SECRET is not set$/);
});

t.test('the demo’s configuration loads with its key', async (t) => {
  const file = join(
    t.testdir({ demo: { keys: { 'phantom.json': '{"keys":[]}\n' } } }),
    'demo/portcullis.yaml',
  );
  writeFileSync(file, readFileSync(join(ROOT, 'demo/portcullis.yaml')));
  const { phantom, services, tracing } = loadConfig(file, {});
  t.equal(phantom?.keys.reveal(), '{"keys":[]}');
  t.equal(services['accounts']?.phantom_jwt, 'mint');
  t.equal(tracing.trust, 'all');
});

t.test(
  'files and policies are found from the configuration’s folder, wherever the process runs',
  async (t) => {
    const folder = t.testdir({ 'c.yaml': withServer({ client_secret: '${file:secrets/client}' }) });
    mkdirSync(join(folder, 'secrets'));
    writeFileSync(join(folder, 'secrets/client'), 'from the file\n');
    const config = loadConfig(join(folder, 'c.yaml'), {});
    t.equal(config.authorization_servers['main']?.client_secret?.reveal(), 'from the file');
    t.equal(config.policies.source, join(folder, 'policies'));
  },
);

t.test('a file that cannot be read is a fault like any other', async (t) => {
  const folder = t.testdir({ folder: {} });
  for (const [file, code] of [
    [join(folder, 'nope.yaml'), 'ENOENT'],
    [join(folder, 'folder'), 'EISDIR'],
  ] as const)
    t.equal(
      errorOf(() => loadConfig(file, {})).message,
      `${file}:1:1 cannot read the configuration: ${code}`,
    );
});

t.test('the environment is the process’s own, and members of its prototype are no variables', async (t) => {
  t.equal(environment, process.env);
  const file = join(t.testdir({ 'c.yaml': withServer({ client_secret: '${constructor}' }) }), 'c.yaml');
  for (const env of [{}, environment])
    t.match(errorOf(() => loadConfig(file, env)).message, /environment variable constructor is not set/);
});

t.test('an empty file, a list and a scalar are no configuration', async (t) => {
  for (const text of ['', '\uFEFF', '# only this\n', '~', '- a\n- b', 'text', '42', '"{}"'])
    t.match(faultsAt(text), [/^1:1 expected a mapping of settings$/], JSON.stringify(text));
});

t.test('a reference may stand for a number or a boolean, where one is expected', async (t) => {
  const text = changed({
    server: { port: '${PORT}', host: '${HOST}' },
    admin: { port: '${NOPE:-9000}' },
    services: { api: { connections: '${file:n}' } },
    defaults: { preserve_host: '${ON}', identity_headers: { jwt: '${OFF}' } },
  });
  const variables = { PORT: '80', HOST: '10', ON: 'true', OFF: 'false' };
  const { server, admin, services, routes } = load(text, { variables, files: { n: '7\n' } });
  t.match({ server, admin }, { server: { port: 80, host: '10' }, admin: { port: 9_000 } });
  t.equal(services['api']?.connections, 7);
  t.match(routes[0], { preserve_host: true, identity_headers: { jwt: false } });
});

t.test('and is judged like what is written otherwise', async (t) => {
  const port = (value: string) => faults(changed({ server: { port: '${P}' } }), { variables: { P: value } });
  t.strictSame(port('65536'), ['server.port: expected a number <= 65535']);
  t.strictSame(port('8O80'), ['server.port: expected an integer']);
  t.strictSame(port('9'.repeat(400)), ['server.port: expected an integer']);
  t.strictSame(faults(changed({ server: { port: '8${P}' } }), { variables: { P: '0' } }), [
    'server.port: expected an integer',
  ]);
  t.strictSame(faults(changed({ server: { port: '8080' } })), ['server.port: expected an integer']);
  t.strictSame(
    faults(withServer({ client_secret: '${S}' }), { variables: { S: '123456' } }),
    [],
    'digits are text where text is expected',
  );
  t.strictSame(
    faults(changed({ server: { port: '${P}' }, admin: { host: '${P}' } })),
    ['server.port', 'admin.host'].map((path) => `${path}: environment variable P is not set`),
    'one that gives nothing is not judged as a value too',
  );
});

t.test('an alias of a reference is a number here and text there', async (t) => {
  const text = `
server: { port: &p "\${P}", host: *p }
health: &h { port: *p, host: localhost }
admin: *h
services: { api: { upstream: "http://api" } }
routes: [{ name: a, match: { path: /a }, service: api, token: none, policy: none }]
`;
  const { server, health, admin } = load(text, { variables: { P: '80' } });
  t.match(server, { port: 80, host: '80', trusted_proxies: [] });
  t.strictSame(
    [health, admin],
    [
      { port: 80, host: 'localhost' },
      { port: 80, host: 'localhost' },
    ],
  );
});

const WRONG = `# every kind of place
server: &s
  "port": x
  'host': 5
  nope: 1
health: { port: "\${PORT}", host: '' }
admin: *s
authorization_servers:
  main: { issuer: "https://as", client_id: c, client_secret: "\${file:nope}" }
  __proto__: { issuer: 5 }
services:
  api:
    upstream: api
routes:
- match: { path: [/a, 5] }
  service: api
- name: a b
  match: {path: /a, methods: [GET,
    get]}
  service: api
  scopes: [a, [b, "c d"]]
`;

t.test('every fault is told at once, with its line and column', async (t) => {
  const expected = [
    '3:3 server.port: expected an integer',
    '3:3 admin.port: expected an integer',
    '4:3 server.host: expected a string',
    '4:3 admin.host: expected a string',
    '5:3 server.nope: unknown key',
    '5:3 admin.nope: unknown key',
    '6:17 health.port: environment variable PORT is not set',
    '6:28 health.host: must not be empty',
    '9:62 authorization_servers.main.client_secret: cannot read this file: ENOENT',
    '10:3 authorization_servers.__proto__: cannot be a name',
    '10:3 authorization_servers.__proto__: client_id is missing',
    '10:16 authorization_servers.__proto__.issuer: expected an http:// or https:// URL',
    '13:5 services.api.upstream: expected an http:// or https:// URL',
    '15:3 routes[0]: name is missing',
    '15:12 routes[0].match.path: expected a path pattern such as /accounts/{id} or /files/**, or a list of them',
    '17:3 routes[1].name: expected a name of letters, digits, _ . and -',
    '19:5 routes[1].match.methods[1]: expected a method in capitals, such as GET',
    '21:15 routes[1].scopes[1]: expected a scope (RFC 6749 section 3.3), or a list of which one suffices',
  ];
  t.strictSame(faultsAt(WRONG).toSorted(), expected.toSorted());
  t.strictSame(faultsAt(WRONG.replaceAll('\n', '\r\n')).toSorted(), expected.toSorted(), 'with CRLF');
  t.strictSame(faultsAt(`\uFEFF${WRONG}`).toSorted(), expected.toSorted(), 'with a byte order mark');
});

t.test('broken rules have their places too', async (t) => {
  const text = `admin: {host: 0.0.0.0}
services: {api: {upstream: "http://a/b"}}
defaults: {policy: none}
routes:
  - {name: a, match: {path: a}, service: api, token: none, scopes: [x]}
  - {name: a, match: {path: [/b, /c d]}, service: nope}
`;
  t.strictSame(faultsAt(text), [
    '1:9 admin.host: the admin front shows its details to anybody: it can listen on loopback only',
    '2:18 services.api.upstream: expected an origin such as https://accounts:4000, without a path',
    '5:23 routes[0].match.path: a path pattern starts with /',
    '5:60 routes[0].scopes: token: none has no scopes to judge',
    '6:5 routes[1].authorization_server: name one of the authorization servers: none is configured',
    '6:6 routes[1].name: there is another route of this name',
    '6:34 routes[1].match.path[1]: a segment is neither a literal segment, {name} nor a final **',
    '6:42 routes[1].service: no such service; there are: api',
  ]);
});

t.test('any text loads or is refused in the same way, and never fails otherwise', async (t) => {
  const pieces = [
    'a',
    'b: ',
    '- ',
    '\n',
    '  ',
    '{',
    '}',
    '[',
    ']',
    ', ',
    '"',
    "'",
    '*a',
    '&a ',
    '!t ',
    '|',
    '>',
    '#',
    '${A}',
    '? ',
    '<<: ',
    '%',
    '\t',
    ': ',
  ];
  const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map((parts) => parts.join(''));
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(soup, (text) => faultsAt(text).length > 0),
      { numRuns: 300 },
    ),
  );
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(soup, (text) => {
        faultsAt(`${withRoute({}).slice(0, -1)}, "defaults": ${text}}`);
        faultsAt(withService({ upstream: text }));
      }),
      { numRuns: 100 },
    ),
  );
});
