/** A door whose address is known before what is behind it: a proxy in front of a gateway, say. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Test } from 'tap';

/** Starts listening; connections go, byte for byte, to the port that `leadTo` names. */
export async function startRelay(t: Test): Promise<{ url: string; leadTo: (url: string) => void }> {
  let port = 0;
  const server = createServer((client) => {
    const behind = connect(port, '127.0.0.1');
    t.teardown(() => {
      client.destroy();
      behind.destroy();
    });
    for (const socket of [client, behind]) socket.on('error', () => {});
    client.pipe(behind).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (url) => void (port = Number(new URL(url).port)),
  };
}
