/** The public listener: node:http with the limits of the configuration, whose requests are served one after another. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Config } from '../config/resolve.ts';
import type { Trust } from '../http/forwarded.ts';
import type { Dressing } from '../http/response-fields.ts';
import type { Observe } from '../observe/observation.ts';
import { guardConnections } from './connections.ts';
import { closeLingering } from './lingering-close.ts';
import { refuseConnection } from './refuse.ts';
import { inTurns, type Turn } from './turns.ts';
import { refuseUnparsed } from './unparsed.ts';

/** What a client may cost: `server.limits`. */
export type Limits = Config['server']['limits'];

export type Listener = {
  /** Starts listening, and gives the URL. Rejects when the address cannot be had. */
  readonly listen: (address: { readonly host: string; readonly port: number }) => Promise<string>;
  /** Has it begun to close? Then every answer ends its connection. */
  readonly draining: () => boolean;
  /** Takes no more connections, lets requests in flight end within so many milliseconds, and cuts the rest. */
  readonly close: (drain: number) => Promise<void>;
};

export type ListenerPorts = {
  readonly limits: Limits;
  readonly trust: Trust;
  readonly observe: Observe;
  /** What all answers are dressed in; null for nothing. */
  readonly dressing: Dressing | null;
};

/** By how much Node may be late with the deadlines that it keeps itself. */
const LATE_MS = 2_000;

/** Makes the listener; `serve` answers a request. Whatever never becomes one is refused here, with a problem like any other. */
export function publicListener(
  { limits, trust, observe, dressing }: ListenerPorts,
  serve: (turn: Turn) => void,
): Listener {
  let draining = false;
  const server = createServer({
    requireHostHeader: false,
    insecureHTTPParser: false,
    // The parser refuses what reaches its limit.
    maxHeaderSize: limits.header_size + 1,
    headersTimeout: limits.header_timeout,
    keepAliveTimeout: limits.idle_timeout,
    // Of a body, the pace is judged, not the length.
    requestTimeout: 0,
    connectionsCheckingInterval: 1_000,
  });
  // With one more than that it is refused. Before 24.18.1, Node would drop what is beyond, a second Host say (CVE-2026-58044).
  server.maxHeadersCount = limits.header_count + 1;

  const open = guardConnections(server, {
    ...limits,
    trust,
    turnAway: (socket, denial) => refuseConnection(socket, denial, observe, dressing),
  });
  // Node's own timer begins anew with every byte, and blank lines between requests are no head that could be late.
  const resting = new WeakMap<Socket, NodeJS.Timeout>();
  const turns = inTurns(serve, (connection) => {
    // An answer that had begun before the end did not say so.
    if (draining) closeLingering(connection);
    const limit = limits.idle_timeout + limits.header_timeout + LATE_MS;
    resting.set(
      connection,
      setTimeout(() => connection.destroy(), limit),
    );
  });
  server.on('connection', (socket: Socket) => {
    socket.once('close', () => clearTimeout(resting.get(socket)));
  });
  const take: typeof turns.take = (request, response) => {
    clearTimeout(resting.get(request.socket));
    turns.take(request, response);
  };
  for (const event of ['request', 'checkContinue', 'checkExpectation'] as const) server.on(event, take);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    refuseUnparsed(error, socket, turns.newest(socket), observe, dressing),
  );
  server.on('connect', (_request: IncomingMessage, socket: Socket) =>
    refuseUnparsed({ code: 'CONNECT' }, socket, turns.newest(socket), observe, dressing),
  );

  return {
    async listen({ host, port }) {
      server.listen(port, host);
      await once(server, 'listening');
      return `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
    },
    draining: () => draining,
    async close(drain) {
      draining = true;
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      // Node takes those that were never used for busy, and would wait for them.
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
      const deadline = setTimeout(() => {
        for (const socket of open) socket.destroy();
      }, drain);
      await closed;
      clearTimeout(deadline);
    },
  };
}
