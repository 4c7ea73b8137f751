/** Large bodies, made as they are sent and never held. */
import { crc32 } from 'node:zlib';

/** No power of two, so that no read ends where a piece does: what goes missing or changes places changes the sum. */
const PIECE = Buffer.from(Array.from({ length: 262_139 }, (_, index) => (index * index) % 251));

/** What went through, as a receiver and a sender can compare it. */
export type Sum = { readonly bytes: number; readonly crc: number };

export type Pouring = {
  /** Bytes written so far. */
  readonly written: () => number;
  /** All that was written. */
  readonly sum: () => Sum;
};

/** Writes that many bytes as fast as they are taken, and ends the stream. */
export function pour(into: NodeJS.WritableStream, bytes: number): Pouring {
  let written = 0;
  let crc = 0;
  const more = (): void => {
    while (written < bytes) {
      const piece = PIECE.subarray(0, bytes - written);
      written += piece.length;
      crc = crc32(piece, crc);
      if (!into.write(piece)) return;
    }
    into.off('drain', more);
    into.end();
  };
  into.on('drain', more);
  more();
  return { written: () => written, sum: () => ({ bytes: written, crc }) };
}

/** Reads a stream to its end; rejects when that does not come. */
export async function drained(stream: AsyncIterable<Buffer>): Promise<Sum> {
  let bytes = 0;
  let crc = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    crc = crc32(chunk, crc);
  }
  return { bytes, crc };
}
