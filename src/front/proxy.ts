/** The proxy front: builds the exchange, runs the chain, answers. How requests come to be is the listener's matter. */
import { randomUUID } from 'node:crypto';
import type { Chain } from '../chain/index.ts';
import type { Sink } from '../chain/ports.ts';
import { type Denial, isDenial } from '../denial.ts';
import type { Answered } from '../exchange.ts';
import { dressed } from '../http/response-fields.ts';
import type { Logger } from '../observe/log.ts';
import { keepPace } from './body-pace.ts';
import type { CrossOrigin, JudgeOrigin } from './cross-origin.ts';
import { closeLingering } from './lingering-close.ts';
import { answerPublished, type Published } from './published.ts';
import type { Receive } from './receive.ts';
import { refuse } from './refuse.ts';
import { type Listener, type ListenerPorts, publicListener } from './server.ts';
import { responseSink } from './sink.ts';
import type { Turn } from './turns.ts';

export type ProxyPorts = ListenerPorts & {
  readonly serve: Chain['serve'];
  readonly receive: Receive;
  readonly log: Logger;
  /** What the gateway answers itself. */
  readonly published: Published;
  /** Null where no route speaks CORS. */
  readonly judgeOrigin: JudgeOrigin | null;
};

/** Makes the front; it listens when told to. Closing it lets requests in flight end, each with `Connection: close`. */
export function proxyFront(ports: ProxyPorts): Pick<Listener, 'listen' | 'close'> {
  const { serve, observe, receive, log, published, limits, dressing, judgeOrigin } = ports;

  const answer = async (turn: Turn): Promise<void> => {
    const { request, response, socket } = turn;
    socket.setTimeout(0);
    const id = randomUUID();
    const { received, endsConnection, hasBody, ...arrival } = receive(request, response, id);
    const path = isDenial(received) ? null : received.target.path;
    const watch = observe({ ...arrival, id, method: request.method ?? '', path });
    const names = { traceId: watch.traceId, decisionId: id };
    const own = isDenial(received) ? null : published(received);
    // A document of ours is no route's, nor is its CORS.
    const crossOrigin = judgeOrigin && !own && !isDenial(received) ? judgeOrigin(received) : null;
    const dress = (fields: string[]): string[] => {
      const speaking = crossOrigin ? dressed(fields, crossOrigin.dressing) : fields;
      return dressing ? dressed(speaking, dressing) : speaking;
    };
    const last = (): boolean => listener.draining() || endsConnection();
    const sink = responseSink(response, dress, last);
    let outcome: Answered | Denial;
    let cut: Denial | null = null;
    turn.onBroken = (why) => {
      if (response.writableEnded) {
        closeLingering(socket);
        return;
      }
      if (!response.headersSent) cut = why;
      refuse(response, why, names, dress, true);
    };
    if (hasBody) keepPace(turn, limits.body_timeout);
    try {
      if (turn.broken) outcome = turn.broken;
      else if (isDenial(received)) outcome = received;
      else if (own) outcome = answerPublished(own, sink);
      else
        outcome =
          preflighted(crossOrigin?.preflight ?? null, sink) ??
          (await watch.within(() => serve(received, sink, watch)));
    } catch (error) {
      log.error({ err: error, decision_id: id, trace_id: watch.traceId }, 'a bug: the request was refused');
      outcome = { denial: 'internal_error', detail: (error as Error).message };
    }
    if (isDenial(outcome) && cut === null) {
      // Whoever wrote a malformed request may have meant it to end elsewhere (RFC 9112 section 11.2).
      const malformed = outcome.denial === 'malformed_request';
      refuse(response, outcome, names, dress, malformed || last());
    }
    watch.end(cut ?? outcome);
    // What is left is the client's to read, but not for ever.
    response.setTimeout(limits.idle_timeout);
  };

  const listener = publicListener(ports, (turn) => {
    answer(turn).catch((error: unknown) => {
      log.error({ err: error }, 'a bug: the connection was cut');
      turn.response.destroy();
    });
  });
  return listener;
}

/** Answers a preflight, where it is one for a route with CORS. */
function preflighted(preflight: CrossOrigin['preflight'], sink: Sink): Answered | Denial | null {
  if (preflight === null || isDenial(preflight)) return preflight;
  sink.head(204, [...preflight.fields]);
  sink.end([]);
  return { status: 204, aborted: false };
}
