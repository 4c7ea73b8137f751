/** From a raw request to an exchange, or to the denial that it already is. */
import { type IncomingMessage, METHODS, type ServerResponse } from 'node:http';
import type { Denial } from '../denial.ts';
import type { Body, Received } from '../exchange.ts';
import { BodyTooLargeError, collected, limited } from '../http/body.ts';
import { caller, type Trust } from '../http/forwarded.ts';
import { field, type Fields, listOf } from '../http/headers.ts';
import { canonicalHost, sameAuthority } from '../http/host.ts';
import { parseTarget } from '../http/target.ts';

/** Reads a request that arrived: what it is, and which denial ends it before the chain, if one does. */
export type Receive = (request: IncomingMessage, response: ServerResponse, id: string) => Arrived;

export type Arrived = {
  readonly received: Received | Denial;
  readonly fields: Fields;
  readonly scheme: 'http' | 'https';
  /** Does it come from a trusted proxy? */
  readonly trusted: boolean;
  readonly hasBody: boolean;
  /**
   * Must the connection end with this answer, since it is not known where the next request starts, or the rest of the body is in its
   * way? Asked when the answer begins.
   */
  readonly endsConnection: () => boolean;
};

/** A body of up to this size that nobody asked for is read and dropped, so that the connection can go on. */
const MOST_DISCARDED_BYTES = 65_536;

const HTTP_METHODS = new Set(METHODS);

/** What a request may have: bytes of its target, and header fields. */
type Limits = { readonly url_length: number; readonly header_count: number };

/** Makes the reader for a listener. `now` gives milliseconds since the epoch. */
export function receiver(trust: Trust, scheme: 'http' | 'https', limits: Limits, now: () => number): Receive {
  return (request, response, id) => {
    const fields = request.rawHeaders;
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
      hasBody: body !== null,
      endsConnection: () =>
        isMisframed(request) ||
        (body !== null &&
          !request.complete &&
          (asked || body.length === null || body.length > MOST_DISCARDED_BYTES || expect !== undefined)),
    };
    const refuse = (received: Denial): Arrived => ({ ...arrived, received });

    const denial = peer === '' ? ({ denial: 'client_gone' } as const) : unservable(request, limits);
    if (denial) return refuse(denial);
    const target = parseTarget(request.url ?? '', scheme);
    if ('fault' in target)
      return refuse({
        denial: target.fault === 'ambiguous' ? 'ambiguous_path' : 'malformed_request',
        detail: target.why,
      });
    const host = canonicalHost(field(fields, 'host') ?? '');
    if (host === null)
      return refuse({ denial: 'malformed_request', detail: 'the host header is missing or is no host' });
    if (target.authority !== null && !sameAuthority(target.authority, field(fields, 'host') ?? '', scheme))
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

/** Why a request is not served, whatever it asks for; null when it may be. */
function unservable(request: IncomingMessage, limits: Limits): Denial | null {
  const { method = '', url = '', rawHeaders, headers, httpVersionMajor, httpVersionMinor } = request;
  // The parser knows RTSP and ICE, too.
  if (httpVersionMajor !== 1 || !HTTP_METHODS.has(method))
    return { denial: 'malformed_request', detail: 'it is not HTTP/1.x' };
  if (url.length > limits.url_length) return { denial: 'uri_too_long' };
  if (rawHeaders.length / 2 > limits.header_count) return { denial: 'header_fields_too_large' };
  if (httpVersionMinor === 0 && headers['transfer-encoding'] !== undefined)
    return { denial: 'malformed_request', detail: 'HTTP/1.0 knows no transfer codings' };
  if (asksForUpgrade(request)) return { denial: 'upgrade_not_served' };
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue')
    return { denial: 'expectation_failed' };
  return null;
}

/**
 * Does it ask for another protocol (RFC 9110 section 7.8)? HTTP/2, which some clients offer with every request, may be ignored; whatever
 * an HTTP/1.0 client offers must be.
 */
function asksForUpgrade({ headers, rawHeaders, httpVersionMinor }: IncomingMessage): boolean {
  if (headers.upgrade === undefined || httpVersionMinor === 0) return false;
  const members = (name: string): string[] => listOf(rawHeaders, name).map((member) => member.toLowerCase());
  return (
    members('connection').includes('upgrade') &&
    members('upgrade').some((protocol) => protocol !== 'h2c' && protocol !== '')
  );
}

/**
 * Is it not known where the next request starts? After an HTTP/1.0 request with a transfer coding, which others may have read otherwise
 * (RFC 9112 section 6.1), and after one that offers an upgrade: Node's parser drops what came with it, ignored or not.
 */
const isMisframed = ({ headers, httpVersionMinor }: IncomingMessage): boolean =>
  headers.upgrade !== undefined || (httpVersionMinor === 0 && headers['transfer-encoding'] !== undefined);

/** The body, if the request announces one; `ask` is told when somebody wants it. */
function bodyOf(request: IncomingMessage, ask: () => void): Body | null {
  const { headers } = request;
  const announced = headers['content-length'];
  if (headers['transfer-encoding'] === undefined && (announced === undefined || announced === '0'))
    return null;
  return {
    length: announced === undefined ? null : Number(announced),
    stream(most) {
      ask();
      // One of announced length was judged by it already.
      return announced === undefined ? limited(request, most) : request;
    },
    async buffer(most) {
      if (Number(announced ?? 0) > most) throw new BodyTooLargeError();
      ask();
      return collected(request, most);
    },
  };
}
