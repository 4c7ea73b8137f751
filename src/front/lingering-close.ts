/**
 * The lingering close of a connection (RFC 9112 section 9.6). Closed with bytes of the client unread, it would be reset, and the reset can
 * reach a client who is still sending before it has read its answer.
 */
import type { Socket } from 'node:net';

/** What a client may go on sending after its last answer. A test may want less. */
const MOST = { ms: 2_000, bytes: 67_108_864 };

const closing = new WeakSet<object>();

/** Has its last answer been given? Whatever else arrives there is nobody's. */
export const isClosing = (connection: object): boolean => closing.has(connection);

/**
 * Ends a connection after what is written to it: says so to the client, then reads and drops what it still sends until it has closed
 * its side, too, or for 2 seconds or 64 MiB at most. Nothing of that is parsed.
 */
export function closeLingering(socket: Socket, most = MOST): void {
  if (closing.has(socket)) return;
  closing.add(socket);
  socket.end();
  const timer = setTimeout(() => socket.destroy(), most.ms);
  socket.once('close', () => clearTimeout(timer));
  let dropped = 0;
  const drop = (chunk: Buffer): void => {
    dropped += chunk.length;
    if (dropped > most.bytes) socket.destroy();
  };
  // Node's server reads by its parser, past the stream, and may have stopped within a body that nobody wanted. It starts again on
  // `resume` alone, and lets go of the socket when somebody else listens for data.
  socket.once('resume', () => socket.removeAllListeners('data').on('data', drop));
  socket.pause().resume();
}
