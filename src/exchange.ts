/**
 * One request on its way through the chain, and all that is known of it so far. Each stage takes an exchange and gives back a
 * richer one, so that these types are the chain's contract: what a stage may rely on is what the stages before it added.
 */
import type { Readable } from 'node:stream';
import type { Consumer } from './config/consumer.ts';
import type { Route } from './config/route.ts';
import type { Caller } from './http/forwarded.ts';
import type { Fields } from './http/headers.ts';
import type { Target } from './http/target.ts';
import type { Facts } from './oauth/facts.ts';
import type { Decision } from './policy/decision.ts';

/** A request's body, for whoever needs it. Null in an exchange whose request has none. */
export type Body = {
  /** Bytes announced by Content-Length; null when chunked. */
  readonly length: number | null;
  /** The body as it arrives; asked for once. Beyond `most` bytes it fails with a BodyTooLargeError. */
  readonly stream: (most: number) => Readable;
  /**
   * The whole body, at most `most` bytes; asked for once, instead of `stream`. Rejects with a BodyTooLargeError, or with the
   * connection's error when the client left.
   */
  readonly buffer: (most: number) => Promise<Buffer>;
};

/** A well-formed request, before anything is known of it. */
export type Received = {
  /** Decision id: a random UUID that names this request in answer, trace and log. */
  readonly id: string;
  readonly method: string;
  readonly target: Target;
  /** Host in canonical form. */
  readonly host: string;
  /** Port the request arrived at. */
  readonly port: number;
  readonly caller: Caller;
  /** Address of the connection's other end. */
  readonly peer: string;
  readonly fields: Fields;
  readonly body: Body | null;
  /** When it arrived, in milliseconds since the epoch. */
  readonly received_at: number;
};

/** Stage 1 found where it belongs. */
export type Routed = Received & {
  readonly route: Route;
  /** The path pattern of the route that matched. */
  readonly pattern: string;
  /** Values of the path pattern's parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The path that the upstream gets: the canonical one, or what the route rewrites it to. */
  readonly upstream_path: string;
};

/**
 * Stage 2 found the bearer token, or that there is none and none is needed. From here on `fields`, `target.query` and `body` are
 * without the credentials of the route, save Authorization among the fields, which stage 6 removes.
 */
export type Bearing = Routed & {
  readonly token: string | null;
  /** What the upstream gets as it came, where the route does not hide credentials; null where it does. */
  readonly unhidden: Unhidden | null;
};

/** A request with its credentials in it. */
export type Unhidden = Pick<Received, 'fields' | 'body'> & { readonly query: string | null };

/** What the authorization server says of the token, and how it came to be known. */
export type Identity = {
  readonly facts: Facts;
  readonly authorization_server: string;
  /** `coalesced`: another request's call answered for this one. `stale`: the server is ill, and the answer older than it should be. */
  readonly cache: 'hit' | 'miss' | 'coalesced' | 'stale';
  /** For a coalesced answer, whatever names the call that was waited for (a span, to tracing). Null otherwise. */
  readonly joined: unknown;
  /** The token itself, where it is a JWT that was verified here: what the upstream may get. Of this request alone, and never cached. */
  readonly verified_jwt?: string;
};

/** Stage 3 knows whose token it is; null where no token was sent and none is needed. */
export type Identified = Bearing & { readonly identity: Identity | null };

/** Stage 4 found in the token what the route requires, and who it is to the upstreams; null where that is nobody known. */
export type Scoped = Identified & { readonly consumer: Consumer | null };

/** What decided, and what it obliges. Null where the route has `policy: none`. */
export type PolicyDecision = Decision & { readonly entrypoint: string; readonly revision: string };

/** Stage 5 let it pass. */
export type Permitted = Scoped & { readonly decision: PolicyDecision | null };

/** Stage 6 answered from the upstream. */
export type Answered = {
  readonly status: number;
  /** The response was cut short after its head: by the upstream, a deadline, or the client who left. */
  readonly aborted: boolean;
  /** True when it was the client who left: nobody's fault. */
  readonly gone?: boolean;
  /** True when the request was sent again over a new connection, since the first one turned out to be dead. */
  readonly resent?: boolean;
};
