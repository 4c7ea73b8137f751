/** A refusal on the wire: as the answer to a request, or on the bare connection of one that never came to be. */
import { randomUUID } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Denial } from '../denial.ts';
import { type Dressing, dressed } from '../http/response-fields.ts';
import type { Observe } from '../observe/observation.ts';
import { closeLingering } from './lingering-close.ts';
import { problem } from './problem.ts';
import { cutAnswer } from './sink.ts';

/** Answers a request with its refusal, its fields dressed; `last` ends the connection. An answer that has begun already is cut. */
export function refuse(
  response: ServerResponse,
  denial: Denial,
  names: Parameters<typeof problem>[1],
  dress: (fields: string[]) => string[],
  last: boolean,
): void {
  if (response.headersSent || response.destroyed) {
    cutAnswer(response);
    return;
  }
  const { status, fields: own, body } = problem(denial, names);
  const fields = dress(own);
  response.writeHead(status, last ? [...fields, 'Connection', 'close'] : fields);
  response.end(body);
}

/** Tells a connection on which no request could be read why, counts that like any refusal, and closes it. */
export function refuseConnection(
  socket: Socket,
  denial: Denial,
  observe: Observe,
  dressing: Dressing | null,
): void {
  const id = randomUUID();
  const watch = observe({ id, method: '_OTHER', scheme: 'http', path: null, fields: [], trusted: false });
  const { status, fields: own, body } = problem(denial, { traceId: watch.traceId, decisionId: id });
  const fields = dressing ? dressed(own, dressing) : own;
  const lines = fields.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${fields[index + 1]}`] : []));
  // Nobody else may be listening, and an error that nobody hears ends the process.
  socket.on('error', () => {});
  socket.write(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n${body}`,
  );
  closeLingering(socket);
  watch.end(denial);
}
