/** A gigabyte each way, through a gateway that does not grow by it. */
import { once } from 'node:events';
import { type IncomingMessage, request, type RequestOptions } from 'node:http';
import { json } from 'node:stream/consumers';
import t from 'tap';
import { changed } from '../support/config.ts';
import { startServer } from '../support/http.ts';
import { drained, pour, type Sum } from '../support/pour.ts';
import { startProbed } from '../support/probed.ts';

const MIB = 1_048_576;
const FREE = { host: '127.0.0.1', port: 0 };

/** What both sides saw of a transfer. */
type Transfer = { readonly sent: Sum; readonly received: Sum };

t.test('a gigabyte passes each way, whole, and the gateway stays as large as it was', async (t) => {
  let poured = (): Sum => ({ bytes: 0, crc: 0 });
  const upstream = await startServer(t, (incoming, response) => {
    if (incoming.method === 'GET') poured = pour(response, Number(incoming.headers['x-size'])).sum;
    else void drained(incoming).then((sum) => response.end(JSON.stringify(sum)));
  });
  const gateway = await startProbed(
    t,
    changed({
      server: FREE,
      health: FREE,
      admin: { port: 0 },
      services: { api: { upstream } },
      defaults: { token: 'none', policy: 'none', body: { max_size: '1GiB' } },
      routes: [{ name: 'all', match: { path: '/**' }, service: 'api' }],
    }),
  );

  const begin = (options: RequestOptions) => {
    const sent = request(gateway.url, { agent: false, ...options });
    return { sent, answered: once(sent, 'response') as Promise<[IncomingMessage]> };
  };
  const download = async (size: number): Promise<Transfer> => {
    const { sent, answered } = begin({ headers: { 'x-size': size } });
    sent.end();
    const [answer] = await answered;
    return { received: await drained(answer), sent: poured() };
  };
  const upload = async (size: number, headers = {}): Promise<Transfer> => {
    const { sent, answered } = begin({ method: 'POST', headers });
    const { sum } = pour(sent, size);
    const [answer] = await answered;
    return { received: (await json(answer)) as Sum, sent: sum() };
  };
  /** Half of what goes up is of announced length, half is chunked. */
  const bothWays = async (size: number): Promise<void> => {
    const half = size / 2;
    const down = download(size);
    const up = [await upload(half), await upload(half, { 'content-length': half })];
    for (const { sent, received } of [...up, await down]) t.strictSame(received, sent);
    t.equal((await down).received.bytes, size);
  };

  await bothWays(64 * MIB);
  const before = await gateway.held();
  await bothWays(1_024 * MIB);
  const after = await gateway.held();
  t.ok(after.peak - before.peak < 100 * MIB, `it grew by ${(after.peak - before.peak) / MIB} MiB`);
  t.ok(after.buffers - before.buffers < 8 * MIB, `it kept ${(after.buffers - before.buffers) / MIB} MiB`);
  t.match(await gateway.stop(), { code: 0, stderr: '' });
});
