/** The process's own log: JSON lines on standard output. */
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/**
 * Opens the log at a level of pino's (`trace` to `fatal`, or `silent`), on standard output unless told otherwise. Nothing that is
 * logged holds a token or secret.
 */
export const openLog = (level: string, destination: DestinationStream = pino.destination(1)): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
