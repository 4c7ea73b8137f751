import * as fc from 'fast-check';
import { Readable } from 'node:stream';
import t from 'tap';
import { forward } from '../../src/chain/6-forward.ts';
import type { Sink, UpstreamRequest } from '../../src/chain/ports.ts';
import type { Denial } from '../../src/denial.ts';
import type { Answered, Permitted } from '../../src/exchange.ts';
import { spelling } from '../../src/http/headers.ts';
import { claimPath } from '../../src/oauth/claim.ts';
import { phantom } from '../../src/oauth/phantom.ts';
import { decision, fields, identity, permitted, route, target } from '../support/exchange.ts';

const ANSWERED = { status: 200, aborted: false };
const sink = {} as Sink;
/** What the routes of this gateway set, on whichever of them. */
const OWN_NAMES = new Set(['authorization', 'x-user', 'x-role', 'x-jwt']);

/** Forwards, and gives what was sent upstream; null when nothing was. */
async function forwarded(
  exchange: Permitted,
  outcome: Answered | Denial = ANSWERED,
): Promise<{ result: Answered | Denial; sent: UpstreamRequest | null }> {
  let sent: UpstreamRequest | null = null;
  const send = async (request: UpstreamRequest): Promise<Answered | Denial> => {
    sent = request;
    return outcome;
  };
  const result = await forward(phantom(null), send, OWN_NAMES, 'gw')(exchange, sink);
  return { result, sent };
}

/** All values that the upstream gets under a name. */
async function values(exchange: Permitted, ...names: string[]): Promise<string[]> {
  const { sent } = await forwarded(exchange);
  const flat = sent?.fields ?? [];
  return flat.filter((_, i) => i % 2 === 1 && names.includes(spelling(flat[i - 1]!)));
}

const from = (...sent: string[]) => ({ fields: fields(...sent) });
const naming = (
  claims: Record<string, string>,
  jwt: string | false = 'authorization',
  more: { credential?: boolean; consumer?: boolean } = {},
) => ({
  route: route({
    identity_headers: {
      claims: Object.entries(claims).map(([claim, name]) => ({ claim, path: claimPath(claim), name })),
      jwt,
      credential: false,
      consumer: false,
      ...more,
    },
  }),
});
/** A request for this target, sent on with its own path. */
const asked = (raw: string) => ({ target: target(raw), upstream_path: target(raw).path });
const nobody = { token: null, identity: null };

t.test('what was judged is what is sent, and the query byte for byte', async (t) => {
  const body = { length: null, stream: () => Readable.from([]), buffer: async () => Buffer.alloc(0) };
  for (const [raw, sent] of [
    ['/accounts/%7e%c3%a9?q=%7e&q=50%', '/accounts/~%C3%A9?q=%7e&q=50%'],
    ['/accounts/1001?', '/accounts/1001?'],
    ['/accounts/1001', '/accounts/1001'],
  ] as const) {
    const exchange = permitted({ method: 'HEAD', ...asked(raw), body });
    const { service } = exchange.route;
    t.match((await forwarded(exchange)).sent, { service, method: 'HEAD', target: sent, body });
  }
});

t.test("the upstream's answer is the answer, and a denial on the way is the denial", async (t) => {
  t.strictSame((await forwarded(permitted())).result, ANSWERED);
  const timeout = { denial: 'upstream_timeout', detail: 'UND_ERR_HEADERS_TIMEOUT' } as const;
  t.strictSame((await forwarded(permitted(), timeout)).result, timeout);
});

t.test("the phantom JWT takes the place of the client's token", async (t) => {
  t.strictSame(await values(permitted(), 'authorization'), ['Bearer phantom.jwt.signature']);
});

t.test('the phantom JWT goes where the route says, and else nowhere', async (t) => {
  const named = permitted({
    ...naming({}, 'X-JWT'),
    ...from('Authorization', 'Bearer o', 'x_jwt', 'forged'),
  });
  t.strictSame(await values(named, 'x-jwt'), ['phantom.jwt.signature']);
  t.strictSame(await values(named, 'authorization'), []);
  t.strictSame(await values(permitted(naming({}, false)), 'authorization'), []);
});

t.test('without a phantom JWT nothing is sent, and the denial names the fix', async (t) => {
  t.strictSame(await forwarded(permitted({ identity: identity({ jwt: null }) })), {
    result: {
      denial: 'phantom_unavailable',
      detail: 'the answer of main carries no JWT: set phantom_jwt: mint on the service accounts',
    },
    sent: null,
  });
});

t.test('claims go as the headers that the route names', async (t) => {
  const exchange = permitted(naming({ sub: 'X-User', roles: 'X-Role' }));
  t.strictSame(await values(exchange, 'x-user'), ['alice']);
  t.strictSame(await values(exchange, 'x-role'), ['approver']);
});

t.test('a claim that no header can carry refuses the request', async (t) => {
  const split = identity({ claims: { sub: 'alice\r\nX-Role: admin' } });
  t.strictSame(await forwarded(permitted({ ...naming({ sub: 'X-User' }), identity: split })), {
    result: { denial: 'unrepresentable_claim', detail: 'the claim sub has control characters' },
    sent: null,
  });
});

t.test('nested claims and lists go by JSON Pointer', async (t) => {
  const claims = { realm: { roles: ['a', 'b,c'] } };
  const exchange = permitted({ ...naming({ '/realm/roles': 'X-Role' }), identity: identity({ claims }) });
  t.strictSame(await values(exchange, 'x-role'), ['a,b%2Cc']);
});

t.test('what is known of the token and of the consumer goes where the route asks for it', async (t) => {
  const consumer = { username: 'acme', groups: ['gold'] };
  const asked = { credential: true, consumer: true };
  const known = { ...naming({}, false, asked), consumer };
  t.strictSame(await values(permitted(known), 'x-credential-sub', 'x-consumer-username'), ['alice', 'acme']);
  t.strictSame(
    await values(permitted({ ...known, ...naming({}, false) }), 'x-credential-sub', 'x-consumer-username'),
    [],
  );
  t.strictSame(await values(permitted(known), 'x-anonymous-consumer'), []);
  const guest = permitted({ ...known, ...nobody });
  t.strictSame(await values(guest, 'x-anonymous-consumer', 'x-consumer-username'), ['acme', 'true']);
  t.strictSame(await values(guest, 'x-credential-sub', 'x-credential-scope', 'authorization'), []);
});

t.test('credentials go on as they came only where the route hides none', async (t) => {
  const sent = {
    query: 'access_token=opaque&q=1',
    fields: fields('Authorization', 'Bearer opaque', 'X-Token', 'opaque', 'X-User', 'root'),
    body: { length: 3, stream: () => Readable.from(['a=b']), buffer: async () => Buffer.from('a=b') },
  };
  const { route: open } = naming({ sub: 'X-User' }, 'X-Jwt');
  const unhidden = permitted({
    target: target('/accounts/1001?q=1'),
    unhidden: sent,
    route: { ...open, hide_credentials: false },
  });
  t.match((await forwarded(unhidden)).sent, {
    target: '/accounts/1001?access_token=opaque&q=1',
    body: sent.body,
  });
  t.strictSame(await values(unhidden, 'authorization', 'x-token'), ['Bearer opaque', 'opaque']);
  t.strictSame(
    await values(unhidden, 'x-user', 'x-jwt'),
    ['alice', 'phantom.jwt.signature'],
    'beside what is ours',
  );

  const hidden = permitted({ target: target('/accounts/1001?q=1'), route: open });
  t.match((await forwarded(hidden)).sent, { target: '/accounts/1001?q=1', body: null });
  t.strictSame(await values(hidden, 'authorization'), []);
});

t.test(
  'Authorization is the gateway’s where the phantom JWT goes there, credentials hidden or not',
  async (t) => {
    const sent = { query: null, fields: fields('Authorization', 'Bearer opaque'), body: null };
    const exchange = permitted({ unhidden: sent, route: route({ hide_credentials: false }) });
    t.strictSame(await values(exchange, 'authorization'), ['Bearer phantom.jwt.signature']);
  },
);

t.test('a token in the query vouches for no Authorization beside it', async (t) => {
  const sent = { query: 'access_token=opaque', fields: fields('Authorization', 'Basic YTpi'), body: null };
  const open = {
    ...naming({}, false).route,
    hide_credentials: false,
    forward_unverified_authorization: true,
  };
  const exchange = permitted({ unhidden: sent, fields: sent.fields, route: open });
  t.strictSame(await values(exchange, 'authorization'), []);
  t.equal((await forwarded(exchange)).sent?.target, '/accounts/1001?access_token=opaque');
});

t.test('krakend-jose#62, CVE-2026-31908: an absent claim lets no client header through', async (t) => {
  const forged = from('X-User', 'root', 'x_user', 'root', 'X_USER', 'root');
  const without = { ...naming({ sub: 'X-User' }), identity: identity({ claims: {} }), ...forged };
  t.strictSame(await values(permitted(without), 'x-user'), []);
  t.strictSame(await values(permitted({ ...forged, ...nobody }), 'x-user'), []);
});

t.test('a name that only another route sets is removed on this one too', async (t) => {
  const exchange = permitted({ ...naming({}), ...from('X-Role', 'admin', 'X-Jwt', 'forged') });
  t.strictSame(await values(exchange, 'x-role', 'x-jwt'), []);
});

t.test('CVE-2024-45410: what Connection lists cannot remove what the gateway sets', async (t) => {
  const listing = from('Connection', 'X-User, Authorization, X-Forwarded-For, X-Secret', 'X-Secret', 's');
  const exchange = permitted({ ...naming({ sub: 'X-User' }), ...listing });
  t.strictSame(await values(exchange, 'x-user', 'authorization', 'x-forwarded-for'), [
    '192.0.2.1',
    'alice',
    'Bearer phantom.jwt.signature',
  ]);
  t.strictSame(await values(exchange, 'connection', 'x-secret'), [], 'while what was listed is gone');
});

t.test("forwarding fields and trace context are the gateway's own", async (t) => {
  const forged = ['X-Forwarded-For', '10.0.0.1', 'X-Forwarded-Prefix', '/admin', 'Forwarded', 'for=10.0.0.1'];
  const exchange = permitted(
    from(...forged, 'traceparent', '00-1-1-00', 'tracestate', 'a=b', 'Baggage', 'c=d'),
  );
  t.strictSame(await values(exchange, 'x-forwarded-for', 'x-real-ip'), ['192.0.2.1', '192.0.2.1']);
  t.strictSame(await values(exchange, 'x-forwarded-host', 'x-forwarded-port'), ['api.example.com', '8080']);
  t.strictSame(await values(exchange, 'forwarded'), ['for=192.0.2.1;host=api.example.com;proto=http']);
  t.strictSame(await values(exchange, 'x-forwarded-prefix', 'traceparent', 'tracestate', 'baggage'), []);
});

t.test(
  'a path that was sent elsewhere goes with the query, and the upstream is told the client’s',
  async (t) => {
    const stripping = permitted({
      route: route({ strip_prefix: '/api' }),
      target: target('/api/%7eaccounts?q=%7e'),
      upstream_path: '/~accounts',
    });
    t.equal((await forwarded(stripping)).sent?.target, '/~accounts?q=%7e');
    t.strictSame(await values(stripping, 'x-forwarded-prefix', 'x-forwarded-path'), [
      '/api',
      '/api/~accounts',
    ]);
    const rewriting = permitted({ route: route({ rewrite: '/v2/{id}' }), upstream_path: '/v2/1001' });
    t.strictSame(await values(rewriting, 'x-forwarded-prefix', 'x-forwarded-path'), ['/accounts/1001']);
    t.strictSame(await values(permitted(), 'x-forwarded-prefix', 'x-forwarded-path'), [], 'else nothing');
  },
);

t.test('CVE-2026-35051: what a client says of a stripped prefix or path is not told', async (t) => {
  const forged = [
    'X-Forwarded-Prefix',
    '//evil.example',
    'X_Forwarded_Path',
    '/admin',
    'X-Forwarded.Prefix',
    '/x',
  ];
  t.strictSame(await values(permitted(from(...forged)), 'x-forwarded-prefix', 'x-forwarded-path'), []);
  const stripping = { route: route({ strip_prefix: '/accounts' }), upstream_path: '/1001' };
  t.strictSame(await values(permitted({ ...stripping, ...from(...forged) }), 'x-forwarded-prefix'), [
    '/accounts',
  ]);
});

t.test('RFC 9110 section 7.6.3: Via tells of the gateway after those before it, both ways', async (t) => {
  const exchange = permitted(from('via', '1.0 first', 'Via', '2 second'));
  t.strictSame(await values(exchange, 'via'), ['1.0 first', '2 second', '1.1 gw']);
  t.strictSame((await forwarded(exchange)).sent?.responseFields, ['Via', '1.1 gw']);
});

t.test('a request that goes in a circle is not sent once more', async (t) => {
  const been = (times: number) =>
    permitted(from(...Array.from({ length: times }, () => ['Via', '1.1 GW']).flat()));
  t.strictSame(await forwarded(been(10)), { result: { denial: 'loop_detected' }, sent: null });
  t.strictSame((await forwarded(been(9))).result, ANSWERED);
});

t.test("the client's Host goes on only where the route says so", async (t) => {
  t.strictSame(await values(permitted(), 'host'), []);
  const preserving = permitted({
    route: route({ preserve_host: true }),
    fields: ['Host', 'API.example.com:8443'],
  });
  t.strictSame(await values(preserving, 'host'), ['API.example.com:8443'], 'as the client wrote it');
});

t.test('what a policy sets comes after what the client sent under that name was removed', async (t) => {
  const exchange = permitted({
    ...from('X-Role', 'admin', 'x_role', 'admin'),
    decision: decision({ fields: ['X-Role', 'teller'], responseFields: ['X-Seen', '1'] }),
  });
  t.strictSame(await values(exchange, 'x-role'), ['teller']);
  t.strictSame((await forwarded(exchange)).sent?.responseFields, ['Via', '1.1 gw', 'X-Seen', '1']);
});

t.test("a policy removes the client's headers in any spelling, and none of the gateway's", async (t) => {
  const exchange = permitted({
    ...naming({ sub: 'X-User' }),
    ...from('X-Debug', '1', 'x_debug', '2', 'Accept', 'a/b'),
    decision: decision({ removed: ['X-DEBUG', 'X_User', 'Authorization', 'X-Forwarded-For'] }),
  });
  t.strictSame(await values(exchange, 'x-debug'), []);
  t.strictSame(await values(exchange, 'x-user', 'x-forwarded-for', 'accept'), ['a/b', '192.0.2.1', 'alice']);
  t.strictSame(await values(exchange, 'authorization'), ['Bearer phantom.jwt.signature']);
});

t.test('Authorization that nobody verified goes on only where the route says so', async (t) => {
  const basic = from('Authorization', 'Basic YTpi', 'X-User', 'root');
  const lax = route({ token: 'none', forward_unverified_authorization: true });
  t.strictSame(await values(permitted({ ...basic, ...nobody }), 'authorization'), []);
  const exchange = permitted({ ...basic, ...nobody, route: lax });
  t.strictSame(await values(exchange, 'authorization', 'x-user'), ['Basic YTpi']);
  const { identity_headers } = naming({}, false).route;
  const verified = permitted({ route: { ...lax, identity_headers } });
  t.strictSame(await values(verified, 'authorization'), [], 'a token that was verified stays here');
});

t.test('nothing that a client sends under a reserved or configured name reaches an upstream', async () => {
  const reserved =
    'x-credential-id x-consumer-name x-anonymous-consumer x-portcullis-route x-userinfo x-access-token x-id-token ' +
    'x-forwarded-for x-forwarded-user forwarded x-real-ip x-original-uri x-rewrite-url x-authenticated-userid ' +
    'connection te upgrade host x-credential-scope x-credential-client-id x-credential-aud x-consumer-username ' +
    'x-consumer-groups x-consumer-custom-id';
  const spelt = fc
    .tuple(fc.mixedCase(fc.constantFrom(...OWN_NAMES, ...reserved.split(' '))), fc.constantFrom('-', '_'))
    .map(([name, dash]) => name.replaceAll('-', dash));
  const exchange = {
    ...naming({ sub: 'X-User' }, 'authorization', { credential: true, consumer: true }),
    decision: decision({ fields: ['X-Role', 'teller'] }),
  };
  await fc.assert(
    fc.asyncProperty(fc.array(spelt, { minLength: 1, maxLength: 5 }), fc.boolean(), async (names, known) => {
      const forged = from(...names.flatMap((one) => [one, 'forged']));
      const { sent } = await forwarded(permitted({ ...exchange, ...forged, ...(known ? {} : nobody) }));
      return sent?.fields.includes('forged') === false;
    }),
  );
});
