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
  /** The stage that refused; null when the request was no exchange yet. */
  readonly stage: StageName | null;
  readonly exchange: Partial<Permitted> & { readonly id: string; readonly method: string };
};

export type DecisionLog = { readonly refused: (refused: Refused) => void };

const LINES_PER_SECOND = 50;

/** Writes refusals to `log`: at most 50 a second for each reason, and then how many were left out. `now` is in ms. */
export function decisionLog(log: Logger, now: () => number): DecisionLog {
  const windows = new Map<Reason, { second: number; lines: number; left: number }>();
  return {
    refused({ denial: { denial: reason }, exchange, ...refused }) {
      const second = Math.floor(now() / 1_000);
      let window = windows.get(reason);
      if (!window || window.second !== second) {
        if (window && window.left > 0)
          log.warn({ reason, left_out: window.left }, 'refusals left out of the log');
        windows.set(reason, (window = { second, lines: 0, left: 0 }));
      }
      if (window.lines >= LINES_PER_SECOND) {
        window.left++;
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
        route: exchange.route?.name ?? null,
        client_id: exchange.identity?.facts.client_id ?? null,
      };
      if (refused.status >= 500) log.warn(line, 'refused');
      else log.info(line, 'refused');
    },
  };
}
