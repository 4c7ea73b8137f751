/**
 * An upstream that keeps every byte it is sent. It reads HTTP/1.1 as strictly as RFC 9112 allows, so that a request which two servers
 * could divide differently is a fault here and never a second request that went unseen.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Test } from 'tap';

/** One request, byte for byte. Strings are latin1: one character is one byte. */
export type RecordedBytes = {
  /** All of it: head, and body in its framing. */
  readonly raw: string;
  /** `GET /a?b HTTP/1.1` */
  readonly line: string;
  /** The target of that line. */
  readonly target: string;
  /** Each field as it was spelled, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The body without its framing. */
  readonly body: string;
  /** Fields that came after a chunked body, as they were spelled. */
  readonly trailers: readonly (readonly [name: string, value: string])[];
};

export type Recording = {
  readonly url: string;
  /** Every request that came whole, over all connections. */
  readonly requests: RecordedBytes[];
  /** What came that is no request, or might be two: each is a failure of whoever sent it. */
  readonly faults: string[];
  /** All bytes of each connection since it opened, those of unfinished requests too. */
  readonly connections: () => readonly string[];
  /** The requests and faults since the last call of this. */
  readonly take: () => { readonly requests: readonly RecordedBytes[]; readonly faults: readonly string[] };
};

/** What is answered: `bytes` as they are, 200 and `{}` by default. */
export type Answering = (request: RecordedBytes) => string;

const OK: Answering = () =>
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';

/** A whole answer of 200 with this body. */
export const okay = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body, 'latin1')}\r\n\r\n${body}`;

/** Starts it on a free port; it closes, with its connections, when the test ends. */
export async function startRecording(t: Test, answer: Answering = OK): Promise<Recording> {
  const requests: RecordedBytes[] = [];
  const faults: string[] = [];
  const connections: string[] = [];
  const server = createServer((socket) => {
    const index = connections.push('') - 1;
    let unread = '';
    t.teardown(() => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      const bytes = chunk.toString('latin1');
      connections[index] += bytes;
      unread += bytes;
      try {
        for (let request = read(unread); request; request = read(unread)) {
          unread = unread.slice(request.raw.length);
          requests.push(request);
          socket.write(answer(request), 'latin1');
        }
      } catch (error) {
        faults.push(`${(error as Error).message}: ${JSON.stringify(unread)}`);
        unread = '';
        socket.destroy();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    faults,
    connections: () => [...connections],
    take: () => ({ requests: requests.splice(0), faults: faults.splice(0) }),
  };
}

/** The values of a field, in order; `name` in lower case. Spelled with `_`, it is another field. */
export const valuesOf = ({ fields }: Pick<RecordedBytes, 'fields'>, name: string): string[] =>
  fields.filter(([spelled]) => spelled.toLowerCase() === name).map(([, value]) => value);

/** The first request of `bytes`; null until it is whole. Throws for what is no unambiguous request. */
function read(bytes: string): RecordedBytes | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [line = '', ...lines] = bytes.slice(0, end).split('\r\n');
  const [, target] = /^[A-Z-]+ ([\x21-\x7e]+) HTTP\/1\.1$/.exec(line) ?? [];
  if (target === undefined) throw new Error('a bad request line');
  const fields = lines.map(readField);
  const after = end + 4;
  const lengths = valuesOf({ fields }, 'content-length');
  const codings = valuesOf({ fields }, 'transfer-encoding');
  if (valuesOf({ fields }, 'host').length !== 1) throw new Error('not one Host');
  if (lengths.length + codings.length > 1) throw new Error('more than one framing');
  if (codings.length > 0) {
    if (codings[0] !== 'chunked') throw new Error('a coding other than chunked');
    const chunks = readChunks(bytes, after);
    return chunks && { raw: bytes.slice(0, chunks.end), line, target, fields, ...chunks };
  }
  if (lengths.length > 0 && !/^\d{1,10}$/.test(lengths[0] ?? '')) throw new Error('a bad Content-Length');
  const whole = after + Number(lengths[0] ?? 0);
  if (bytes.length < whole) return null;
  return { raw: bytes.slice(0, whole), line, target, fields, body: bytes.slice(after, whole), trailers: [] };
}

function readChunks(
  bytes: string,
  from: number,
): { body: string; trailers: RecordedBytes['trailers']; end: number } | null {
  let body = '';
  for (let at = from; ;) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return null;
    const text = bytes.slice(at, line);
    if (!/^[0-9A-Fa-f]{1,8}$/.test(text)) throw new Error('a bad chunk size, or an extension');
    const size = Number.parseInt(text, 16);
    at = line + 2;
    if (size === 0) {
      if (bytes.startsWith('\r\n', at)) return { body, trailers: [], end: at + 2 };
      const last = bytes.indexOf('\r\n\r\n', at);
      if (last < 0) return null;
      return { body, trailers: bytes.slice(at, last).split('\r\n').map(readField), end: last + 4 };
    }
    if (bytes.length < at + size + 2) return null;
    if (bytes.slice(at + size, at + size + 2) !== '\r\n') throw new Error('a chunk longer than its size');
    body += bytes.slice(at, at + size);
    at += size + 2;
  }
}

function readField(line: string): readonly [string, string] {
  const field =
    /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*$/;
  const [, name, value] = field.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`a bad field ${JSON.stringify(line)}`);
  return [name, value];
}
