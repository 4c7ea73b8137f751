/** What node:http would answer by itself, answered our way: requests that its parser refuses, and CONNECT. */
import { randomUUID } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Denial } from '../denial.ts';
import type { Observe } from '../observe/observation.ts';
import { problem } from './problem.ts';

/** A request under way on a connection. */
export type UnderWay = {
  readonly response: ServerResponse;
  /** Ends it with a denial, whatever it waits for: the rest of it is not to be had. */
  readonly cut: (denial: Denial) => void;
};

/** Connections on which an answer is awaited before their last request is refused. */
const waiting = new WeakSet<Duplex>();

/**
 * Refuses what cannot be parsed, and ends the connection: nobody knows where its next request starts. `newest` is the last request
 * that was parsed there. Answers come one for each request and in their order (RFC 9112 section 9.3.2), so that what is refused here is
 * either the body of that request, or whatever came after it.
 */
export function refuseUnparsed(
  error: { readonly code?: string | undefined },
  socket: Duplex,
  newest: UnderWay | undefined,
  observe: Observe,
): void {
  const { code = 'unknown' } = error;
  if (waiting.has(socket)) return;
  if (!socket.writable || code === 'ECONNRESET') socket.destroy();
  else if (!newest || newest.response.closed) answer(denialOf(code), socket, observe);
  // With CONNECT, Node lets go of the connection, and of what was to be answered on it.
  else if (code === 'CONNECT') socket.destroy();
  else if (newest.response.req.complete) {
    waiting.add(socket);
    newest.response.once('close', () => {
      waiting.delete(socket);
      refuseUnparsed(error, socket, undefined, observe);
    });
  }
  // The client left before the end of its body: nobody is there to be told.
  else if (code === 'HPE_INVALID_EOF_STATE') socket.destroy();
  else newest.cut(denialOf(code));
}

/** Answers on the bare socket. */
function answer(denial: Denial, socket: Duplex, observe: Observe): void {
  const id = randomUUID();
  const watch = observe({ id, method: '_OTHER', scheme: 'http', path: null, fields: [], trusted: false });
  const { status, fields, body } = problem(denial, { traceId: watch.traceId, decisionId: id });
  const lines = fields.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${fields[index + 1]}`] : []));
  // After CONNECT nobody else listens, and an error that nobody hears ends the process.
  socket.on('error', () => {});
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
  watch.end(denial);
}

function denialOf(code: string): Denial {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { denial: 'header_fields_too_large' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { denial: 'request_timeout' };
    case 'CONNECT':
      return { denial: 'malformed_request', detail: 'CONNECT is not served' };
    default:
      return { denial: 'malformed_request', detail: `the parser says ${code}` };
  }
}
