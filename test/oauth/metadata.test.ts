import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import t, { type Test } from 'tap';
import { EndpointError, isIll, oauthFetch } from '../../src/oauth/fetch.ts';
import { metadataOf } from '../../src/oauth/metadata.ts';
import { startRealServer } from '../support/authorization-server.ts';
import { startServer } from '../support/http.ts';
import { serverConfig } from '../support/introspection.ts';

const RFC8414 = '/.well-known/oauth-authorization-server';
/** What a key is looked for by, besides the header. */
const ANY = { payload: '', signature: '' };
const OPENID = '/.well-known/openid-configuration';

/** A server that has just these documents; what is no text is sent as JSON, a number as a status, null not at all. */
async function startDocuments(t: Test, issuerPath = '') {
  const documents = new Map<string, unknown>();
  const asked: string[] = [];
  const origin = await startServer(t, ({ url = '' }, response) => {
    asked.push(url);
    const found = documents.get(url) ?? 404;
    if (documents.get(url) === null) return;
    if (typeof found === 'number') response.writeHead(found, { location: '/elsewhere' }).end();
    else response.end(typeof found === 'string' ? found : JSON.stringify(found));
  });
  return { issuer: origin + issuerPath, origin, documents, asked };
}

/** Its metadata as Portcullis gets it, with a clock of the test's own. */
function reading(t: Test, issuer: string, more: object = {}) {
  const clock = { time: 1_000_000_000_000 };
  const config = serverConfig(issuer, more);
  const { fetch, close } = oauthFetch(config);
  t.teardown(close);
  return { clock, metadata: metadataOf(config, fetch, () => clock.time) };
}

t.test('metadata is found by RFC 8414, else by OpenID Connect Discovery, where each says', async (t) => {
  const cases: [string, string][] = [
    ['', RFC8414],
    ['', OPENID],
    ['/tenant', `${RFC8414}/tenant`],
    ['/tenant', `/tenant${OPENID}`],
  ];
  for (const [issuerPath, at] of cases) {
    const { issuer, documents } = await startDocuments(t, issuerPath);
    documents.set(at, { issuer, introspection_endpoint: `${issuer}/ask` });
    const { server, keys } = await reading(t, issuer).metadata();
    t.equal(server.introspection_endpoint, `${issuer}/ask`, at);
    t.equal(keys, null, 'it names no jwks_uri');
  }
});

t.test('a real server is found', async (t) => {
  const { issuer } = await startRealServer(t);
  const { server, keys } = await reading(t, issuer).metadata();
  t.equal(server.introspection_endpoint, `${issuer}/token/introspection`);
  t.match(await keys!.find({ alg: 'RS256', kid: 'demo' }, ANY), { type: 'public' });
});

t.test('metadata of another issuer, or none at all, is refused in words', async (t) => {
  const cases: [unknown, unknown, string][] = [
    [404, 404, 'no metadata: RFC 8414: it answered 404; OpenID Connect Discovery: it answered 404'],
    [302, 500, 'RFC 8414: it answered 302; OpenID Connect Discovery: it answered 500'],
    [
      '<html>',
      '[]',
      'RFC 8414: it is not a JSON object; OpenID Connect Discovery: it is of another issuer: none',
    ],
    [
      'null',
      '"text"',
      'RFC 8414: it is not a JSON object; OpenID Connect Discovery: it is not a JSON object',
    ],
    [{ issuer: 'https://evil.example' }, 404, 'it is of another issuer: "https://evil.example";'],
    [
      { issuer: 'https://evil.example/\u001b[2J' },
      404,
      String.raw`another issuer: "https://evil.example/\u001b[2J"`,
    ],
    [{ issuer: ['ISSUER'] }, 404, 'it is of another issuer: ["http://127.0.0.1'],
    [{ issuer: 'x'.repeat(9_999) }, 404, `it is of another issuer: "${'x'.repeat(199)}; OpenID`],
    [{}, 404, 'it is of another issuer: none'],
  ];
  for (const [oauth, openid, message] of cases) {
    const { issuer, documents } = await startDocuments(t);
    documents.set(RFC8414, JSON.parse(JSON.stringify(oauth).replace('ISSUER', issuer)));
    documents.set(OPENID, openid);
    await t.rejects(reading(t, issuer).metadata(), new EndpointError(message), message);
  }
});

t.test('the issuer is the very same string (RFC 8414 section 3.3)', async (t) => {
  const { origin, documents } = await startDocuments(t);
  documents.set(RFC8414, { issuer: `${origin}/` });
  await t.rejects(reading(t, origin).metadata(), { message: `it is of another issuer: "${origin}/"` });
  await t.resolves(reading(t, `${origin}/`).metadata());
});

t.test('keys lie at the issuer, or where endpoint_origins says', async (t) => {
  const elsewhere = await startDocuments(t);
  const { issuer, documents } = await startDocuments(t);
  documents.set(RFC8414, { issuer, jwks_uri: `${elsewhere.origin}/jwks` });
  await t.rejects(reading(t, issuer).metadata(), { message: `${elsewhere.origin} is neither the issuer's` });
  await t.resolves(reading(t, issuer, { endpoint_origins: [elsewhere.origin] }).metadata());
  documents.set(RFC8414, { issuer, jwks_uri: 7 });
  await t.rejects(reading(t, issuer).metadata(), { message: 'is not a URL' });
  t.strictSame(elsewhere.asked, []);
});

t.test(
  'a configured jwks_uri is asked instead of the discovered one, and with the endpoint nothing is discovered',
  async (t) => {
    const { issuer, documents, asked } = await startDocuments(t);
    documents.set(RFC8414, { issuer, jwks_uri: `${issuer}/other` });
    documents.set('/mine', {
      keys: [{ ...(await exportJWK((await generateKeyPair('ES256')).publicKey)), kid: 'mine' }],
    });
    const jwks_uri = `${issuer}/mine`;
    const { keys } = await reading(t, issuer, { jwks_uri }).metadata();
    await t.resolves(keys!.find({ alg: 'ES256', kid: 'mine' }, ANY));
    t.strictSame(asked.splice(0), [RFC8414, '/mine']);
    const introspection = { endpoint: `${issuer}/ask` };
    const said = await reading(t, issuer, { jwks_uri, introspection }).metadata();
    await t.resolves(said.keys!.find({ alg: 'ES256', kid: 'mine' }, ANY));
    t.strictSame(asked, ['/mine'], 'nothing is discovered');
  },
);

t.test('all who need it at the same time share one discovery, and it is kept for ten minutes', async (t) => {
  const { issuer, documents, asked } = await startDocuments(t);
  documents.set(RFC8414, { issuer, introspection_endpoint: `${issuer}/old` });
  const { clock, metadata } = reading(t, issuer);
  await Promise.all(Array.from({ length: 20 }, () => metadata()));
  clock.time += 599_999;
  await metadata();
  t.strictSame(asked, [RFC8414]);

  documents.set(RFC8414, { issuer, introspection_endpoint: `${issuer}/new` });
  clock.time += 1;
  t.equal(
    (await metadata()).server.introspection_endpoint,
    `${issuer}/old`,
    'nobody waits for the newer one',
  );
  await until(async () => (await metadata()).server.introspection_endpoint === `${issuer}/new`);
  t.strictSame(asked, [RFC8414, RFC8414]);
});

t.test('what was found once serves on while the server hangs or lies, and it is asked again', async (t) => {
  for (const lie of [null, 500, { issuer: 'https://evil.example' }]) {
    const { issuer, documents, asked } = await startDocuments(t);
    documents.set(RFC8414, { issuer });
    const { clock, metadata } = reading(t, issuer, { introspection: { timeout: '100ms' } });
    const found = await metadata();
    documents.set(RFC8414, lie);
    clock.time += 600_000;
    t.equal(await metadata(), found);
    await until(async () => {
      clock.time += 1_000;
      return (await metadata()) !== found || asked.filter((path) => path === RFC8414).length === 3;
    });
    t.equal(await metadata(), found, JSON.stringify(lie));
  }
});

t.test('a server that is down at start is asked again a second later, not sooner', async (t) => {
  const listen = async (server: Server, port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const down = createServer();
  const port = await listen(down, 0);
  down.close();
  await once(down, 'close');
  const issuer = `http://127.0.0.1:${port}`;
  const { clock, metadata } = reading(t, issuer);
  await t.rejects(metadata(), { code: 'ECONNREFUSED' });

  const up = createServer((_, response) => response.end(JSON.stringify({ issuer })));
  t.teardown(() => {
    up.closeAllConnections();
    up.close();
  });
  await listen(up, port);
  clock.time += 999;
  await t.rejects(metadata(), { code: 'ECONNREFUSED' });
  clock.time += 1;
  t.equal((await metadata()).server.issuer, issuer);
});

t.test('a clock that is set back does not make a failure last', async (t) => {
  const { issuer, documents } = await startDocuments(t);
  const { clock, metadata } = reading(t, issuer);
  await t.rejects(metadata());
  documents.set(RFC8414, { issuer });
  clock.time -= 3_600_000;
  t.equal((await metadata()).server.issuer, issuer);
});

t.test('keys', async (t) => {
  const key = async (kid: string): Promise<JWK> => ({
    ...(await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey)),
    kid,
  });
  const [one, two] = [await key('one'), await key('two')];
  const { issuer, documents, asked } = await startDocuments(t);
  documents.set(RFC8414, { issuer, jwks_uri: `${issuer}/jwks` });
  const { clock, metadata } = reading(t, issuer);
  const keys = (await metadata()).keys!;
  const find = (kid: string) => keys.find({ alg: 'ES256', kid }, ANY);

  await t.test('are refused when there are none, too many or too much of them', async (t) => {
    const cases: [unknown, string, boolean][] = [
      [404, 'its jwks_uri answered 404', false],
      [302, 'its jwks_uri answered 302', false],
      [503, 'its jwks_uri answered 503', true],
      [429, 'its jwks_uri answered 429', true],
      ['<html>', 'its jwks_uri gives no key set', false],
      ['null', 'its jwks_uri gives no key set', false],
      [{ keys: 'one' }, 'its jwks_uri gives no key set', false],
      [{ keys: Array.from({ length: 101 }, () => one) }, 'its key set has over 100 keys', false],
    ];
    for (const [document, message, ill] of cases) {
      documents.set('/jwks', document);
      clock.time += 1_000;
      const error: unknown = await find('one').catch((error: unknown) => error);
      t.match(error, { message });
      t.equal(isIll(error), ill, `${message}: is the server ill?`);
    }
    documents.set('/jwks', { keys: [], padding: 'x'.repeat(262_144) });
    clock.time += 1_000;
    await t.rejects(find('one'), { code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' });
  });

  await t.test('of a number of a hundred are taken', async (t) => {
    const others = Array.from({ length: 99 }, (_, index) => ({ ...two, kid: `other ${index}` }));
    documents.set('/jwks', { keys: [one, ...others] });
    clock.time += 1_000;
    t.match(await find('one'), { type: 'public' });
  });

  await t.test(
    'are replaced as a whole, once a second, when one is asked for that is not there',
    async (t) => {
      documents.set('/jwks', { keys: [two] });
      asked.length = 0;
      await t.rejects(find('two'), { code: 'ERR_JWKS_NO_MATCHING_KEY' }, 'they were fetched just now');
      t.strictSame(asked, []);
      clock.time += 1_000;
      await Promise.all(Array.from({ length: 20 }, () => find('two')));
      t.strictSame(asked, ['/jwks'], 'one refresh for all who wait');
      await t.rejects(find('one'), { code: 'ERR_JWKS_NO_MATCHING_KEY' }, 'a key that was withdrawn is gone');
    },
  );

  await t.test('are not trusted for longer than ten minutes', async (t) => {
    documents.set('/jwks', 503);
    clock.time += 600_000;
    await t.rejects(find('two'), { message: 'its jwks_uri answered 503' });
  });
});

t.test('metadata that a server is too ill to give says so to a circuit breaker', async (t) => {
  const cases: [unknown, unknown, boolean][] = [
    [503, 404, true],
    [404, 503, true],
    [429, '<html>', true],
    [404, 404, false],
    [{ issuer: 'https://evil.example' }, 404, false],
  ];
  for (const [oauth, openid, ill] of cases) {
    const { issuer, documents } = await startDocuments(t);
    documents.set(RFC8414, oauth);
    documents.set(OPENID, openid);
    t.equal(await reading(t, issuer).metadata().catch(isIll), ill, JSON.stringify([oauth, openid]));
  }
});

t.test('keys outlive a discovery that names the same place for them, and no other', async (t) => {
  const { issuer, documents } = await startDocuments(t);
  const { clock, metadata } = reading(t, issuer);
  const discovered = async (jwks_uri: string, mark: string) => {
    documents.set(RFC8414, { issuer, jwks_uri, mark });
    clock.time += 600_000;
    await until(async () => (await metadata()).server['mark'] === mark);
    return (await metadata()).keys;
  };
  const first = await discovered(`${issuer}/jwks`, 'first');
  t.equal(await discovered(`${issuer}/jwks`, 'second'), first);
  t.not(await discovered(`${issuer}/other`, 'third'), first);
});

/** Waits for what has to come; tap's own timeout bounds it. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await setTimeout(2);
}
