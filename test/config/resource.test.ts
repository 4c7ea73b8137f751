import t from 'tap';
import { metadataPlace, metadataUrl } from '../../src/config/resource.ts';
import { changed, load, withService } from '../support/config.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

t.test('metadata lies between the host and the path of its resource (RFC 9728 section 3.1)', async (t) => {
  for (const [identifier, path] of [
    ['https://api.example.com', WELL_KNOWN],
    ['https://api.example.com/', WELL_KNOWN],
    ['https://api.example.com/mcp', `${WELL_KNOWN}/mcp`],
    ['https://api.example.com/a/b/', `${WELL_KNOWN}/a/b/`],
    ['https://api.example.com:8443/mcp', `${WELL_KNOWN}/mcp`],
  ] as const) {
    t.equal(metadataUrl(identifier), new URL(identifier).origin + path, identifier);
    t.strictSame(metadataPlace(identifier), { path, host: 'api.example.com' }, identifier);
  }
  t.equal(metadataPlace('http://[::1]:8080/').host, '[::1]');
});

t.test('every refusal of a route of the service names it', async (t) => {
  const [named] = load(withService({ resource: { identifier: 'https://api.example.com/v1' } })).routes;
  t.equal(named?.challenge.resource_metadata, `https://api.example.com${WELL_KNOWN}/v1`);
  t.equal(load(changed({})).routes[0]?.challenge.resource_metadata, null);
});
