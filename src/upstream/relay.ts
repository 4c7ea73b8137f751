/** The way of one request to its upstream, and of the answer back. */
import type { Readable } from 'node:stream';
import { type Dispatcher, errors } from 'undici';
import type { Sink, UpstreamRequest } from '../chain/ports.ts';
import type { Denial } from '../denial.ts';
import type { Answered } from '../exchange.ts';
import { BodyTooLargeError } from '../http/body.ts';
import { field, type Fields, listOf, passDownstream } from '../http/headers.ts';
import { networkOf } from '../http/network.ts';
import { passTrailers } from '../http/trailers.ts';
import type { Connection, Pool, Taker } from './pool.ts';

/** Methods of which two requests do as much as one (RFC 9110 section 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/**
 * Waits for a connection, sends the request and carries the answer from undici to the sink. A class, because undici keeps and calls
 * it many times per request.
 */
export class Relay implements Dispatcher.DispatchHandler {
  readonly #pool: Pool;
  readonly #taker: Taker;
  readonly #request: UpstreamRequest;
  readonly #sink: Sink;
  readonly #settle: (result: Answered | Denial) => void;
  #connection: Connection | null = null;
  /** Undici's, once it begins to send. */
  #controller: Dispatcher.DispatchController | null = null;
  /** The request's body, once it was asked for. */
  #body: Readable | null = null;
  #resent = false;
  /** Is something of an answer here? */
  #begun = false;
  /** The answer's, once its head went on. */
  #status = 0;
  /** Why it was given up, once it was. */
  #givenUp: Denial | null = null;
  /** Runs while something is waited for that undici has no deadline for. */
  #deadline: NodeJS.Timeout | undefined;

  constructor(pool: Pool, request: UpstreamRequest, sink: Sink, settle: (result: Answered | Denial) => void) {
    this.#pool = pool;
    this.#taker = { take: this.#send, caller: networkOf(request.client_ip) };
    this.#request = request;
    this.#sink = sink;
    this.#settle = settle;
  }

  /** Begins. What comes of it is settled once. */
  start(): void {
    this.#sink.onGone(() => this.#giveUp({ denial: 'client_gone' }));
    if (this.#givenUp) return;
    this.#sink.onDrain(() => {
      this.#clearDeadline();
      this.#controller?.resume();
    });
    this.#awaitConnection();
    if (!this.#pool.take(this.#taker)) {
      const { queue } = this.#request.service;
      this.#giveUp({ denial: 'upstream_busy', detail: `${queue} requests wait for a connection already` });
    }
  }

  /** Sends it over a connection, which is its own from now until undici is done with it. */
  readonly #send = (connection: Connection): void => {
    this.#connection = connection;
    const { target, method, fields, body, body_max_size, service } = this.#request;
    this.#body ??= body?.stream(body_max_size) ?? null;
    connection.dispatch(
      {
        path: target,
        method,
        headers: body?.length == null ? fields : [...fields, 'content-length', String(body.length)],
        body: this.#body,
        headersTimeout: service.timeouts.headers,
        bodyTimeout: service.timeouts.idle,
      },
      this,
    );
  };

  #awaitConnection(): void {
    const { connect } = this.#request.service.timeouts;
    this.#giveUpIn(connect, {
      denial: 'upstream_timeout',
      detail: `there was no connection for it within ${connect} ms`,
    });
  }

  #giveUpIn(ms: number, denial: Denial): void {
    this.#deadline ??= setTimeout(() => this.#giveUp(denial), ms);
  }

  #clearDeadline(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  #giveUp(denial: Denial): void {
    this.#givenUp ??= denial;
    this.#clearDeadline();
    this.#pool.leave(this.#taker);
    if (this.#controller) this.#controller.abort(new Error(denial.denial));
    // Undici keeps a request until there is a connection for it: the answer need not wait.
    else this.#settle(this.#givenUp);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#clearDeadline();
    if (this.#givenUp) controller.abort(new Error('it was given up'));
  }

  onResponseStarted(): void {
    this.#begun = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    const raw = fieldsOf(controller.rawHeaders);
    const fault = headFault(status, raw);
    if (fault !== null) {
      this.#giveUp({ denial: 'upstream_malformed', detail: fault });
      return;
    }
    if (status < 200) {
      // Interim answers end here: what Expect asked for, the front gives. Each of them would start undici's deadline anew.
      const { headers } = this.#request.service.timeouts;
      this.#giveUpIn(headers, { denial: 'upstream_timeout', detail: 'it gave interim answers alone' });
      return;
    }
    this.#clearDeadline();
    const fields = passDownstream(raw, status);
    fields.push(...this.#request.responseFields);
    this.#sink.head(status, fields);
    this.#status = status;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#sink.write(chunk)) return;
    controller.pause();
    // A client that does not read would hold the upstream's connection for ever.
    this.#giveUpIn(this.#request.service.timeouts.idle, { denial: 'client_gone' });
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    const connection = this.#done();
    connection.answers++;
    // Where the end of the connection is the end of the body, undici takes a reset for one.
    if (connection.failure) {
      this.#cut();
      return;
    }
    this.#sink.end(passTrailers(fieldsOf(controller.rawTrailers)));
    this.#settle(this.#answered(false));
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#mayResend(error)) {
      this.#resent = true;
      this.#controller = null;
      this.#awaitConnection();
      // Undici is in the midst of ending the connection: what is sent next goes over a new one.
      queueMicrotask(() => this.#send(this.#connection as Connection));
      return;
    }
    this.#done();
    this.#givenUp ??= this.#denialOf(error);
    if (this.#status === 0) this.#settle(this.#givenUp);
    else this.#cut();
  }

  /** Undici is done with it. */
  #done(): Connection {
    this.#clearDeadline();
    const connection = this.#connection as Connection;
    this.#pool.give(connection);
    return connection;
  }

  #cut(): void {
    this.#sink.abort();
    const gone = this.#givenUp?.denial === 'client_gone';
    this.#settle({ ...this.#answered(true), ...(gone ? { gone } : {}) });
  }

  #answered(aborted: boolean): Answered {
    return { status: this.#status, aborted, ...(this.#resent ? { resent: true } : {}) };
  }

  /**
   * Once only, and when the connection had died before the request: nothing of it was sent, or nothing came of it where sending it
   * twice does no harm. An upstream may close an idle connection in the very moment in which a request is on its way to it.
   */
  #mayResend(error: Error): boolean {
    const { method, body } = this.#request;
    const { answers, failure } = this.#connection as Connection;
    if (this.#resent || this.#givenUp || this.#begun) return false;
    if (!this.#controller) return error === failure;
    return answers > 0 && body === null && IDEMPOTENT.has(method) && LOST.has(codeOf(error));
  }

  #denialOf(error: Error): Denial {
    if (error instanceof BodyTooLargeError) return { denial: 'content_too_large' };
    const code = codeOf(error);
    if (OUR_FAULTS.has(code)) return { denial: 'internal_error', detail: error.message };
    // The request's own body failed.
    if (code === 'UND_ERR_ABORTED' || this.#body?.errored === error) return { denial: 'client_gone' };
    // Of these two the message says more; it holds nothing of the connection or the answer.
    const told = error instanceof errors.SocketError || error instanceof errors.HTTPParserError;
    const detail = told ? error.message : code;
    if (TIMEOUTS.has(code)) return { denial: 'upstream_timeout', detail };
    return { denial: this.#begun ? 'upstream_malformed' : 'upstream_unreachable', detail };
  }
}

/** Raw fields as undici hands them: names and values as latin1 buffers. */
function fieldsOf(raw: Dispatcher.DispatchController['rawHeaders']): Fields {
  if (!Array.isArray(raw)) return [];
  return raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
}

/** What undici lets pass and no client should get. */
function headFault(status: number, fields: Fields): string | null {
  if (status < 100) return 'its status is none';
  if (status === 101) return 'it switched protocols unasked';
  // Undici undoes chunked alone, and the header does not go on (RFC 9112 section 6.1).
  if (field(fields, 'transfer-encoding') === undefined) return null;
  const codings = listOf(fields, 'transfer-encoding').join().toLowerCase();
  return codings === 'chunked' ? null : 'its transfer coding is not chunked';
}

/** What went wrong, as a code, which names no address. */
function codeOf(error: Error): string {
  const code = (error as { code?: string }).code ?? error.name;
  return code === 'Error' ? 'the connection failed' : code;
}

/** The other side ended the connection. */
const LOST = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** Requests that should never have come so far. */
const OUR_FAULTS = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH']);

const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);
