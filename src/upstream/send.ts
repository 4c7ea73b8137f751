/** Sends permitted requests to the upstreams over keep-alive pools, and streams their answers back. */
import { Pool, type Dispatcher, errors } from 'undici';
import type { Send, Sink, UpstreamRequest } from '../chain/ports.ts';
import type { ServiceConfig } from '../config/schema.ts';
import type { Denial } from '../denial.ts';
import type { Answered } from '../exchange.ts';
import { type Fields, passDownstream } from '../http/headers.ts';

export type Upstreams = {
  readonly send: Send;
  /** Ends idle connections at once, and others when their answer is done. */
  readonly close: () => Promise<void>;
};

/** Opens a pool for each service, connecting when first needed. */
export function upstreams(services: Readonly<Record<string, ServiceConfig>>): Upstreams {
  const pools = new Map<string, Pool>();
  for (const { name, upstream, timeouts, connections } of Object.values(services)) {
    pools.set(
      name,
      // HTTP/1.1 alone: over HTTP/2, undici gives no raw header fields.
      new Pool(upstream, {
        connections,
        pipelining: 1,
        allowH2: false,
        connect: { timeout: timeouts.connect },
      }),
    );
  }
  return {
    send: (request, sink) => {
      const pool = pools.get(request.service.name);
      if (!pool) throw new Error(`no pool for the service ${request.service.name}`);
      return exchangeOver(pool, request, sink);
    },
    close: async () => void (await Promise.all([...pools.values()].map((pool) => pool.close()))),
  };
}

function exchangeOver(pool: Pool, request: UpstreamRequest, sink: Sink): Promise<Answered | Denial> {
  const { timeouts } = request.service;
  return new Promise((resolve) => {
    const relay = new Relay(request, sink, resolve);
    if (relay.over) return;
    const options: Dispatcher.DispatchOptions = {
      path: request.target,
      method: request.method,
      headers:
        request.body?.length == null
          ? request.fields
          : [...request.fields, 'content-length', String(request.body.length)],
      body: request.body?.stream() ?? null,
      headersTimeout: timeouts.headers,
      bodyTimeout: timeouts.idle,
    };
    pool.dispatch(options, relay);
    // The pool's queue has no deadline of its own.
    relay.giveUpUnlessStarted(timeouts.connect);
  });
}

/** Carries one answer from undici to the sink. A class, because undici keeps and calls it many times per request. */
class Relay implements Dispatcher.DispatchHandler {
  readonly #request: UpstreamRequest;
  readonly #sink: Sink;
  readonly #settle: (result: Answered | Denial) => void;
  #status = 0;
  /** Why it was given up, once it was. */
  #givenUp: Denial | null = null;
  /** Runs while something is waited for that undici has no deadline for. */
  #deadline: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | null = null;

  constructor(request: UpstreamRequest, sink: Sink, settle: (result: Answered | Denial) => void) {
    this.#request = request;
    this.#sink = sink;
    this.#settle = settle;
    // From now on, not from the start of the request: it may wait in the pool's queue.
    sink.onGone(() => this.#giveUp({ denial: 'client_gone' }));
    sink.onDrain(() => {
      this.#clearDeadline();
      this.#controller?.resume();
    });
  }

  /** Has it been given up? Then nothing of it may be sent. */
  get over(): boolean {
    return this.#givenUp !== null;
  }

  /** Gives up when it still waits for a connection after so many milliseconds. */
  giveUpUnlessStarted(ms: number): void {
    if (this.#controller || this.over) return;
    this.#giveUpIn(ms, {
      denial: 'upstream_timeout',
      detail: `there was no connection for it within ${ms} ms`,
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
    if (this.#controller) this.#controller.abort(new Error(denial.denial));
    else this.#settle(denial);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#clearDeadline();
    if (this.over) controller.abort(new Error('it was given up'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) {
      // Interim answers end here: what Expect asked for, the front gives. Each of them would start undici's deadline anew.
      const { headers } = this.#request.service.timeouts;
      this.#giveUpIn(headers, { denial: 'upstream_timeout', detail: 'it gave interim answers alone' });
      return;
    }
    this.#clearDeadline();
    this.#status = status;
    const fields = passDownstream(fieldsOf(controller.rawHeaders));
    fields.push(...this.#request.responseFields);
    this.#sink.head(status, fields);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#sink.write(chunk)) return;
    controller.pause();
    // A client that does not read would hold the upstream's connection for ever.
    this.#giveUpIn(this.#request.service.timeouts.idle, { denial: 'client_gone' });
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.#clearDeadline();
    this.#sink.end(passDownstream(fieldsOf(controller.rawTrailers)));
    this.#settle({ status: this.#status, aborted: false });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#clearDeadline();
    if (this.#status === 0) {
      this.#settle(this.#givenUp ?? denialOf(error));
      return;
    }
    this.#sink.abort();
    const gone = this.#givenUp?.denial === 'client_gone';
    this.#settle({ status: this.#status, aborted: true, ...(gone ? { gone } : {}) });
  }
}

/** Raw fields as undici hands them: names and values as latin1 buffers. */
function fieldsOf(raw: Dispatcher.DispatchController['rawHeaders']): Fields {
  if (!Array.isArray(raw)) return [];
  return raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
}

const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

/** What went wrong before a head arrived. The message names no address: it is a code. */
function denialOf(error: Error): Denial {
  const code = (error as { code?: string }).code ?? error.name;
  const detail = error instanceof errors.UndiciError || code !== 'Error' ? code : 'the connection failed';
  return TIMEOUTS.has(code)
    ? { denial: 'upstream_timeout', detail }
    : { denial: 'upstream_unreachable', detail };
}
