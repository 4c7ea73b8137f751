/** A line for each refusal, with what the client is not told. Bounded per reason, so that a flood cannot drown the rest. */
import type { Logger } from 'pino';
import type { StageName } from '../chain/stage.ts';
import type { Denial, Reason } from '../denial.ts';
import type { Permitted } from '../exchange.ts';

export type Refused = {
  readonly traceId: string;
  readonly denial: Denial;
  readonly explanation: string;
  readonly status: number;
  /** The canonical path; null when the target had none. */
  readonly path: string | null;
  /** The stage that refused; null when the request was no exchange yet. */
  readonly stage: StageName | null;
  readonly exchange: Partial<Permitted> & { readonly id: string; readonly method: string };
};

export type DecisionLog = { readonly refused: (refused: Refused) => void };

const LINES_PER_SECOND = 50;
const SECOND_MS = 1_000;

/** A second's lines of one reason, and how many more were left out and are still to be told. */
type Window = { readonly second: number; lines: number; left: number };

/**
 * Writes refusals to `log`: at most 50 a second for each reason, and then how many were left out. `now` is in milliseconds; `after`
 * runs something once, that many milliseconds later.
 */
export function decisionLog(
  log: Logger,
  now: () => number,
  after: (ms: number, run: () => void) => void = (ms, run) => void setTimeout(run, ms),
): DecisionLog {
  const windows = new Map<Reason, Window>();
  const tell = (reason: Reason, window: Window): void => {
    if (window.left > 0) log.warn({ reason, left_out: window.left }, 'refusals left out of the log');
    window.left = 0;
  };
  const windowOf = (reason: Reason): Window => {
    const second = Math.floor(now() / SECOND_MS);
    const last = windows.get(reason);
    if (last?.second === second) return last;
    if (last) tell(reason, last);
    const window = { second, lines: 0, left: 0 };
    windows.set(reason, window);
    return window;
  };
  return {
    refused({ denial, exchange, ...refused }) {
      const { denial: reason } = denial;
      const window = windowOf(reason);
      if (window.lines >= LINES_PER_SECOND) {
        // The flood may stop here, and then no later refusal would tell of it.
        if (window.left++ === 0) after(SECOND_MS, () => tell(reason, window));
        return;
      }
      window.lines++;
      const line = {
        decision_id: exchange.id,
        trace_id: refused.traceId,
        reason,
        detail: refused.explanation,
        status: refused.status,
        stage: refused.stage,
        method: exchange.method,
        path: refused.path,
        route: exchange.route?.name ?? null,
        entrypoint: 'entrypoint' in denial ? denial.entrypoint : null,
        revision: 'revision' in denial ? denial.revision : null,
        client_id: exchange.identity?.facts.client_id ?? null,
      };
      if (refused.status >= 500) log.warn(line, 'refused');
      else log.info(line, 'refused');
    },
  };
}
