import t from 'tap';
import { advise } from '../../src/config/advice.ts';
import { adviseOfTokens } from '../../src/config/token-advice.ts';
import { changed, load, RIGHT } from '../support/config.ts';

type Tree = Parameters<typeof changed>[0];

const at = (name: string, settings: Tree = {}): Tree => ({
  ...RIGHT.routes[0],
  name,
  match: { path: `/${name}` },
  ...settings,
});
const server = (name: string, more: Tree = {}): Tree => ({
  issuer: `https://${name}.example`,
  client_id: 'gateway',
  client_secret: 'correct horse',
  ...more,
});
const advice = (change: Tree): string[] => adviseOfTokens(load(changed(change)));

t.test('there is nothing to say of what is as usual, and it is said by `check`', async (t) => {
  const right = load(changed({}));
  t.strictSame(adviseOfTokens(right), []);
  const config = load(
    changed({ authorization_servers: { main: { introspection: { accept: 'application/json' } } } }),
  );
  t.strictSame(advise(config), adviseOfTokens(config));
  t.equal(advise(config).length, 1);
});

t.test('servers of a list are told that no opaque token can be told to be of', async (t) => {
  const several = (settings: Tree, more: Tree = {}) =>
    advice({
      authorization_servers: { b: server('b', more), c: server('c', { token_prefix: 'c_' }) },
      routes: [at('a', { authorization_server: ['main', 'b', 'c'], ...settings })],
    });
  t.strictSame(several({}), [
    'routes[0] a takes no opaque tokens that begin with no token_prefix: they could be of main or b, of which only one can do without',
  ]);
  t.strictSame(several({}, { token_prefix: 'b_' }), [], 'one may have the rest');
  t.strictSame(several({ jwt_tokens: 'verify', audience: ['api'] }), [], 'its tokens are JWTs');
  t.strictSame(several({ authorization_server: ['main', 'c'] }), []);
  t.match(several({ token: 'optional', policy: 'a/b' }), [/^routes\[0\] a takes no opaque/]);
});

t.test('a JWT is told that is to be passed on and never comes', async (t) => {
  const asked = (introspection: Tree, settings: Tree = {}, api: Tree = {}) =>
    advice({
      authorization_servers: { main: { introspection } },
      services: { api },
      routes: [at('a', settings)],
    });
  const json = { accept: 'application/json' };
  for (const accept of ['application/json', 'application/token-introspection+jwt'])
    t.strictSame(asked({ accept }), [
      `routes[0] a passes on a JWT that never comes (introspection.accept of main is ${accept}): every request with a token of it will be 503. ` +
        'Set accept: application/jwt if the server can give one, phantom_jwt: mint on the service api, or identity_headers: { jwt: false }',
    ]);
  for (const accept of ['auto', 'application/jwt']) t.strictSame(asked({ accept }), []);
  t.strictSame(asked({ ...json, jwt_claim: 'jwt' }), [], 'it is a member of the answer');
  t.strictSame(asked(json, { identity_headers: { jwt: false } }), []);
  t.strictSame(asked(json, { token: 'none' }), []);
  t.match(asked(json, { identity_headers: { jwt: 'X-Jwt' } }), [/^routes\[0\] a passes on/]);
  t.match(asked(json, { jwt_tokens: 'verify', audience: ['api'] }), [
    /with an opaque token of it will be 503/,
  ]);
});

t.test('nor where it is minted', async (t) => {
  const minted = changed({
    authorization_servers: { main: { introspection: { accept: 'application/json' } } },
    phantom: { issuer: 'https://gateway.example', keys: '{}' },
    services: { api: { phantom_jwt: 'mint', audience: 'api' } },
  });
  t.strictSame(adviseOfTokens(load(minted)), []);
});

t.test('an audience is told that lacks the identifier for which clients ask', async (t) => {
  const identifier = 'https://api.example.com/v1';
  const asked = (settings: Tree) =>
    advice({ services: { api: { resource: { identifier } } }, routes: [at('a', settings)] });
  t.strictSame(asked({ audience: ['b', 'c'] }), [
    `routes[0] a takes tokens for b or c, and not for ${identifier}, the resource.identifier of the service api, for which discovering clients get theirs`,
  ]);
  t.strictSame(asked({ audience: ['b', identifier] }), []);
  t.strictSame(asked({}), [], 'it names no audience');
  t.strictSame(asked({ token: 'none' }), []);
  t.strictSame(advice({ routes: [at('a', { audience: ['b'] })] }), [], 'nobody can discover it');
});

t.test('what is the same of many routes is told once', async (t) => {
  const told = advice({
    authorization_servers: { main: { introspection: { accept: 'application/json' } } },
    routes: [at('a', { token: 'none' }), at('b'), at('c'), at('d')],
  });
  t.equal(told.length, 1);
  t.match(told[0], /^routes\[1\] b \(and 2 more\) passes on/);
});
