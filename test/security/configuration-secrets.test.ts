// What a configuration keeps to itself: its secrets, and every other value when it is refused.
import { inspect } from 'node:util';
import t from 'tap';
import { ConfigurationError } from '../../src/config/fault.ts';
import { Secret } from '../../src/config/units.ts';
import { changed, faults, faultsAt, load, RIGHT } from '../support/config.ts';

const CLIENT_SECRET = 'hunter2-client';
const KEYS = '{"keys":[{"kty":"EC","d":"hunter2-key"}]}';
const SECRETS = changed({
  authorization_servers: { main: { client_secret: '${file:client}' } },
  phantom: { issuer: 'https://gateway.example', keys: '${KEYS}' },
});
const GIVEN = { variables: { KEYS }, files: { client: CLIENT_SECRET } };

t.test('secrets show neither by inspection, nor as JSON or text', async (t) => {
  const config = load(SECRETS, GIVEN);
  t.equal(config.authorization_servers['main']?.client_secret?.reveal(), CLIENT_SECRET);
  t.equal(config.phantom?.keys.reveal(), KEYS);
  for (const shown of [
    inspect(config, { depth: Infinity, showHidden: true }),
    JSON.stringify(config),
    String(config.phantom?.keys),
    inspect(Object.entries(config.authorization_servers), { depth: 9 }),
  ])
    t.notMatch(shown, /hunter2/);
  t.match(inspect(config, { depth: 9 }), /client_secret: \[secret\]/);
  const secrets = [config.phantom?.keys, config.authorization_servers['main']?.client_secret];
  t.ok(secrets.every((secret) => secret instanceof Secret));
});

const refused = (text: string): unknown => {
  try {
    load(text, GIVEN);
  } catch (error) {
    return error;
  }
  return null;
};

t.test('a configuration that is refused shows no secret', async (t) => {
  const json = JSON.parse(SECRETS) as Record<string, unknown>;
  for (const change of [
    { nope: 1 },
    { admin: { host: '0.0.0.0' } },
    { routes: [{ ...RIGHT.routes[0], service: 'nope' }] },
    { phantom: { issuer: '${KEYS}', keys: 5 } },
    { phantom: { issuer: 'https://as.example', keys: '${KEYS}', algorithm: '${KEYS}' } },
  ]) {
    const error = refused(JSON.stringify({ ...json, ...change }));
    t.type(error, ConfigurationError);
    t.notMatch(inspect(error, { depth: Infinity, showHidden: true }), /hunter2/);
    t.notMatch(JSON.stringify(error), /hunter2/);
  }
});

t.test('no fault repeats a value, whichever setting has a secret by mistake', async (t) => {
  const whole = changed({
    server: { host: 'h', trusted_proxies: ['10.0.0.1'], drain: '1s' },
    phantom: { issuer: 'https://p', keys: 'k', algorithm: 'ES256' },
    services: { api: { phantom_jwt: 'pass', timeouts: { idle: '1s' }, defaults: { audience: ['a'] } } },
    authorization_servers: {
      main: {
        base_url: 'https://b',
        endpoint_origins: ['https://o'],
        introspection: { endpoint: 'https://e' },
      },
    },
    defaults: { token: 'required', scopes: ['a', ['b']], policy_headers: ['X-A'] },
    routes: [
      {
        ...RIGHT.routes[0],
        match: { path: ['/a'], hosts: ['h'], methods: ['GET'] },
        authorization_server: 'main',
        identity_headers: { claims: { sub: 'X-B' }, jwt: 'X-C' },
        ambiguous_paths: { allow: ['//'] },
      },
    ],
  });
  t.strictSame(faults(whole), []);
  const values = [...whole.matchAll(/"[^"]*"(?!:)/g)];
  t.ok(values.length > 30);
  for (const secret of ['hunter2', '/hunter2', 'https://hunter2/?', 'Host_hunter2 ', '${hunter2']) {
    const told = values.map(({ index, 0: value }) =>
      faults(whole.slice(0, index) + JSON.stringify(secret) + whole.slice(index + value.length)),
    );
    t.ok(told.filter((lines) => lines.length > 0).length > 10);
    t.notMatch(told.flat().join('\n'), /hunter2/);
  }
});

t.test('names that clash are not repeated either', async (t) => {
  const twice = [RIGHT.routes[0], RIGHT.routes[0]].map((route) => ({
    ...route,
    name: 'hunter2',
    match: { path: '/hunter2' },
  }));
  const told = faults(changed({ routes: twice }));
  t.equal(told.length, 2);
  t.notMatch(told.join('\n'), /hunter2/);
});

t.test('no fault of syntax repeats what is written, however a secret begins or ends', async (t) => {
  const starts = [
    '',
    '|',
    '>',
    '!',
    '&',
    '*',
    '%',
    '@',
    '`',
    '"',
    "'",
    '[',
    '{',
    '}',
    ']',
    '? ',
    '- ',
    '#',
    ', ',
  ];
  const ends = ['', ':', '"'];
  const frames = ['_', '{ a: _ }', '"x" _', 'x\n_', 'x\n  _: y: z'];
  const texts = frames.flatMap((frame) =>
    starts.flatMap((start) =>
      ends.map((end) => `client_secret: ${frame.replace('_', `${start}hunter2${end}`)}`),
    ),
  );
  const told = texts.flatMap((text) => faultsAt(text).map((fault) => ({ text, fault })));
  t.ok(told.length > texts.length, 'they are all refused');
  // A key's name is part of a path.
  const leaks = told.filter(({ fault }) => fault.includes('hunter2') && !fault.endsWith(': unknown key'));
  t.strictSame(leaks, []);
});
