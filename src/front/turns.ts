/**
 * The requests of one connection, one after another. Node starts every one that is pipelined as soon as it is parsed: each would hold
 * what it needs, and what stands behind the last answer of a connection would be done without anybody being told.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Denial } from '../denial.ts';
import { isClosing } from './lingering-close.ts';

/** A request, and the answer that it waits for. */
export type Turn = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The request's. What gives a request up may take its socket from it. */
  readonly socket: Socket;
  /** Why the rest of the request is not to be had; null as long as it may be. */
  broken: Denial | null;
  /** Called when it breaks. */
  onBroken: (why: Denial) => void;
};

export type Turns = {
  /** A request was parsed. It is served when those before it are answered, or never, when the connection ends with one of these. */
  readonly take: (request: IncomingMessage, response: ServerResponse) => void;
  /** The request of a connection that was parsed last, unless it is over. */
  readonly newest: (connection: Duplex) => Turn | undefined;
};

/** Requests of a connection that may wait while one is served; with one more, the connection is cut. */
const MOST_WAITING = 32;
/** What these may hold in memory: characters of their targets and fields. One alone may be as large as `header_size`. */
const MOST_WAITING_BYTES = 65_536;

type Queue = { newest: Turn; busy: boolean; readonly waiting: Turn[]; bytes: number };

/** `serve` begins to answer a request; `rest` is told of a connection on which all are answered. */
export function inTurns(serve: (turn: Turn) => void, rest: (connection: Socket) => void): Turns {
  const queues = new WeakMap<Duplex, Queue>();

  const begin = (queue: Queue, turn: Turn): void => {
    const { request, response, socket } = turn;
    queue.busy = true;
    response.once('close', () => {
      // What waits ends with its connection.
      if (socket.destroyed || isClosing(socket)) return;
      const next = queue.waiting.shift();
      if (next) {
        queue.bytes -= sizeOf(next.request);
        begin(queue, next);
        return;
      }
      queue.busy = false;
      // Its body may still be on the way.
      if (request.complete) queues.delete(socket);
      rest(socket);
    });
    serve(turn);
  };

  return {
    take(request, response) {
      const { socket } = request;
      const turn: Turn = { request, response, socket, broken: null, onBroken() {} };
      const queue = queues.get(socket) ?? { newest: turn, busy: false, waiting: [], bytes: 0 };
      queues.set(socket, queue);
      queue.newest = turn;
      if (!queue.busy) begin(queue, turn);
      else if (queue.waiting.length < MOST_WAITING && queue.bytes < MOST_WAITING_BYTES) {
        queue.waiting.push(turn);
        queue.bytes += sizeOf(request);
      } else socket.destroy();
    },
    newest: (connection) => queues.get(connection)?.newest,
  };
}

const sizeOf = ({ url = '', rawHeaders }: IncomingMessage): number =>
  rawHeaders.reduce((size, text) => size + text.length, url.length);

/** The rest of a request turned out not to be had: it is refused, now or when its turn comes. */
export function breakOff(turn: Turn, why: Denial): void {
  turn.broken ??= why;
  turn.onBroken(why);
}
