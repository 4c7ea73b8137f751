/** The process's own log: JSON lines on standard output. */
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** An error without its other members, where libraries keep what they were working on: claims, headers, an answer. */
const plain = ({ name, message, stack }: Error): object => ({ type: name, message, stack });

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
      serializers: { err: plain },
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
