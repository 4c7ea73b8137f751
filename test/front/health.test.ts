import { metrics } from '@opentelemetry/api';
import t, { type Test } from 'tap';
import { healthFront } from '../../src/front/health.ts';
import { startTelemetry } from '../../src/observe/telemetry.ts';
import { call } from '../support/http.ts';
import { openWire } from '../support/wire.ts';

const telemetry = startTelemetry({});

async function startHealth(t: Test, ready: () => boolean): Promise<string> {
  const front = healthFront({ ready, scrape: telemetry.scrape });
  t.teardown(() => front.close());
  return front.listen({ host: '127.0.0.1', port: 0 });
}

t.test('it is live as long as it answers, ready or not', async (t) => {
  const url = await startHealth(t, () => false);
  t.match(await call(url, { path: '/livez' }), { status: 200, text: 'live\n' });
});

t.test('it is ready when it says so, asked anew each time', async (t) => {
  let ready = false;
  const url = await startHealth(t, () => ready);
  t.match(await call(url, { path: '/readyz' }), { status: 503, text: 'not ready\n' });
  ready = true;
  t.match(await call(url, { path: '/readyz' }), { status: 200, text: 'ready\n' });
});

t.test('metrics are there for Prometheus to scrape', async (t) => {
  metrics.getMeter('test').createCounter('visits').add(2);
  const url = await startHealth(t, () => true);
  const { status, headers, text } = await call(url, { path: '/metrics' });
  t.equal(status, 200);
  t.match(headers['content-type'], /^text\/plain/);
  t.match(text, /^visits_total\S* 2$/m);
});

t.test('there is nothing else', async (t) => {
  const url = await startHealth(t, () => true);
  for (const path of ['/', '/status', '/readyz/', '/metrics/x', '/%2e%2e/livez'])
    t.equal((await call(url, { path })).status, 404, path);
  t.equal((await call(url, { path: '/livez', method: 'POST' })).status, 404);
});

t.test('a probe that hangs does not hold up the end', async (t) => {
  const front = healthFront({ ready: () => true, scrape: telemetry.scrape });
  const wire = await openWire(t, await front.listen({ host: '127.0.0.1', port: 0 }));
  wire.send('GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /li');
  await wire.reply();
  await front.close();
  t.equal(await wire.rest(), '');
});
