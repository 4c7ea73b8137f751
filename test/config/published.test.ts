import t from 'tap';
import { JWKS_PATH, publishedPlaces } from '../../src/config/published.ts';
import { changed, load } from '../support/config.ts';

t.test('keys are published where JWTs are minted, metadata where a service is a resource', async (t) => {
  t.strictSame(publishedPlaces(load(changed({}))), []);
  const phantom = { issuer: 'https://g.example', keys: '{}' };
  const api = { resource: { identifier: 'https://api.example.com/v1' } };
  t.strictSame(publishedPlaces(load(changed({ phantom, services: { api } }))), [
    { path: JWKS_PATH, host: null },
    { path: '/.well-known/oauth-protected-resource/v1', host: 'api.example.com' },
  ]);
});
