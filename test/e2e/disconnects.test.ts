/** Who leaves, on either side, ends what was done for him on the other; and nobody takes a part for the whole. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { startBytes } from '../support/bytes.ts';
import { call, startServer } from '../support/http.ts';
import { reasons, startOpenGateway } from '../support/open-gateway.ts';
import { until } from '../support/traced.ts';
import { closed, openWire } from '../support/wire.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

t.test('a client who leaves ends his request upstream, whatever it is at', async (t) => {
  const cases: { name: string; bytes: string; begun: boolean }[] = [
    {
      name: 'within a counted upload',
      bytes: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na',
      begun: false,
    },
    {
      name: 'within a chunked upload',
      bytes: 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n',
      begun: false,
    },
    { name: 'while waiting for the head', bytes: GET, begun: false },
    { name: 'within a download', bytes: GET, begun: true },
    {
      name: 'within both',
      bytes: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na',
      begun: true,
    },
  ];
  for (const { name, bytes, begun } of cases) {
    const reached = Promise.withResolvers<ServerResponse>();
    let whole = false;
    const upstream = await startServer(t, (incoming, response) => {
      incoming.on('error', () => {}).on('end', () => (whole = true));
      incoming.resume();
      if (begun) response.write('begun');
      reached.resolve(response);
    });
    const gateway = await startOpenGateway(t, { upstream });
    const wire = await openWire(t, gateway.url);
    wire.send(bytes);
    const response = await reached.promise;
    if (begun) await once(wire.socket, 'data');
    wire.socket.destroy();
    await closed(response);
    await until(() => begun || reasons(gateway).length === 1);
    t.strictSame(reasons(gateway), begun ? [] : ['client_gone'], name);
    t.equal(whole, bytes === GET, 'an upload that broke off does not look whole upstream');
  }
});

t.test(
  'who leaves with requests still in line on his connection ends the one under way, and the others never begin',
  async (t) => {
    const reached = Promise.withResolvers<ServerResponse>();
    const targets: (string | undefined)[] = [];
    const upstream = await startServer(t, ({ url }, response) => {
      targets.push(url);
      if (url === '/1') reached.resolve(response);
      else response.end();
    });
    const { url } = await startOpenGateway(t, { upstream });
    const wire = await openWire(t, url);
    wire.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
    const response = await reached.promise;
    wire.socket.destroy();
    await closed(response);
    await call(url, { path: '/3' });
    t.strictSame(targets, ['/1', '/3']);
  },
);

/** What a client gets of an answer whose upstream breaks off by `end`, once the client has seen all that was said until then. */
async function broken(t: Test, said: string, seen: string, end: (upstream: Socket) => void, version = '1.1') {
  const answering = Promise.withResolvers<Socket>();
  const upstream = await startBytes(t, (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${said}`);
    answering.resolve(socket);
  });
  const { url } = await startOpenGateway(t, { upstream });
  const { hostname, port } = new URL(url);
  const client = connect(Number(port), hostname);
  client.write(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`);
  let bytes = '';
  let reset = false;
  client.on('data', (chunk: Buffer) => (bytes += chunk.toString('latin1'))).on('error', () => (reset = true));
  const over = closed(client);
  await until(() => bytes.includes('\r\n\r\n') && bytes.endsWith(seen));
  end(await answering.promise);
  await over;
  return { bytes, reset };
}

const COUNTED = 'Content-Length: 10\r\n\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n\r\n';

t.test(
  'an upstream that breaks off within its answer leaves its client with one that is not whole',
  async (t) => {
    const ends: Record<string, (upstream: Socket) => void> = {
      'closes its connection': (socket) => socket.end(),
      'resets its connection': (socket) => socket.resetAndDestroy(),
    };
    const cases: [string, string][] = [
      [COUNTED, '\r\n\r\n'],
      [`${COUNTED}half`, '\r\n\r\nhalf'],
      [CHUNKED, '\r\n\r\n'],
      [`${CHUNKED}4\r\nhalf\r\n`, '4\r\nhalf\r\n'],
      [`${CHUNKED}4\r\nhalf\r\n8\r\nor`, '2\r\nor\r\n'],
      [`${CHUNKED}4\r\nhalf\r\n0\r\nX-Sum: `, '4\r\nhalf\r\n'],
    ];
    for (const [name, end] of Object.entries(ends))
      for (const [said, seen] of cases)
        t.ok(
          (await broken(t, said, seen, end)).bytes.endsWith(seen),
          `${name} after ${JSON.stringify(said)}`,
        );
  },
);

t.test('so does one whose chunks turn to nonsense', async (t) => {
  const { bytes } = await broken(t, `${CHUNKED}4\r\nhalf\r\n`, 'half\r\n', (socket) =>
    socket.write('nonsense'),
  );
  t.ok(bytes.endsWith('4\r\nhalf\r\n'));
});

t.test(
  'a client of HTTP/1.0, who knows no chunks, sees a reset where the answer was not whole',
  async (t) => {
    t.equal(
      (await broken(t, `${CHUNKED}4\r\nhalf\r\n`, 'half', (socket) => socket.end(), '1.0')).reset,
      true,
    );
  },
);
