import t from 'tap';
import { faults, load, withService } from '../support/config.ts';

const api = (settings: Record<string, unknown>) => load(withService(settings)).services['api'];

t.test('requests may wait for a connection, or none may', async (t) => {
  t.match(api({ queue: 0, connections: 1 }), { queue: 0, connections: 1 });
  t.strictSame(faults(withService({ queue: -1 })), ['services.api.queue: expected a number >= 0']);
});

t.test('the private key of a client certificate is a secret', async (t) => {
  const text = withService({
    upstream: 'https://api:4000',
    tls: { certificate: '${file:c}', key: '${file:k}' },
  });
  const files = { c: 'no certificate', k: 'no key either' };
  t.notMatch(JSON.stringify(faults(text, { files })), 'no key either', 'it is in no fault');
});
