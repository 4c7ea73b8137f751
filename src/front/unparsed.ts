/** What node:http would answer by itself, answered our way: requests that its parser refuses, and CONNECT. */
import type { Socket } from 'node:net';
import type { Denial } from '../denial.ts';
import type { Dressing } from '../http/response-fields.ts';
import type { Observe } from '../observe/observation.ts';
import { isClosing } from './lingering-close.ts';
import { refuseConnection } from './refuse.ts';
import { breakOff, type Turn } from './turns.ts';

/** Connections on which an answer is awaited before what came after it is refused. */
const waiting = new WeakSet<Socket>();

/**
 * Refuses what cannot be parsed, and ends the connection: nobody knows where its next request starts. `newest` is the last request
 * that was parsed there. Answers come one for each request and in their order (RFC 9112 section 9.3.2), so that what is refused here is
 * either the body of that request, or whatever came after it.
 */
export function refuseUnparsed(
  error: { readonly code?: string | undefined },
  socket: Socket,
  newest: Turn | undefined,
  observe: Observe,
  dressing: Dressing | null,
): void {
  const { code = 'unknown' } = error;
  if (waiting.has(socket) || isClosing(socket)) return;
  if (!socket.writable || code === 'ECONNRESET') socket.destroy();
  else if (newest && !newest.request.complete) {
    // The client left before the end of its body: nobody is there to be told.
    if (code === 'HPE_INVALID_EOF_STATE') socket.destroy();
    else breakOff(newest, denialOf(code));
  } else if (!newest || newest.response.closed) refuseConnection(socket, denialOf(code), observe, dressing);
  // With CONNECT, Node lets go of the connection, and of what was to be answered on it.
  else if (code === 'CONNECT') socket.destroy();
  else {
    waiting.add(socket);
    newest.response.once('close', () => {
      waiting.delete(socket);
      refuseUnparsed(error, socket, undefined, observe, dressing);
    });
  }
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
