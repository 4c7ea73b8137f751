/** What node:http would answer by itself, answered our way: requests that its parser refuses, and CONNECT. */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Denial } from '../denial.ts';
import type { Observe } from '../observe/observation.ts';
import { problem } from './problem.ts';

/** Answers on the bare socket and ends it: after a request that cannot be parsed, nobody knows where the next one starts. */
export function refuseUnparsed(
  error: { readonly code?: string | undefined },
  socket: Duplex,
  observe: Observe,
): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const denial = denialOf(error.code ?? 'unknown');
  const id = randomUUID();
  const watch = observe({ id, method: '_OTHER', scheme: 'http', fields: [], trusted: false });
  const { status, fields, body } = problem(denial, { traceId: watch.traceId, decisionId: id });
  const lines = fields.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${fields[index + 1]}`] : []));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n${body}`,
  );
  watch.end(denial);
}

function denialOf(code: string): Denial {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { denial: 'header_fields_too_large' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { denial: 'request_timeout' };
    default:
      return { denial: 'malformed_request', detail: `the parser says ${code}` };
  }
}
