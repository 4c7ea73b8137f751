/** The connections to one upstream, and the requests that wait for one. */
import { type buildConnector, Client, type Dispatcher } from 'undici';
import type { ServiceConfig } from '../config/service.ts';
import { connector } from './tls.ts';

/** An answer's head may be so large: an API's own matter, as long as it is no flood. Node's 16 KiB would refuse some that work. */
const MOST_HEAD_BYTES = 65_536;

/** One connection at a time for one request at a time: opened when first needed, and anew when the one before has ended. */
export class Connection {
  readonly #client: Client;
  readonly #upstream: string;
  /** Whole answers that came over the connection that is open. */
  answers = 0;
  /** What broke the connection that is open, or was last. */
  failure: Error | null = null;

  constructor(upstream: string, open: buildConnector.connector) {
    this.#upstream = upstream;
    this.#client = new Client(upstream, {
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: MOST_HEAD_BYTES,
      connect: (options, done) =>
        open(options, (error, socket) => {
          if (error) {
            done(error, null);
            return;
          }
          this.answers = 0;
          this.failure = null;
          // Heard before undici's own listener, which tells the request.
          socket.once('error', (failure: Error) => {
            this.failure = failure;
          });
          done(null, socket);
        }),
    });
  }

  /** Sends a request, opening the connection if need be. */
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    // One name for all: with TLS, undici would open the connection anew whenever a Host header differs from the one before.
    const named = this.#upstream.startsWith('https:') ? { ...options, servername: this.#upstream } : options;
    this.#client.dispatch(named, handler);
  }

  /** Ends it: at once when idle, else when its answer is done. */
  close(): Promise<void> {
    return this.#client.close();
  }
}

/** A request that needs a connection. */
export type Taker = {
  /** Takes a connection that is now its own until it gives it back. */
  readonly take: (connection: Connection) => void;
  /** Whose it is: see `networkOf`. */
  readonly caller: string;
};

/**
 * At most `connections` of a service, and at most `queue` requests that wait for one, in the order they came. One caller has three
 * quarters of both, or as much as the service says: who sends bodies slowly, or does not read answers, does not shut out everybody.
 */
export class Pool {
  readonly #service: ServiceConfig;
  readonly #open: buildConnector.connector;
  readonly #share: number;
  readonly #queueShare: number;
  readonly #all: Connection[] = [];
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<Taker>();
  /** Connections that each caller holds, and places in the queue. */
  readonly #held = new Map<string, number>();
  readonly #queued = new Map<string, number>();
  readonly #holders = new Map<Connection, string>();

  constructor(service: ServiceConfig) {
    const { connections, queue, connections_per_address = Math.ceil(connections * 0.75) } = service;
    this.#service = service;
    this.#open = connector(service);
    this.#share = connections_per_address;
    this.#queueShare = Math.ceil((queue * Math.min(this.#share, connections)) / connections);
  }

  /** Gives a connection: now, or when it is this one's turn. False when too many wait already. */
  take(taker: Taker): boolean {
    const connection = this.#mayHold(taker) ? (this.#idle.pop() ?? this.#another()) : undefined;
    if (connection) {
      this.#hand(connection, taker);
      return true;
    }
    const queued = this.#queued.get(taker.caller) ?? 0;
    if (this.#waiting.size >= this.#service.queue || queued >= this.#queueShare) return false;
    this.#waiting.add(taker);
    add(this.#queued, taker.caller, 1);
    return true;
  }

  /** Waits no longer. */
  leave(taker: Taker): void {
    if (this.#waiting.delete(taker)) add(this.#queued, taker.caller, -1);
  }

  /** Gives a connection back, of whose request nothing more will come. */
  give(connection: Connection): void {
    // Not before the next turn of the event loop: what an upstream sent beyond its answer is here by then, and ends the connection
    // instead of being taken for the next answer (GHSA-35p6-xmwp-9g52).
    setImmediate(() => {
      add(this.#held, this.#holders.get(connection) as string, -1);
      this.#holders.delete(connection);
      for (const next of this.#waiting) {
        if (!this.#mayHold(next)) continue;
        this.leave(next);
        this.#hand(connection, next);
        return;
      }
      this.#idle.push(connection);
    });
  }

  /** Ends idle connections at once, and others when their answer is done. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((connection) => connection.close()));
  }

  #mayHold({ caller }: Taker): boolean {
    return (this.#held.get(caller) ?? 0) < this.#share;
  }

  #hand(connection: Connection, { take, caller }: Taker): void {
    add(this.#held, caller, 1);
    this.#holders.set(connection, caller);
    take(connection);
  }

  #another(): Connection | undefined {
    if (this.#all.length === this.#service.connections) return undefined;
    const connection = new Connection(this.#service.upstream, this.#open);
    this.#all.push(connection);
    return connection;
  }
}

/** Counts; what is at zero is forgotten. */
function add(counts: Map<string, number>, caller: string, more: 1 | -1): void {
  const count = (counts.get(caller) ?? 0) + more;
  if (count === 0) counts.delete(caller);
  else counts.set(caller, count);
}
