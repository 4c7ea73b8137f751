import { once } from 'node:events';
import { createServer, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { connector } from '../../src/upstream/tls.ts';
import { AUTHORITY, SERVER } from '../support/certificates.ts';
import { route } from '../support/exchange.ts';

t.test('the name that is asked for is the configured one, never the Host of a request', async (t) => {
  const server = createServer({ key: SERVER.key, cert: SERVER.cert }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const upstream = `https://127.0.0.1:${port}`;
  const open = connector({
    ...route().service,
    upstream,
    tls: { ca: AUTHORITY, server_name: 'api.internal' },
  });
  const asked = once(server, 'secureConnection');
  const host = 'evil.example';
  open(
    { hostname: '127.0.0.1', host, protocol: 'https:', port: String(port), servername: host },
    (error, socket) => {
      t.equal(error, null);
      t.teardown(() => socket?.destroy());
    },
  );
  const [socket] = (await asked) as [TLSSocket & { servername: string }];
  t.equal(socket.servername, 'api.internal');
  t.equal(socket.alpnProtocol, false, 'nothing newer than HTTP/1.1 is offered');
});
