import * as fc from 'fast-check';
import t from 'tap';
import {
  type Cors,
  corsFields,
  isOriginPattern,
  originOf,
  preflightFields,
  preflightOf,
} from '../../src/http/cors.ts';

const APP = 'https://app.example.com';
const rule = (changes: Partial<Cors> = {}): Cors => ({
  origins: [APP],
  headers: ['Authorization', 'Content-Type'],
  expose_headers: [],
  credentials: false,
  max_age: 600_000,
  ...changes,
});
const preflight = (...more: string[]) => [
  'Host',
  'a',
  'Origin',
  APP,
  'Access-Control-Request-Method',
  'PUT',
  ...more,
];

t.test('a page of an origin that is named may read the answer', async (t) => {
  t.strictSame(corsFields(rule(), APP), ['Vary', 'Origin', 'Access-Control-Allow-Origin', APP]);
  t.strictSame(corsFields(rule({ credentials: true, expose_headers: ['X-A', 'X-B'] }), APP), [
    'Vary',
    'Origin',
    'Access-Control-Allow-Origin',
    APP,
    'Access-Control-Allow-Credentials',
    'true',
    'Access-Control-Expose-Headers',
    'X-A, X-B',
  ]);
});

t.test('nobody else is told anything but that the answer varies, which caches need to know', async (t) => {
  for (const origin of [undefined, 'https://evil.example', 'null', '', `${APP}.evil.example`, `${APP}:8443`])
    t.strictSame(corsFields(rule({ credentials: true }), origin), ['Vary', 'Origin'], String(origin));
  t.strictSame(
    corsFields(rule({ origins: ['*'] }), undefined),
    ['Access-Control-Allow-Origin', '*'],
    'answers for any origin do not vary: a cache may give them to a page',
  );
  t.strictSame(corsFields(rule({ origins: ['*'] }), 'null'), ['Access-Control-Allow-Origin', '*']);
});

t.test('a wildcard stands for whole labels below a domain, of the same scheme and port', async (t) => {
  const told = (origin: string) =>
    corsFields(rule({ origins: ['https://*.example.com'] }), origin).length > 2;
  for (const origin of ['https://a.example.com', 'https://a.b-c.example.com']) t.ok(told(origin), origin);
  for (const origin of [
    'https://example.com',
    'https://.example.com',
    'https://evilexample.com',
    'https://a.example.com.evil.example',
    'https://a.example.com:8443',
    'http://a.example.com',
    'https://evil.example/.example.com',
    'https://evil.example#.example.com',
    'https://user@a.example.com',
    'https://a..example.com',
    'https://A.example.com',
    'https://*.example.com',
    'null',
  ])
    t.notOk(told(origin), origin);
  t.ok(corsFields(rule({ origins: ['http://*.a:81'] }), 'http://x.a:81').length > 2, 'with a port');
});

t.test('whatever a page calls itself, only what the route names is echoed', async () => {
  fc.assert(
    fc.property(fc.string(), fc.webUrl(), (text, url) => {
      const cors = rule({ origins: [APP, 'https://*.example.com'] });
      for (const origin of [text, url, `https://${text}.example.com`]) {
        const fields = corsFields(cors, origin);
        if (fields.length > 2 && !/^https:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)*\.example\.com$/.test(origin))
          return false;
      }
      return true;
    }),
  );
});

t.test('a preflight is OPTIONS with one Origin and one Access-Control-Request-Method', async (t) => {
  t.strictSame(preflightOf('OPTIONS', preflight('Access-Control-Request-Headers', 'Authorization, x-a,')), {
    origin: APP,
    method: 'PUT',
    headers: ['authorization', 'x-a'],
  });
  t.equal(preflightOf('OPTIONS', preflight('Access-Control-Request-Headers', 'a, b<script>')), null);
  t.equal(preflightOf('GET', preflight()), null, 'another method is no preflight');
  t.equal(preflightOf('OPTIONS', ['Origin', APP]), null, 'oauth2-proxy#735: nor is any OPTIONS request');
  t.equal(preflightOf('OPTIONS', ['Access-Control-Request-Method', 'GET']), null);
  t.equal(preflightOf('OPTIONS', preflight('origin', APP)), null, 'two origins');
  t.equal(preflightOf('OPTIONS', preflight('access-control-request-method', 'GET')), null, 'two methods');
  for (const method of ['', 'GET, PUT', 'P UT', 'TRACE', 'CONNECT'])
    t.equal(preflightOf('OPTIONS', ['Origin', APP, 'Access-Control-Request-Method', method]), null, method);
});

t.test('a preflight is told what may be sent, and for how long that holds', async (t) => {
  const question = { origin: APP, method: 'PUT', headers: ['authorization'] };
  t.strictSame(preflightFields(rule({ expose_headers: ['X-A'], credentials: true }), question), [
    'Vary',
    'Origin',
    'Access-Control-Allow-Origin',
    APP,
    'Access-Control-Allow-Credentials',
    'true',
    'Access-Control-Allow-Methods',
    'PUT',
    'Access-Control-Allow-Headers',
    'authorization',
    'Access-Control-Max-Age',
    '600',
    'Vary',
    'Access-Control-Request-Method, Access-Control-Request-Headers',
  ]);
  t.strictSame(
    preflightFields(rule(), { ...question, origin: 'https://evil.example' }),
    'the origin is not one of the route’s cors.origins',
  );
  t.strictSame(
    preflightFields(rule(), { ...question, headers: ['authorization', 'x-evil'] }),
    'a header asked for is not one of the route’s cors.headers',
  );
  t.match(
    preflightFields(rule({ headers: ['*'] }), { ...question, headers: ['x-any'] }),
    /./,
    '* is any header',
  );
  t.notMatch(
    String(preflightFields(rule(), { ...question, headers: [] })),
    'Access-Control-Allow-Headers',
    'nothing asked, nothing said',
  );
});

t.test('of two Origin fields none is believed', async (t) => {
  t.equal(originOf(['Origin', APP]), APP);
  t.equal(originOf(['ORIGIN', APP, 'origin', APP]), undefined);
  t.equal(originOf(['Host', 'a']), undefined);
});

t.test('origins are patterns without a path', async (t) => {
  t.ok(isOriginPattern('*'));
  t.ok(isOriginPattern('https://*.example.com:8443'));
  t.notOk(isOriginPattern('https://*'));
  t.notOk(isOriginPattern('null'));
});
