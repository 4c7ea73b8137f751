/** A sink that keeps what it is given. */
import type { Sink } from '../../src/chain/ports.ts';

export type Recording = Sink & {
  status: number;
  fields: string[];
  body: string;
  trailers: readonly string[] | null;
  cut: boolean;
  /** The client leaves. */
  leave: () => void;
  /** Is there never room for more, until `drain` is called? */
  slow: boolean;
  /** There is room again. */
  drain: () => void;
  /** Called with each piece. */
  onWrite: () => void;
};

/** Makes one, of a client who has room for everything until `slow` is set. */
export function recording(): Recording {
  let gone = (): void => {};
  let left = false;
  const sink: Recording = {
    status: 0,
    fields: [],
    body: '',
    trailers: null,
    cut: false,
    slow: false,
    head: (status, fields) => Object.assign(sink, { status, fields }),
    write(chunk) {
      sink.body += Buffer.from(chunk).toString('latin1');
      sink.onWrite();
      return !sink.slow;
    },
    onDrain: (resume) => (sink.drain = resume),
    end: (trailers) => (sink.trailers = trailers),
    abort: () => (sink.cut = true),
    onGone(callback) {
      gone = callback;
      if (left) gone();
    },
    leave() {
      left = true;
      gone();
    },
    drain() {},
    onWrite() {},
  };
  return sink;
}
