import t from 'tap';
import type { Cors } from '../../src/http/cors.ts';
import { crossSite } from '../../src/http/cross-site.ts';
import type { Caller } from '../../src/http/forwarded.ts';
import { received } from '../support/exchange.ts';

const CORS: Cors = {
  origins: ['https://app.example.com'],
  headers: [],
  expose_headers: [],
  credentials: true,
  max_age: 0,
};

type Asked = {
  readonly method?: string;
  readonly host?: string;
  readonly cors?: Cors | null;
  readonly caller?: object;
};

/** Why a request with these fields is one that another site’s page sent; over https to api.example.com if nothing else is said. */
function why(fields: readonly string[], asked: Asked = {}): string | null {
  const { method = 'POST', host = 'api.example.com', cors = null, caller = {} } = asked;
  const from: Caller = { ...received().caller, scheme: 'https', ...caller };
  return crossSite(
    { method, fields: ['Host', host, ...fields], host: 'api.example.com', caller: from },
    cors,
  );
}
const refused = (...asked: Parameters<typeof why>): boolean => why(...asked) !== null;

t.test('Sec-Fetch-Site says where a request is from', async (t) => {
  for (const [site, expected] of [
    ['same-origin', false],
    ['none', false],
    ['same-site', true],
    ['cross-site', true],
    ['', true],
  ] as const)
    for (const origin of [[], ['Origin', 'https://api.example.com'], ['Origin', 'https://evil.example']])
      t.equal(refused(['sec-fetch-site', site, ...origin]), expected, `${site} ${origin.join(' ')}`);
});

t.test('without it, Origin does', async (t) => {
  for (const [origin, expected] of [
    ['https://api.example.com', false],
    ['https://API.example.com:443', false],
    ['https://www.example.com', true],
    ['https://evil.example', true],
    ['https://api.example.com.evil.example', true],
    ['https://evil.example/api.example.com', true],
    ['null', true],
    ['', true],
    ['api.example.com', true],
    ['https://', true],
    ['ftp://api.example.com', true],
  ] as const)
    t.equal(refused(['Origin', origin]), expected, origin);
  t.equal(
    refused(['Origin', 'https://api.example.com', 'Origin', 'https://api.example.com']),
    true,
    'of two, none',
  );
  t.equal(refused(['Accept', '*/*']), false, 'who says nothing is no browser');
});

t.test('another port or scheme of the same host is another origin', async (t) => {
  for (const [scheme, host, origin, expected] of [
    ['https', 'api.example.com', 'http://api.example.com', true],
    ['https', 'api.example.com', 'http://api.example.com:443', true],
    ['https', 'api.example.com', 'https://api.example.com:8443', true],
    ['https', 'api.example.com:443', 'https://api.example.com', false],
    ['https', 'api.example.com:8443', 'https://api.example.com:8443', false],
    ['https', 'api.example.com:8443', 'https://api.example.com', true],
    ['https', 'api.example.com:80', 'https://api.example.com', true],
    ['http', 'api.example.com', 'http://api.example.com', false],
    ['http', 'api.example.com', 'http://api.example.com:80', false],
    ['http', 'api.example.com', 'https://api.example.com', true],
    ['http', 'api.example.com:8080', 'http://api.example.com:8080', false],
    ['http', 'api.example.com:8080', 'http://api.example.com:8081', true],
    ['http', 'api.example.com:443', 'https://api.example.com', true],
  ] as const)
    t.equal(
      refused(['Origin', origin], { host, caller: { scheme } }),
      expected,
      `${origin} to ${scheme}://${host}`,
    );
  t.equal(
    refused(['Origin', 'https://api.example.com', 'X-Forwarded-Proto', 'https'], {
      caller: { scheme: 'http' },
    }),
    true,
    'whatever somebody says who is not trusted',
  );
});

t.test('behind a trusted proxy, it is what that proxy says', async (t) => {
  const proto = (value: string): string[] => ['X-Forwarded-Proto', value];
  const through = (origin: string, said: object, fields: string[], host = 'gateway:8080'): boolean =>
    crossSite(
      {
        method: 'POST',
        fields: ['Host', host, 'Origin', origin, ...fields],
        host: host.split(':')[0] as string,
        caller: { ...received().caller, trusted: true, ...said },
      },
      null,
    ) !== null;
  const www = { host: 'www.example.com', scheme: 'https', port: 443 };
  t.equal(through('https://www.example.com', www, proto('https')), false);
  t.equal(through('http://www.example.com', www, proto('https')), true);
  t.equal(through('https://www.example.com:8443', www, proto('https')), true);
  t.equal(through('https://www.example.com:8443', { ...www, port: 8443 }, proto('https')), false);
  t.equal(through('https://evil.example', www, proto('https')), true);
  t.equal(through('http://gateway:8080', { ...www, scheme: 'http' }, proto('http')), false, 'its Host, too');
  t.equal(through('http://gateway:8081', { ...www, scheme: 'http' }, proto('http')), true);

  const kept = { host: null, scheme: 'https', port: 443 };
  t.equal(through('https://api.example.com', kept, proto('https'), 'api.example.com'), false);
  t.equal(through('https://api.example.com:8443', kept, proto('https'), 'api.example.com'), true);
  t.equal(through('https://api.example.com:8443', kept, proto('https'), 'api.example.com:8443'), false);

  const silent = { host: 'www.example.com', scheme: 'http', port: null };
  for (const origin of ['https://www.example.com', 'http://www.example.com:81'])
    t.equal(through(origin, silent, []), false, 'what it does not say is not known');
  t.equal(through('https://www.example.com', silent, proto('https, http')), false, 'nor what it says twice');
  t.equal(through('https://api.example.com', { ...silent, host: null }, [], 'api.example.com'), false);
  t.equal(through('https://evil.example', silent, []), true);
});

t.test('it is told how a proxy in front makes this of the user’s own page', async (t) => {
  const site = ['Sec-Fetch-Site', 'cross-site'];
  t.equal(why(site), 'a page of another site sent it, with the cookie');
  const origin = ['Origin', 'http://api.example.com'];
  t.match(why(origin), /^a page of another site sent it, with the cookie: .*server\.trusted_proxies/);
  t.match(why([...origin, 'X-Forwarded-Proto', 'https'], { caller: { trusted: true } }), /X-Forwarded-Proto/);
});

t.test('what changes nothing is not refused', async (t) => {
  for (const method of ['GET', 'HEAD', 'OPTIONS'])
    t.equal(refused(['Sec-Fetch-Site', 'cross-site'], { method }), false, method);
  for (const method of ['PUT', 'PATCH', 'DELETE', 'QUERY', 'get'])
    t.equal(refused(['Sec-Fetch-Site', 'cross-site'], { method }), true, method);
});

t.test('nor are pages whose calls may carry cookies', async (t) => {
  const from = (origin: string): string[] => ['Sec-Fetch-Site', 'same-site', 'Origin', origin];
  const [app, cors] = ['https://app.example.com', CORS];
  t.equal(refused(from(app), { cors }), false);
  t.equal(refused(['Origin', app], { cors }), false);
  t.equal(refused(from('https://evil.example'), { cors }), true);
  t.equal(refused(from(app), { cors: { ...CORS, credentials: false } }), true);
  t.equal(refused([...from(app), 'Origin', 'https://evil.example'], { cors }), true);
});
