/** Where the chain's answer goes: a response of node:http. */
import type { ServerResponse } from 'node:http';
import type { Sink } from '../chain/ports.ts';

/**
 * `dress` gives the fields that are written for those of the answer. `lastOnConnection` is asked when the head is written: true ends
 * the connection after this answer.
 */
export function responseSink(
  response: ServerResponse,
  dress: (fields: string[]) => string[],
  lastOnConnection: () => boolean,
): Sink {
  let started = false;
  let ended = false;
  return {
    head(status, answered) {
      const fields = dress(answered);
      if (lastOnConnection()) fields.push('Connection', 'close');
      response.writeHead(status, fields);
      // The head goes out with the first piece, if that is here already; else at once, since server-sent events can be long in coming.
      queueMicrotask(() => {
        if (!started) response.flushHeaders();
      });
    },
    write(chunk) {
      started = true;
      return response.write(chunk);
    },
    onDrain: (resume) => void response.on('drain', resume),
    end(trailers) {
      started = true;
      ended = true;
      if (trailers.length > 0) response.addTrailers(pairs(trailers));
      // Node takes a connection for idle as soon as its answer has ended, sent or not, and a server that closes cuts idle ones.
      if (response.writableNeedDrain) response.once('drain', () => response.end());
      else response.end();
    },
    abort() {
      // To a client of HTTP/1.0 the end of the connection is the end of the answer: a reset is none. Another one would lose by it what is
      // on its way.
      if (response.req.httpVersion === '1.0') response.socket?.resetAndDestroy();
      response.destroy();
    },
    onGone(gone) {
      if (response.destroyed || response.writableEnded) gone();
      else
        response.once('close', () => {
          // Somebody else may have ended it: a request that turned out to be broken.
          if (!ended || !response.writableFinished) gone();
        });
    },
  };
}

/** Ends an answer that has begun so that no client takes it for whole. */
export function cutAnswer(response: ServerResponse): void {
  // Of HTTP/1.0, where the end of the connection is the end of the answer, a reset is not. Others may lose by it what they have not read.
  if (response.req.httpVersion === '1.0') response.socket?.resetAndDestroy();
  response.destroy();
}

const pairs = (flat: readonly string[]): [string, string][] =>
  flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] as string]] : []));
