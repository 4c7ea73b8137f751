/** What the stages need from outside: the routes in force, and the doors to the network. Whoever stands behind one imports it from here. */
import type { Consumer } from '../config/consumer.ts';
import type { Route } from '../config/route.ts';
import type { ServiceConfig } from '../config/service.ts';
import type { Denial } from '../denial.ts';
import type { Answered, Body, Identity, Received } from '../exchange.ts';
import type { Fields } from '../http/headers.ts';
import type { RouteTable } from '../http/route-table.ts';
import type { Facts, FactsFault } from '../oauth/facts.ts';
import type { Policies } from '../policy/policies.ts';

/** All that the chain is made of. */
export type Ports = {
  readonly table: RouteTable<Route>;
  /** Canonical spellings of all names that any route sets towards its upstream. */
  readonly ownNames: ReadonlySet<string>;
  /** The gateway's name in Via. */
  readonly via: string;
  /** All that are configured. */
  readonly consumers: readonly Consumer[];
  readonly introspect: Introspect;
  readonly policies: () => Policies | null;
  readonly phantom: Phantom;
  readonly send: Send;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** Asks what a token is: from the cache at once, or from its authorization server. Answers are facts, never decisions. */
export type Introspect = (question: Question) => Answer | Promise<Answer>;

export type Question = {
  /** Name of the authorization server whose token it is. */
  readonly server: string;
  readonly token: string;
  /** Is it asked about, or verified here by the server's keys (a JWT, RFC 9068)? */
  readonly how: 'introspect' | 'verify';
  /** The request that it came with. */
  readonly received: Received;
};

/** Facts, or why there are none: the token's fault, the server's, or too many questions from one address. */
export type Answer = Omit<Identity, 'facts'> &
  (
    | { readonly facts: Facts }
    | { readonly refused: FactsFault }
    /** `retry_after` in seconds, here and below. */
    | { readonly unavailable: string; readonly retry_after: number }
    | { readonly throttled: string; readonly retry_after: number }
  );

/** Where an answer goes. The front implements it; the upstream writes to it as bytes arrive. */
export type Sink = {
  /** Status and flat header fields, once. */
  readonly head: (status: number, fields: string[]) => void;
  /** A piece of the body; false when the client is slower: pause until the next drain. */
  readonly write: (chunk: Uint8Array) => boolean;
  readonly onDrain: (resume: () => void) => void;
  readonly end: (trailers: Fields) => void;
  /** Cuts an answer short after its head: the connection is destroyed, so that no client takes it for whole. */
  readonly abort: () => void;
  /** Called when the client leaves before the end. */
  readonly onGone: (gone: () => void) => void;
};

/** What goes upstream, in its final form. */
export type UpstreamRequest = {
  readonly service: ServiceConfig;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly fields: string[];
  readonly body: Pick<Body, 'length' | 'stream'> | null;
  /** Address of the client, for whom a connection is taken. */
  readonly client_ip: string;
  /** Bytes that the body may have. */
  readonly body_max_size: number;
  /** Fields added to the answer. */
  readonly responseFields: Fields;
};

/** Sends a request and streams the answer into the sink. A denial is possible only before the head. */
export type Send = (request: UpstreamRequest, sink: Sink) => Promise<Answered | Denial>;

/** The phantom JWT for a service: the authorization server's own, or one minted here. */
export type Phantom = (
  identity: Identity,
  service: ServiceConfig,
) => string | Denial | Promise<string | Denial>;
