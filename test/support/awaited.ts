/** A request on a bare connection to a node:http server, whose response is the test's to give. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import { openWire, type Wire } from './wire.ts';

export type Awaited = { readonly wire: Wire; readonly server: Server; readonly response: ServerResponse };

/** Sends a request without fields but Host; `line` is its first line. Server and connection end with the test. */
export async function awaitResponse(t: Test, line = 'GET / HTTP/1.1'): Promise<Awaited> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const wire = await openWire(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  wire.send(`${line}\r\nHost: a\r\n\r\n`);
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  return { wire, server, response };
}
