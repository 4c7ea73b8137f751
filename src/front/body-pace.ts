/** The pace of a request's body: who hardly sends it holds a connection, and an upstream's as well. */
import { breakOff, type Turn } from './turns.ts';

/** Slower than this, a client does not send a body. */
const LEAST_BYTES_PER_SECOND = 16;

/**
 * Breaks a request off, of whose body hardly anything arrived in `pause` milliseconds though we were reading: also when it is answered
 * already, and the rest is in the way of the next request.
 */
export function keepPace(turn: Turn, pause: number): void {
  const { request, socket } = turn;
  const least = (pause / 1_000) * LEAST_BYTES_PER_SECOND;
  let before = socket.bytesRead;
  const timer = setInterval(() => {
    if (!request.complete && request.readableLength === 0 && socket.bytesRead - before < least)
      breakOff(turn, { denial: 'request_timeout' });
    before = socket.bytesRead;
  }, pause);
  const stop = (): void => {
    clearInterval(timer);
    request.off('close', stop);
    socket.off('close', stop);
  };
  request.on('close', stop);
  // An answered request is not told that its connection closed.
  socket.on('close', stop);
}
