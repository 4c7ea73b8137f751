import t from 'tap';
import { answerPublished, publishes } from '../../src/front/published.ts';
import { fields, received, target } from '../support/exchange.ts';

const JWKS = { path: '/jwks.json', host: null, document: { keys: [] } };
const at = (host: string, path = '/resource') => ({ path, host, document: { at: host } });
const get = (path: string, host: string, more: Parameters<typeof received>[0] = {}) =>
  received({ target: target(path), host, ...more });

t.test('a document is given for GET and HEAD, to any page, and everything else is the routes’', async (t) => {
  const published = publishes([JWKS], []);
  for (const method of ['GET', 'HEAD'])
    t.strictSame(published(get('/jwks.json?x', 'any', { method })), {
      status: 200,
      fields: [
        'Content-Type',
        'application/json',
        'Content-Length',
        '11',
        'Cache-Control',
        'public, max-age=300',
        'Access-Control-Allow-Origin',
        '*',
      ],
      body: Buffer.from('{"keys":[]}'),
    });
  for (const method of ['POST', 'OPTIONS', 'PUT', 'get'])
    t.equal(published(get('/jwks.json', 'any', { method })), null, method);
  for (const path of ['/jwks.json/', '/JWKS.json', '/']) t.equal(published(get(path, 'any')), null, path);
});

t.test('a document of one host is given there, and not where a route speaks of the host', async (t) => {
  const published = publishes([at('api.example.com')], ['*', 'b.example.com', '*.c.example.com']);
  t.match(published(get('/resource', 'api.example.com')), { status: 200 });
  for (const host of ['b.example.com', 'x.c.example.com'])
    t.equal(published(get('/resource', host)), null, host);
  for (const host of ['gateway', 'c.example.com', 'xc.example.com'])
    t.match(published(get('/resource', host)), { status: 200 }, `a proxy may have made it ${host}`);
});

t.test('of several documents at a path, the host alone decides', async (t) => {
  const published = publishes([at('a'), at('b'), at('c', '/other')], ['b']);
  for (const host of ['a', 'b']) t.equal(String(published(get('/resource', host))?.body), `{"at":"${host}"}`);
  t.equal(published(get('/resource', 'c')), null);
});

t.test('a true preflight for reading it is answered, any other OPTIONS goes on', async (t) => {
  const published = publishes([JWKS], []);
  const asked = (...more: string[]) =>
    published(get('/jwks.json', 'any', { method: 'OPTIONS', fields: fields(...more) }));
  const origin = ['Origin', 'https://app.example', 'Access-Control-Request-Method'];
  t.match(asked(...origin, 'GET', 'Access-Control-Request-Headers', 'mcp-protocol-version'), {
    status: 204,
    body: null,
    fields: [
      'Access-Control-Allow-Origin',
      '*',
      'Access-Control-Allow-Methods',
      'GET',
      'Access-Control-Allow-Headers',
      'mcp-protocol-version',
      'Access-Control-Max-Age',
      '600',
    ],
  });
  for (const more of [[...origin, 'POST'], origin.slice(0, 2), ['Access-Control-Request-Method', 'GET'], []])
    t.equal(asked(...more), null, more.join());
});

t.test('what every route would refuse is left to the chain', async (t) => {
  const published = publishes([JWKS], []);
  for (const more of [
    ['Host', 'b'],
    ['Transfer-Encoding', 'gzip, chunked'],
    ['X-HTTP-Method-Override', 'PUT'],
  ])
    t.equal(published(get('/jwks.json', 'any', { fields: fields(...more) })), null, more.join());
});

t.test('an answer is written whole', async (t) => {
  const written: unknown[] = [];
  const sink = {
    head: (status: number, said: string[]) => void written.push(status, said),
    write: (chunk: Uint8Array) => written.push(String(chunk)) > 0,
    end: () => void written.push('end'),
    onDrain: () => {},
    abort: () => {},
    onGone: () => {},
  };
  t.strictSame(answerPublished({ status: 200, fields: ['A', 'b'], body: Buffer.from('x') }, sink), {
    status: 200,
    aborted: false,
  });
  t.match(answerPublished({ status: 204, fields: [], body: null }, sink), { status: 204 });
  t.strictSame(written, [200, ['A', 'b'], 'x', 'end', 204, [], 'end']);
});
