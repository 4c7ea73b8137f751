import t from 'tap';
import { changed, faults, load } from '../support/config.ts';

const server = (settings: Record<string, unknown>) => changed({ server: settings });

t.test('limits are sizes, counts and deadlines, none of which is no limit at all', async (t) => {
  const limits = {
    header_size: '80KiB',
    header_count: 200,
    url_length: '2KiB',
    header_timeout: '5s',
    body_timeout: '10s',
    idle_timeout: '1m',
    connections: 20_000,
    connections_per_address: 50,
  };
  t.strictSame(load(server({ limits })).server.limits, {
    header_size: 81_920,
    header_count: 200,
    url_length: 2_048,
    header_timeout: 5_000,
    body_timeout: 10_000,
    idle_timeout: 60_000,
    connections: 20_000,
    connections_per_address: 50,
  });
  for (const key of ['header_timeout', 'body_timeout', 'idle_timeout'])
    t.strictSame(faults(server({ limits: { [key]: '0s' } })), [
      `server.limits.${key}: expected a duration above zero such as 250ms, 30s, 5m or 1h`,
    ]);
  for (const key of ['header_count', 'connections', 'connections_per_address'])
    t.strictSame(faults(server({ limits: { [key]: 0 } })), [`server.limits.${key}: expected a number >= 1`]);
  for (const key of ['header_size', 'url_length'])
    for (const size of ['-1B', '64KB', 64])
      t.match(
        faults(server({ limits: { [key]: size } })),
        [new RegExp(`^server\\.limits\\.${key}: expected`)],
        `${size}`,
      );
});

t.test('Via has a name that stays one word of the header', async (t) => {
  for (const via of ['gateway.example.com', 'edge-1']) t.strictSame(faults(server({ via })), [], via);
  for (const via of ['', 'a b', 'a,b', 'a:80', 'a\r\nX: y'])
    t.strictSame(
      faults(server({ via })),
      ['server.via: expected a name such as portcullis or gateway.example.com'],
      JSON.stringify(via),
    );
});
