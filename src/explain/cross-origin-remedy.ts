/** What can be done about a page that may not send its request: a preflight that is refused, or a cookie that is not taken of it. */
import type { Permitted } from '../exchange.ts';
import { corsFields, originOf } from '../http/cors.ts';

const OWN_PAGE =
  'if the page is the API’s own, behind a proxy: name the proxy in server.trusted_proxies, and have it send X-Forwarded-Proto and -Host';

/** By what is said of it, and by what the route says of other origins. */
export function crossOriginRemedy(detail: string, { route, fields = [] }: Partial<Permitted>): string[] {
  if (/cookie/.test(detail))
    return [
      cookieRemedy(route?.cors ?? null, originOf(fields)),
      ...(/trusted[_ ]prox/.test(detail) ? [OWN_PAGE] : []),
    ];
  return [
    /header/.test(detail)
      ? 'add the header that the page asks for to cors.headers of the route'
      : 'add the page’s origin to cors.origins of the route',
  ];
}

/** A cookie comes by itself, so that the page’s origin has to be named, and be trusted with it. */
function cookieRemedy(cors: Permitted['route']['cors'], origin: string | undefined): string {
  const trusted = 'cors.credentials: true, of the route: with it, the page acts as the user';
  if (cors?.origins.includes('*'))
    return `name the page’s origin (${origin ?? 'it sent none'}) in cors.origins instead of *, and set ${trusted}`;
  if (cors && corsFields(cors, origin).includes('Access-Control-Allow-Origin'))
    return `the origin ${origin} is among the route’s cors.origins, but its cookies are not taken: set ${trusted}`;
  return `add the page’s origin (${origin ?? 'it sent none'}) to cors.origins, and set ${trusted}`;
}
