/** An upstream of bare bytes, for answers that node:http would not give. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Test } from 'tap';

/** Starts it; `answer` has the connection when the first bytes of a request are there, and those. */
export async function startBytes(t: Test, answer: (socket: Socket, first: Buffer) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    t.teardown(() => socket.destroy());
    socket.once('data', (first) => answer(socket, first));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
