/** The one way to an authorization server: bounded in time and size, no redirects, only to where it may lie. */
import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import type { AuthorizationServerConfig } from '../config/authorization-server.ts';
import { connector, ProxyError } from './connect.ts';

/** As oauth4webapi and jose call it. */
export type OAuthFetch = (
  url: string,
  init: { method?: string; headers?: unknown; body?: unknown; signal?: AbortSignal | null },
) => Promise<Response>;

/** Metadata, key sets and answers beyond this are refused unread. */
const LARGEST_ANSWER_BYTES = 262_144;
/** Response refuses to be made of these with a body, even an empty one. */
const BODYLESS = new Set([204, 205, 304]);
/** A call is repeated after a random part of this, doubled each time: those who lost one server together do not come back together. */
const PAUSE_MS = 50;

const CONNECTION_FAULTS = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'UND_ERR_SOCKET',
]);
const TIMEOUTS = new Set([
  'ERR_JWKS_TIMEOUT',
  'ETIMEDOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
]);

/** An address that the configuration does not admit for this server, or an answer that breaks the bounds. */
export class EndpointError extends Error {}

/** The connection failed before an answer began: the call may be repeated. `code` is the system's or undici's. */
export class UnansweredError extends Error {
  readonly code: string;
  constructor(code: string, cause: unknown) {
    super(`no answer: ${code}`, { cause });
    this.code = code;
  }
}

/** A status by which the server says that it is ill, or has too much to do. */
export const isIllStatus = (status: number): boolean => status >= 500 || status === 429;

/** The server answered, and said that it is ill: see `isIllStatus`. */
export class IllServerError extends Error {
  /** Seconds after which it wants to be asked again; null when it does not say. A date is not read: its clock is not ours. */
  readonly retry_after: number | null;
  constructor(message: string, { headers }: Pick<Response, 'headers'>) {
    super(message);
    const seconds = headers.get('retry-after') ?? '';
    this.retry_after = /^\d{1,9}$/.test(seconds) ? Number(seconds) : null;
  }
}

/**
 * Is it the server that is ill: out of reach, too slow, or saying so by its status? What a circuit breaker counts. Not ill is one that
 * lies, one whose certificate we do not believe, or one that we ask wrongly.
 */
export function isIll(error: unknown): boolean {
  if (error instanceof IllServerError || error instanceof UnansweredError) return true;
  const { code, name } = error as { code?: unknown; name?: unknown };
  return (
    name === 'TimeoutError' ||
    (typeof code === 'string' && (CONNECTION_FAULTS.has(code) || TIMEOUTS.has(code)))
  );
}

/**
 * The URL to connect to for an endpoint of this server: `base_url` replaces the issuer's origin. Throws EndpointError for one that
 * lies where it may not.
 */
export function admittedEndpoint(endpoint: string, server: AuthorizationServerConfig): URL {
  if (!URL.canParse(endpoint))
    throw new EndpointError('an endpoint of the authorization server is not a URL');
  const named = new URL(endpoint);
  const { issuer, base_url, introspection, jwks_uri, endpoint_origins } = server;
  const origins = [issuer, base_url, introspection.endpoint, jwks_uri, ...endpoint_origins];
  if (!origins.some((origin) => origin !== undefined && new URL(origin).origin === named.origin))
    throw new EndpointError(`${named.origin} is neither the issuer's origin nor one of endpoint_origins`);
  // Joined as text: resolved against a base, a path of `//elsewhere/` would be a host.
  const url =
    server.base_url !== undefined && named.origin === new URL(server.issuer).origin
      ? new URL(new URL(server.base_url).origin + named.pathname + named.search)
      : named;
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && server.allow_insecure_requests))
    throw new EndpointError(`${url.origin} is not https, and allow_insecure_requests is off`);
  return url;
}

/**
 * Makes a call, and makes it again when its connection failed before an answer began: `introspection.retries` times at most, and not
 * once `deadline` has passed. `random` gives numbers from 0 to 1.
 */
export async function repeated<T>(
  { introspection: { retries } }: AuthorizationServerConfig,
  { random, deadline }: { random: () => number; deadline: AbortSignal },
  call: () => Promise<T>,
): Promise<T> {
  for (let repetition = 0; ; repetition++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof UnansweredError) || repetition === retries) throw error;
      await pause(random() * PAUSE_MS * 2 ** repetition, undefined, { signal: deadline }).catch(() => {
        throw error;
      });
    }
  }
}

/**
 * A fetch for one authorization server over its own keep-alive pool. It repeats a GET itself; what else is sent may hold a client
 * assertion, good for one use, so that it is for who made it to repeat.
 */
export function oauthFetch(
  server: AuthorizationServerConfig,
  random: () => number = Math.random,
): {
  fetch: OAuthFetch;
  close: () => Promise<void>;
} {
  const { timeout } = server.introspection;
  const agent = agentOf(server);
  const once = async (url: URL, init: Parameters<OAuthFetch>[1], signal: AbortSignal): Promise<Response> => {
    const { statusCode: status, ...answer } = await agent
      .request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: init.method ?? 'GET',
        headers: {
          ...Object.fromEntries(new Headers(init.headers as HeadersInit)),
          // Without it, RFC 9110 section 12.5.3 lets a server choose.
          'accept-encoding': 'identity',
        },
        body: init.body === undefined || init.body === null ? null : String(init.body as URLSearchParams),
        signal,
        reset: server.keep_alive === 0,
      })
      .catch(unanswered);
    const headers = new Headers();
    for (const [name, value] of Object.entries(answer.headers))
      for (const one of [value ?? []].flat()) headers.append(name, one);
    if ((headers.get('content-encoding') ?? 'identity') !== 'identity') {
      answer.body.on('error', () => {}).destroy();
      throw new EndpointError('it answered in a content coding, which was not asked for');
    }
    const bytes = new Uint8Array(await answer.body.bytes());
    return new Response(BODYLESS.has(status) ? null : bytes, { status, headers });
  };
  return {
    async fetch(endpoint, init) {
      const url = admittedEndpoint(endpoint, server);
      const own = AbortSignal.timeout(timeout);
      const deadline = init.signal ? AbortSignal.any([init.signal, own]) : own;
      const call = (): Promise<Response> => once(url, init, deadline);
      return (init.method ?? 'GET') === 'GET' ? repeated(server, { random, deadline }, call) : call();
    },
    close: () => agent.destroy(),
  };
}

function agentOf(server: AuthorizationServerConfig): Agent {
  const { introspection, keep_alive } = server;
  return new Agent({
    connect: connector(server),
    headersTimeout: introspection.timeout,
    bodyTimeout: introspection.timeout,
    maxResponseSize: LARGEST_ANSWER_BYTES,
    ...(keep_alive > 0 && { keepAliveTimeout: keep_alive, keepAliveMaxTimeout: keep_alive }),
  });
}

function unanswered(error: unknown): never {
  if (error instanceof ProxyError)
    throw isIllStatus(error.status)
      ? new IllServerError(error.message, { headers: new Headers() })
      : new EndpointError(error.message);
  const { code } = error as { code?: unknown };
  throw typeof code === 'string' && CONNECTION_FAULTS.has(code) ? new UnansweredError(code, error) : error;
}
