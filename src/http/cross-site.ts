/**
 * Requests that a page of another site has a browser send. A browser adds its cookies by itself, so that a token in one says who the
 * user is, but not that the user meant the request (CSRF). Tokens in other places are put there by who knows them.
 */
import type { Received } from '../exchange.ts';
import { type Cors, corsFields, originOf } from './cors.ts';
import { field, listOf } from './headers.ts';
import { DEFAULT_PORT, hostAndPort } from './host.ts';

/** Methods that change nothing (RFC 9110 section 9.2.1). What they answer, browsers keep from pages of other origins by themselves. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What of a request says where it is from, and where to. */
type Sent = Pick<Received, 'method' | 'fields' | 'host' | 'caller'>;

/**
 * Why this is the request of a page of another origin, that changes something here and is not among those whose calls may carry cookies by
 * the route's `cors`; in words for operators, and null when it is not. Told by Sec-Fetch-Site, or by Origin, which no page can write; who
 * sends neither is no browser of today. Browsers send Sec-Fetch-Site to https:// and loopback alone.
 */
export function crossSite(request: Sent, cors: Cors | null): string | null {
  const { method, fields } = request;
  if (SAFE.has(method)) return null;
  const origin = originOf(fields);
  if (cors && corsFields(cors, origin).includes('Access-Control-Allow-Credentials')) return null;
  const site = field(fields, 'sec-fetch-site');
  if (site !== undefined)
    return site === 'same-origin' || site === 'none'
      ? null
      : 'a page of another site sent it, with the cookie';
  if (field(fields, 'origin') === undefined || isOwn(request, origin ?? '')) return null;
  const known = request.caller.trusted
    ? 'X-Forwarded-Proto, -Host and -Port of the trusted proxy say them'
    : 'a proxy that changes those has to be one of server.trusted_proxies';
  return `a page of another site sent it, with the cookie: its Origin is not the scheme, host and port that were asked for (${known})`;
}

/**
 * Is this the origin that was asked for: scheme, host and port (RFC 6454 section 5)? The port is what Host says, since the one that we
 * listen at may be mapped. Of a trusted proxy's request, what it says of them; a scheme or a port that it does not say is not known.
 */
function isOwn({ fields, host, caller }: Sent, origin: string): boolean {
  const [, scheme, rest = ''] = /^(https?):\/\/(.*)$/.exec(origin) ?? [];
  const from = hostAndPort(rest);
  if ((scheme !== 'http' && scheme !== 'https') || from === null) return false;
  const port = from.port ?? DEFAULT_PORT[scheme];
  const asked = hostAndPort(field(fields, 'host') ?? '')?.port ?? null;
  if (!caller.trusted)
    return scheme === caller.scheme && from.name === host && port === (asked ?? DEFAULT_PORT[scheme]);
  const told = /^https?$/i.test(listOf(fields, 'x-forwarded-proto').join());
  if (told && scheme !== caller.scheme) return false;
  if (from.name === caller.host) return caller.port === null || port === caller.port;
  return from.name === host && port === (asked ?? caller.port ?? port);
}
