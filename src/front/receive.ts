/** From a raw request to an exchange, or to the denial that it already is. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Denial } from '../denial.ts';
import type { Body, Received } from '../exchange.ts';
import { caller, type Trust } from '../http/forwarded.ts';
import { field, type Fields } from '../http/headers.ts';
import { canonicalHost } from '../http/host.ts';
import { parseTarget } from '../http/target.ts';

/** Reads a request that arrived: what it is, and which denial ends it before the chain, if one does. */
export type Receive = (request: IncomingMessage, response: ServerResponse, id: string) => Arrived;

export type Arrived = {
  readonly received: Received | Denial;
  readonly fields: Fields;
  readonly scheme: 'http' | 'https';
  /** Does it come from a trusted proxy? */
  readonly trusted: boolean;
  /**
   * Must the connection end with this answer, since the rest of the body is in the way of the next request? Asked when the answer
   * begins.
   */
  readonly endsConnection: () => boolean;
};

/** A body of up to this size that nobody asked for is read and dropped, so that the connection can go on. */
const MOST_DISCARDED_BYTES = 65_536;

/** Makes the reader for a listener. `now` gives milliseconds since the epoch. */
export function receiver(trust: Trust, scheme: 'http' | 'https', now: () => number): Receive {
  return (request, response, id) => {
    const fields = request.rawHeaders;
    // Read now: once the client has left, a socket no longer knows who it was.
    const peer = request.socket.remoteAddress ?? '';
    const from = caller(peer, fields, trust, scheme);
    const expect = field(fields, 'expect');
    let asked = false;
    const body = bodyOf(request, () => {
      asked = true;
      // An HTTP/1.0 client knows no interim answers (RFC 9110 section 10.1.1).
      // Nor may one follow the answer, if the body turned out to be broken meanwhile.
      if (expect !== undefined && request.httpVersion === '1.1' && !response.headersSent)
        response.writeContinue();
    });
    const arrived = {
      fields,
      scheme,
      trusted: from.trusted,
      endsConnection: () =>
        body !== null &&
        !request.complete &&
        (asked || body.length === null || body.length > MOST_DISCARDED_BYTES || expect !== undefined),
    };
    const refuse = (received: Denial): Arrived => ({ ...arrived, received });

    if (peer === '') return refuse({ denial: 'client_gone' });
    if (request.httpVersionMajor !== 1)
      return refuse({ denial: 'malformed_request', detail: 'it is not HTTP/1.x' });
    if (expect !== undefined && expect.toLowerCase() !== '100-continue')
      return refuse({ denial: 'expectation_failed' });
    const target = parseTarget(targetOf(request), scheme);
    if ('fault' in target)
      return refuse({
        denial: target.fault === 'ambiguous' ? 'ambiguous_path' : 'malformed_request',
        detail: target.why,
      });
    const host = canonicalHost(field(fields, 'host') ?? '');
    if (host === null)
      return refuse({ denial: 'malformed_request', detail: 'the host header is missing or is no host' });
    if (target.authority !== null && target.authority.toLowerCase() !== field(fields, 'host')?.toLowerCase())
      return refuse({
        denial: 'malformed_request',
        detail: "the target's authority is not the host header's",
      });
    return {
      ...arrived,
      received: {
        id,
        method: request.method ?? '',
        target,
        host,
        port: request.socket.localPort ?? 0,
        caller: from,
        peer,
        fields,
        body,
        received_at: now(),
      },
    };
  };
}

/** The target as it came: Fastify keeps it here when it is given another path to route. */
const targetOf = (request: IncomingMessage): string =>
  (request as { originalUrl?: string }).originalUrl ?? request.url ?? '';

/** The body, if the request announces one; `ask` is told when somebody wants it. */
function bodyOf(request: IncomingMessage, ask: () => void): Body | null {
  const { headers } = request;
  const announced = headers['content-length'];
  if (headers['transfer-encoding'] === undefined && (announced === undefined || announced === '0'))
    return null;
  return {
    length: announced === undefined ? null : Number(announced),
    stream() {
      ask();
      return request;
    },
  };
}
