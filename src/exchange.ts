/**
 * One request on its way through the chain, and all that is known of it so far. Each stage takes an exchange and gives back a
 * richer one, so that these types are the chain's contract: what a stage may rely on is what the stages before it added.
 */
import type { Readable } from 'node:stream';
import type { Route } from './config/resolve.ts';
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

/** Stage 2 found the bearer token, or that there is none and none is needed. */
export type Bearing = Routed & { readonly token: string | null };

/** What the authorization server says of the token, and how it came to be known. */
export type Identity = {
  readonly facts: Facts;
  readonly authorization_server: string;
  /** `coalesced`: another request's call to the authorization server answered for this one. */
  readonly cache: 'hit' | 'miss' | 'coalesced';
  /** For a coalesced answer, whatever names the call that was waited for (a span, to tracing). Null otherwise. */
  readonly joined: unknown;
};

/** Stage 3 knows whose token it is; null where no token was sent and none is needed. */
export type Identified = Bearing & { readonly identity: Identity | null };

/** Stage 4 found the route's scopes and audience in the token. */
export type Scoped = Identified & { readonly scoped: true };

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
