import t from 'tap';
import { crossOriginRemedy } from '../../src/explain/cross-origin-remedy.ts';
import { fields, route, routed } from '../support/exchange.ts';

const COOKIE = 'a page of another site sent it, with the cookie';
const ORIGIN = 'https://app.example';
const cors = (origins: string[]) => ({
  origins,
  headers: [],
  expose_headers: [],
  credentials: false,
  max_age: 0,
});
const told = (origins: string[] | null, ...origin: string[]): string =>
  crossOriginRemedy(
    COOKIE,
    routed({ fields: fields(...origin), route: route({ cors: origins && cors(origins) }) }),
  )[0] ?? '';

t.test('where the page may be the API’s own, behind a proxy, that is told too', async (t) => {
  const by = (why: string) => crossOriginRemedy(`${COOKIE}: ${why}`, routed({}));
  for (const why of ['has to be one of server.trusted_proxies', 'Port of the trusted proxy say them'])
    t.match(by(why), [/cors\.origins/, /name the proxy in server\.trusted_proxies/], why);
  t.equal(by('Sec-Fetch-Site says so').length, 1);
});

t.test('a preflight is refused for its origin, or for a header', async (t) => {
  t.match(crossOriginRemedy('the origin is not one of the route’s cors.origins', {}), [/cors\.origins of/]);
  t.match(crossOriginRemedy('a header asked for is not one of the route’s cors.headers', {}), [
    /cors\.headers of/,
  ]);
});

t.test(
  'a cookie is not taken of an origin that is not named, or that is named without credentials',
  async (t) => {
    for (const origins of [null, ['https://other.example']])
      t.match(
        told(origins, 'Origin', ORIGIN),
        /^add the page’s origin \(https:\/\/app\.example\) to cors\.origins, and set cors\.credentials: true/,
      );
    t.match(
      told([ORIGIN], 'Origin', ORIGIN),
      /^the origin https:\/\/app\.example is among .* cookies are not taken: set cors\.credentials: true/,
    );
    t.match(
      told(['*'], 'Origin', ORIGIN),
      /^name .*app\.example.* instead of \*, and set cors\.credentials: true/,
    );
    t.match(told([ORIGIN], 'Sec-Fetch-Site', 'cross-site'), /\(it sent none\) to cors\.origins/);
  },
);
