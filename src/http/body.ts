/** How much of a request's body passes, and bodies that are held in memory. */
import { finished, Readable, Transform, type TransformCallback } from 'node:stream';

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

/** Bytes of a body that room is made for at first. */
const FIRST_ROOM = 4_096;

/**
 * All of a body in one piece, at most `most` bytes; fails as `limited` does. It takes twice its bytes at most: kept as they came, chunks of
 * one byte would take a hundred times that.
 */
export async function collected(body: Readable, most: number): Promise<Buffer> {
  let room = Buffer.allocUnsafe(FIRST_ROOM);
  let size = 0;
  for await (const chunk of limited(body, most) as AsyncIterable<Buffer>) {
    if (size + chunk.length > room.length)
      room = Buffer.concat([room.subarray(0, size)], 2 * (size + chunk.length));
    chunk.copy(room, size);
    size += chunk.length;
  }
  return room.subarray(0, size);
}

/** A body whose bytes are here already, as an exchange has it. */
export const held = (bytes: Buffer) => ({
  length: bytes.length,
  stream: (most: number): Readable => limited(Readable.from(bytes, { objectMode: false }), most),
  buffer: (most: number): Promise<Buffer> =>
    bytes.length > most ? Promise.reject(new BodyTooLargeError()) : Promise.resolve(bytes),
});
