/** A forward proxy for CONNECT, that keeps what it was asked and what it could read of what went through. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Test } from 'tap';

export type ForwardProxy = {
  readonly url: string;
  /** Each CONNECT: where to, and with which Proxy-Authorization. */
  readonly asked: { readonly authority: string; readonly authorization: string | undefined }[];
  /** All bytes that clients sent through it. */
  readonly read: () => string;
};

type Options = {
  /** Answers a CONNECT otherwise than by connecting; false where it does not. */
  readonly answer?: (socket: Duplex) => boolean;
  /** Its certificate and key, for a proxy that is spoken to in TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
};

/** Starts it. Every host that it is asked for is at 127.0.0.1. */
export async function startForwardProxy(
  t: Test,
  { answer = () => false, tls }: Options = {},
): Promise<ForwardProxy> {
  const asked: ForwardProxy['asked'] = [];
  let read = '';
  const server: Server = tls ? createSecureServer(tls) : createServer();
  server.on('connect', ({ url = '', headers }, socket: Duplex) => {
    asked.push({ authority: url, authorization: headers['proxy-authorization'] });
    socket.on('error', () => {});
    t.teardown(() => socket.destroy());
    if (answer(socket)) return;
    const through = connect(Number(url.split(':').at(-1)), '127.0.0.1');
    t.teardown(() => through.destroy());
    through.on('error', () => socket.destroy());
    through.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.on('data', (bytes: Buffer) => (read += bytes.toString('latin1')));
      socket.pipe(through).pipe(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, asked, read: () => read };
}
