/** A client on a bare connection: it sends bytes as they are, and reads the answers one by one. */
import { type EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Test } from 'tap';

export type Reply = {
  readonly status: number;
  /** By lower-case name, duplicates joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

export type Wire = {
  readonly socket: Socket;
  readonly send: (bytes: string | Buffer) => void;
  /** The next answer, whole; `bodyless` where its Content-Length is of a body that does not follow. Rejects when the connection closes first. */
  readonly reply: (bodyless?: 'bodyless') => Promise<Reply>;
  /** All that came and was not read as an answer, once the other side has closed. */
  readonly rest: () => Promise<string>;
};

/** Connects, from this address where one is given; the connection is cut when the test ends. */
export async function openWire(t: Test, url: string, localAddress?: string): Promise<Wire> {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, ...(localAddress && { localAddress }) });
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  let received = '';
  let news = (): void => {};
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    news();
  });
  // A reset shows as an answer that is not whole.
  socket.on('error', () => {});
  socket.on('close', () => news());
  const more = (): Promise<void> =>
    new Promise((resolve) => {
      news = resolve;
    });
  return {
    socket,
    send: (bytes) => void socket.write(bytes, 'latin1'),
    async reply(bodyless) {
      for (;;) {
        const read = readReply(received, bodyless === 'bodyless');
        if (read) {
          received = read.rest;
          return read.reply;
        }
        if (socket.closed) throw new Error(`closed before a whole answer: ${received.slice(0, 1_000)}`);
        await more();
      }
    },
    async rest() {
      while (!socket.closed) await more();
      return received;
    },
  };
}

/** Waits until it is closed, whatever went wrong with it. */
export const closed = (stream: EventEmitter): Promise<void> =>
  new Promise((resolve) => {
    stream.once('close', resolve);
  });

/** The problem that an answer carries; throws for an answer that carries none. */
export function problemOf({ headers, text }: Reply): Record<string, unknown> {
  if (headers['content-type'] !== 'application/problem+json')
    throw new Error(`no problem: ${headers['content-type']} ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}

function readReply(bytes: string, bodyless: boolean): { reply: Reply; rest: string } | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [statusLine = '', ...lines] = bytes.slice(0, end).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const status = Number(statusLine.split(' ')[1]);
  const after = bytes.slice(end + 4);
  const body =
    bodyless || status < 200
      ? { text: '', length: 0 }
      : headers['transfer-encoding'] === 'chunked'
        ? readChunks(after)
        : {
            text: after.slice(0, Number(headers['content-length'])),
            length: Number(headers['content-length']),
          };
  if (!body || after.length < body.length) return null;
  return { reply: { status, headers, text: body.text }, rest: after.slice(body.length) };
}

function readChunks(bytes: string): { text: string; length: number } | null {
  let text = '';
  for (let at = 0; ;) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return null;
    const size = Number.parseInt(bytes.slice(at, line), 16);
    if (size === 0) {
      const end = bytes.indexOf('\r\n\r\n', line);
      return end < 0 ? null : { text, length: end + 4 };
    }
    text += bytes.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}
