/** How much of a request's body passes. */
import { finished, type Readable, Transform, type TransformCallback } from 'node:stream';

/** A body turned out to have more bytes than it may. */
export class BodyTooLargeError extends Error {
  readonly code = 'PORTCULLIS_BODY_TOO_LARGE';
  constructor() {
    super('the body is too large');
  }
}

/**
 * The same bytes, failing with a BodyTooLargeError in place of the piece that goes beyond `most` bytes. It fails with the body, or
 * when that is closed before its end. Whoever gives it up leaves the rest of the body unread, for others to drain.
 */
export function limited(body: Readable, most: number): Readable {
  let size = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      size += chunk.length;
      if (size > most) done(new BodyTooLargeError());
      else done(null, chunk);
    },
  });
  // It may fail when its reader has given it up already: nobody's error then, and one that nobody hears ends the process.
  counting.on('error', () => {});
  finished(body, { writable: false }, (error) => {
    if (error) counting.destroy(error);
  });
  return body.pipe(counting);
}
