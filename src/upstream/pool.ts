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
    // One name for all: undici would open the connection anew whenever a Host header differs from the one before.
    const named = { ...options, servername: this.#upstream };
    this.#client.dispatch(named, handler);
  }

  /** Ends it: at once when idle, else when its answer is done. */
  close(): Promise<void> {
    return this.#client.close();
  }
}

/** Takes a connection that is now its own until it gives it back. */
export type Take = (connection: Connection) => void;

/** At most `connections` of a service, and at most `queue` requests that wait for one, in the order they came. */
export class Pool {
  readonly #service: ServiceConfig;
  readonly #open: buildConnector.connector;
  readonly #all: Connection[] = [];
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<Take>();

  constructor(service: ServiceConfig) {
    this.#service = service;
    this.#open = connector(service);
  }

  /** Gives a connection: now, or when it is this one's turn. False when too many wait already. */
  take(take: Take): boolean {
    const connection = this.#idle.pop() ?? this.#another();
    if (connection) take(connection);
    else if (this.#waiting.size < this.#service.queue) this.#waiting.add(take);
    else return false;
    return true;
  }

  /** Waits no longer. */
  leave(take: Take): void {
    this.#waiting.delete(take);
  }

  /** Gives a connection back, of whose request nothing more will come. */
  give(connection: Connection): void {
    // Not before the next turn of the event loop: what an upstream sent beyond its answer is here by then, and ends the connection
    // instead of being taken for the next answer (GHSA-35p6-xmwp-9g52).
    setImmediate(() => {
      const [next] = this.#waiting;
      if (!next) {
        this.#idle.push(connection);
        return;
      }
      this.#waiting.delete(next);
      next(connection);
    });
  }

  /** Ends idle connections at once, and others when their answer is done. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((connection) => connection.close()));
  }

  #another(): Connection | undefined {
    if (this.#all.length === this.#service.connections) return undefined;
    const connection = new Connection(this.#service.upstream, this.#open);
    this.#all.push(connection);
    return connection;
  }
}
