/**
 * The proxy front: builds the exchange, runs the chain, answers. Fastify routes nothing here: the raw request is taken over in
 * `onRequest`, before any parsing, since which path is meant is the chain's to judge.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Chain } from '../chain/index.ts';
import type { Sink } from '../chain/ports.ts';
import { type Denial, isDenial } from '../denial.ts';
import type { Answered, Received } from '../exchange.ts';
import type { Logger } from '../observe/log.ts';
import type { Observe } from '../observe/observation.ts';
import { problem } from './problem.ts';
import type { Receive } from './receive.ts';
import { responseSink } from './sink.ts';
import { refuseUnparsed, type UnderWay } from './unparsed.ts';

export type ProxyPorts = {
  readonly serve: Chain['serve'];
  readonly observe: Observe;
  readonly receive: Receive;
  readonly log: Logger;
  /** Documents that the gateway itself publishes, by path. */
  readonly published: ReadonlyMap<string, object>;
};

/** How long a client may take to send a request's head, and pause within its body: it holds an upstream's connection meanwhile. */
const PATIENCE_MS = { head: 15_000, body: 60_000 };

/** Requests of one connection under way at once. Node starts as many as are pipelined, each of which would hold what it needs. */
const MOST_PIPELINED = 32;
/** Slower than this, a client does not send a body but holds an upstream's connection. */
const LEAST_BYTES_PER_SECOND = 16;

/** Makes the front; it listens when told to. Closing it lets requests in flight end, each with `Connection: close`. */
export function proxyFront(
  { serve, observe, receive, log, published }: ProxyPorts,
  patience = PATIENCE_MS,
): FastifyInstance {
  let draining = false;
  const newest = new WeakMap<Duplex, UnderWay>();
  const connections = new Set<Socket>();
  const pipelined = new WeakMap<Socket, number>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const id = randomUUID();
    const { received, endsConnection, ...arrival } = receive(request, response, id);
    const path = isDenial(received) ? null : received.target.path;
    const watch = observe({ ...arrival, id, method: request.method ?? '', path });
    const names = { traceId: watch.traceId, decisionId: id };
    const last = (): boolean => draining || endsConnection();
    const sink = responseSink(response, last);
    let outcome: Answered | Denial;
    let cut: Denial | null = null;
    const underWay: UnderWay = {
      response,
      cut(denial) {
        if (!response.headersSent) cut = denial;
        refuse(response, denial, names, true);
      },
    };
    newest.set(request.socket, underWay);
    if (!isDenial(received) && received.body) cutWhenStalled(underWay, patience.body);
    try {
      if (isDenial(received)) outcome = received;
      else
        outcome =
          publish(published, received, sink) ?? (await watch.within(() => serve(received, sink, watch)));
    } catch (error) {
      log.error({ err: error, decision_id: id, trace_id: watch.traceId }, 'a bug: the request was refused');
      outcome = { denial: 'internal_error', detail: (error as Error).message };
    }
    if (isDenial(outcome) && cut === null) refuse(response, outcome, names, last());
    watch.end(cut ?? outcome);
  };

  const app = Fastify({
    logger: false,
    return503OnClosing: false,
    // Fastify's router never sees the path, so that nothing of it is decoded, cut or refused but by the chain.
    rewriteUrl: () => '/',
    http: {
      requireHostHeader: false,
      headersTimeout: patience.head,
      connectionsCheckingInterval: 1_000,
    },
    clientErrorHandler: (error, socket) => refuseUnparsed(error, socket, newest.get(socket), observe),
  });
  // The parser would leave out what comes after the thousandth field, a second Host say; the head's size bounds their number.
  app.server.maxHeadersCount = 0;
  app.addHook('onRequest', (request, reply) => {
    reply.hijack();
    const { socket } = request.raw;
    const underWay = (pipelined.get(socket) ?? 0) + 1;
    pipelined.set(socket, underWay);
    reply.raw.once('close', () => pipelined.set(socket, (pipelined.get(socket) ?? 1) - 1));
    if (underWay > MOST_PIPELINED) {
      socket.destroy();
      return;
    }
    answer(request.raw, reply.raw).catch((error: unknown) => {
      log.error({ err: error }, 'a bug: the connection was cut');
      reply.raw.destroy();
    });
  });
  app.addHook('preClose', async () => {
    draining = true;
    // Node takes those that were never used for busy, and would wait for them.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  });
  app.server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  for (const event of ['checkContinue', 'checkExpectation'] as const)
    app.server.on(event, (request: IncomingMessage, response: ServerResponse) =>
      app.server.emit('request', request, response),
    );
  app.server.on('connect', (_request: IncomingMessage, socket: Duplex) =>
    refuseUnparsed({ code: 'CONNECT' }, socket, newest.get(socket), observe),
  );
  return app;
}

/** Answers with a published document, where the path is that of one. */
function publish(
  published: ReadonlyMap<string, object>,
  { target, method }: Received,
  sink: Sink,
): Answered | null {
  const document = published.get(target.path);
  if (!document || (method !== 'GET' && method !== 'HEAD')) return null;
  const body = Buffer.from(JSON.stringify(document));
  sink.head(200, [
    'Content-Type',
    'application/json',
    'Content-Length',
    String(body.length),
    'Cache-Control',
    'public, max-age=300',
  ]);
  sink.write(body);
  sink.end([]);
  return { status: 200, aborted: false };
}

/** Ends a request of whose body hardly anything arrived in `pause` milliseconds, though we were reading. */
function cutWhenStalled({ response, cut }: UnderWay, pause: number): void {
  const { req: request } = response;
  const { socket } = request;
  const least = (pause / 1_000) * LEAST_BYTES_PER_SECOND;
  let before = Number.NEGATIVE_INFINITY;
  const timer = setInterval(() => {
    if (request.complete) clearInterval(timer);
    else if (request.readableLength === 0 && socket.bytesRead - before < least)
      cut({ denial: 'request_timeout' });
    before = socket.bytesRead;
  }, pause);
  response.once('close', () => clearInterval(timer));
}

function refuse(
  response: ServerResponse,
  denial: Denial,
  names: Parameters<typeof problem>[1],
  last: boolean,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, fields, body } = problem(denial, names);
  response.writeHead(status, last ? [...fields, 'Connection', 'close'] : fields);
  response.end(body);
}
