import t from 'tap';
import { isDenial } from '../../src/denial.ts';
import type { Asked } from '../../src/explain/arguments.ts';
import { arrive, type Listening, placeFor, shownPlace } from '../../src/explain/imagined.ts';
import { receiver } from '../../src/front/receive.ts';
import { trustedProxies } from '../../src/http/forwarded.ts';
import { buildRouteTable } from '../../src/http/route-table.ts';
import { NOW, route } from '../support/exchange.ts';
import { LIMITS } from '../support/limits.ts';

const LISTENING: Listening = { receive: receiver(trustedProxies([]), 'http', LIMITS, () => NOW), port: 8080 };
const ASKED: Asked = {
  method: 'POST',
  target: '/a?x=1',
  scheme: 'http',
  fields: ['Host', 'Api.Example.com', 'X-A', 'b'],
  from: '2001:db8::1',
  token: 'a+b',
};

const AUTHORIZATION = { in: 'header', name: 'authorization' } as const;

/** What arrives with the token at this place. */
function arrived(place: Parameters<typeof arrive>[1], changes: Partial<Asked> = {}) {
  const received = arrive({ ...ASKED, ...changes }, place, LISTENING);
  if (isDenial(received)) throw new Error(received.denial);
  return received;
}

t.test('it is as if a client had sent it', async (t) => {
  t.match(arrived(AUTHORIZATION), {
    method: 'POST',
    target: { path: '/a', query: 'x=1' },
    host: 'api.example.com',
    port: 8080,
    peer: '2001:db8::1',
    caller: { client_ip: '2001:db8::1', scheme: 'http' },
    fields: [...ASKED.fields, 'authorization', 'Bearer a+b'],
    body: null,
    received_at: NOW,
  });
  t.match(arrive({ ...ASKED, method: 'GOT' }, AUTHORIZATION, LISTENING), { denial: 'malformed_request' });
});

t.test('the token is written as its place wants it', async (t) => {
  t.strictSame(arrived({ in: 'header', name: 'x-key' }).fields.slice(4), ['x-key', 'a+b']);
  t.strictSame(arrived({ in: 'cookie', name: 'session' }).fields.slice(4), ['Cookie', 'session=a+b']);
  t.equal(arrived({ in: 'query', name: 'k y' }).target.query, 'x=1&k+y=a%2Bb');
  t.equal(arrived({ in: 'query', name: 'k' }, { target: '/a' }).target.query, 'k=a%2Bb');
  const { body, fields } = arrived({ in: 'body', name: 'k' });
  t.strictSame(fields.slice(4), ['Content-Type', 'application/x-www-form-urlencoded', 'Content-Length', '7']);
  t.equal(body?.length, 7);
  t.equal(String(await body?.buffer(100)), 'k=a%2Bb');
});

t.test('without a token nothing is added', async (t) => {
  for (const place of ['header', 'cookie', 'query', 'body'] as const)
    t.match(arrived({ in: place, name: 'x' }, { token: null }), {
      fields: ASKED.fields,
      target: { query: 'x=1' },
      body: null,
    });
});

t.test('it goes into Authorization, unless its route takes none there', async (t) => {
  const placedBy = (method: string, ...credential: Parameters<typeof arrive>[1][]) =>
    shownPlace(
      placeFor(
        { ...ASKED, method },
        buildRouteTable([
          route({ credential, match: { hosts: null, paths: ['/a'], methods: null, headers: [] } }),
        ]),
        LISTENING,
      ),
    );
  const placed = (...credential: Parameters<typeof arrive>[1][]) => placedBy('POST', ...credential);
  t.equal(placed({ in: 'query', name: 'q' }, AUTHORIZATION), 'Authorization');
  t.equal(placed({ in: 'cookie', name: 'c' }, { in: 'query', name: 'q' }), 'cookie c');
  t.equal(placed({ in: 'header', name: 'x-key' }), 'header x-key');
  const form = { in: 'body', name: 'k' } as const;
  t.equal(placed(form, { in: 'query', name: 'q' }), 'body k');
  t.equal(placedBy('GET', form, { in: 'query', name: 'q' }), 'query q', 'a GET has no form');
  t.equal(placedBy('GET', form), 'body k');
  t.equal(shownPlace(placeFor(ASKED, buildRouteTable([]), LISTENING)), 'Authorization', 'without a route');
  const unread = { ...ASKED, target: '/a/../b' };
  t.equal(shownPlace(placeFor(unread, buildRouteTable([route()]), LISTENING)), 'Authorization');
});
