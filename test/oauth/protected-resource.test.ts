import t from 'tap';
import { protectedResources } from '../../src/oauth/protected-resource.ts';
import { changed, load } from '../support/config.ts';

const IDENTIFIER = 'https://api.example.com/v1';
const server = (issuer: string) => ({ issuer, client_id: 'gateway', client_secret: 'correct horse' });
const at = (name: string, settings: object) => ({
  name,
  match: { path: `/${name}` },
  service: 'api',
  ...settings,
});

/** The documents of a configuration with these routes, and two authorization servers. */
const documents = (routes: readonly object[], resource: object = { identifier: IDENTIFIER }) =>
  protectedResources(
    load(
      changed({
        authorization_servers: {
          main: server('https://as.example/'),
          partner: server('https://partner.example'),
        },
        defaults: { authorization_server: 'main' },
        services: { api: { resource }, other: { upstream: 'http://other' } },
        routes,
      }),
    ),
  );

t.test('a resource says whose tokens its routes take, and where', async (t) => {
  const resource = { identifier: IDENTIFIER, name: 'Accounts', documentation: 'https://docs.example.com/#a' };
  const routes = [
    at('a', { scopes: ['read', ['write', 'admin']] }),
    at('b', { scopes: ['read'], authorization_server: ['main', 'partner'], credential: ['query', 'header'] }),
    at('open', { token: 'none' }),
    at('other', { service: 'other', scopes: ['others'], credential: ['body'] }),
  ];
  t.strictSame(documents(routes, resource), [
    {
      path: '/.well-known/oauth-protected-resource/v1',
      host: 'api.example.com',
      document: {
        resource: IDENTIFIER,
        authorization_servers: ['https://as.example/', 'https://partner.example'],
        scopes_supported: ['read', 'write', 'admin'],
        bearer_methods_supported: ['header', 'query'],
        resource_name: 'Accounts',
        resource_documentation: 'https://docs.example.com/#a',
      },
    },
  ]);
});

t.test('places of the routes’ own are none of the RFC’s, and what is empty is left out', async (t) => {
  const own = [{ header: 'X-Api-Key' }, { query: 'key' }, { body: 'token' }, 'cookie', { cookie: 'session' }];
  t.strictSame(documents([at('a', { credential: own })])[0]?.document, {
    resource: IDENTIFIER,
    authorization_servers: ['https://as.example/'],
  });
  t.match(documents([at('a', { credential: ['body', { header: 'AUTHORIZATION' }] })])[0]?.document, {
    bearer_methods_supported: ['body', 'header'],
  });
  t.strictSame(documents([at('open', { token: 'none' })])[0]?.document, { resource: IDENTIFIER });
});

t.test('the identifier is given as it is written', async (t) => {
  for (const identifier of [
    'https://api.example.com',
    'https://api.example.com/',
    'https://api.example.com:8443/a/',
  ])
    t.equal(documents([at('a', {})], { identifier })[0]?.document.resource, identifier);
});

t.test('nothing of how the gateway reaches anybody is in it', async (t) => {
  t.notMatch(JSON.stringify(documents([at('a', {})])), /correct horse|gateway|http:/);
});
