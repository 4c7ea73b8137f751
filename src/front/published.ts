/** Documents that the gateway itself publishes: the keys of minted JWTs, and what its APIs say of themselves (RFC 9728). */
import type { Sink } from '../chain/ports.ts';
import type { Place } from '../config/published.ts';
import type { Answered, Received } from '../exchange.ts';
import { type Cors, corsFields, preflightFields, preflightOf } from '../http/cors.ts';
import { fieldsFault, methodOverride } from '../http/headers.ts';

/** A document, and where it is published. */
export type Publication = Place & { readonly document: object };

/** The gateway's own answer to a request; null where the routes are to be asked. */
export type Published = (received: Received) => PublishedAnswer | null;

export type PublishedAnswer = {
  readonly status: 200 | 204;
  /** Flat header fields. */
  readonly fields: readonly string[];
  readonly body: Buffer | null;
};

/** Any page may read what anybody may. */
const FOR_ANY_PAGE: Cors = {
  origins: ['*'],
  // MCP clients send MCP-Protocol-Version.
  headers: ['*'],
  expose_headers: [],
  credentials: false,
  max_age: 600_000,
};

/**
 * Makes the answers, once. A document of one host is given at that host; and, where it is the only one at its path, at hosts of which
 * no route speaks: a proxy in front may have changed the name. `named` are the hosts of routes, exact or `*.suffix`.
 */
export function publishes(publications: readonly Publication[], named: Iterable<string>): Published {
  const patterns = [...named];
  const spokenOf = (host: string): boolean =>
    patterns.some((one) => one === host || (one.startsWith('*.') && host.endsWith(one.slice(1))));
  const byPath = Map.groupBy(publications.map(answered), ({ path }) => path);

  return ({ target, host, method, fields }) => {
    const here = byPath.get(target.path);
    if (!here) return null;
    const own = here.find((one) => one.host === null || one.host === host);
    const found = own ?? (here.length === 1 && !spokenOf(host) ? here[0] : undefined);
    // What any route would refuse is left to the chain.
    if (!found || (fieldsFault(fields) ?? methodOverride(fields)) !== null) return null;
    if (method === 'GET' || method === 'HEAD') return found.answer;
    const preflight = preflightOf(method, fields);
    if (preflight?.method !== 'GET' && preflight?.method !== 'HEAD') return null;
    const allowed = preflightFields(FOR_ANY_PAGE, preflight);
    return typeof allowed === 'string' ? null : { status: 204, fields: allowed, body: null };
  };
}

function answered({ path, host, document }: Publication) {
  const body = Buffer.from(JSON.stringify(document));
  const fields = [
    'Content-Type',
    'application/json',
    'Content-Length',
    String(body.length),
    'Cache-Control',
    'public, max-age=300',
    ...corsFields(FOR_ANY_PAGE, undefined),
  ];
  return { path, host, answer: { status: 200, fields, body } satisfies PublishedAnswer };
}

/** Gives such an answer. */
export function answerPublished({ status, fields, body }: PublishedAnswer, sink: Sink): Answered {
  sink.head(status, [...fields]);
  if (body) sink.write(body);
  sink.end([]);
  return { status, aborted: false };
}
