/** Advisories about answers of an authorization server that outlived their truth, or were taken for those about somebody else. */
import t, { type Test } from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { startGateway } from '../support/gateway.ts';
import { call } from '../support/http.ts';
import { startRecording, valuesOf } from '../support/recording.ts';

/** What an upstream is told of a caller at each of two servers, which are asked about the same tokens, and whose answers are the test's. */
async function start(t: Test) {
  const clock = { now: Date.now() };
  const answers: Record<'main' | 'other', (token: string) => object | null> = {
    main: () => null,
    other: () => null,
  };
  const [main, other] = await Promise.all(
    (['main', 'other'] as const).map((name) =>
      startScriptedServer(t, (token) => {
        const known = answers[name](token);
        const exp = Math.floor(clock.now / 1_000) + 3_600;
        return {
          body: JSON.stringify(known ? { active: true, exp, aud: 'api', ...known } : { active: false }),
        };
      }),
    ),
  );
  const upstream = await startRecording(t);
  const identity = 'identity_headers: { claims: { sub: X-User, role: X-Role }, jwt: false }';
  const { url } = await startGateway(t, {
    issuer: main?.issuer ?? '',
    upstream: upstream.url,
    now: () => clock.now,
    server: `    introspection: { cache: { max_ttl: 30s, inactive_ttl: 5s } }
  other: { issuer: "${other?.issuer}", allow_insecure_requests: true, client_id: portcullis, client_secret: portcullis-secret,
           introspection: { cache: { max_ttl: 30s, inactive_ttl: 5s } } }`,
    routes: `
  - { name: main, match: { path: /main }, service: api, policy: none, authorization_server: main, ${identity} }
  - { name: other, match: { path: /other }, service: api, policy: none, authorization_server: other, ${identity} }`,
  });
  /** The status, or who the upstream was told of. */
  const who = async (path: string, token: string): Promise<number | string> => {
    const { status } = await call(url, { path, token });
    const { requests } = upstream.take();
    const [request] = requests;
    return request ? [...valuesOf(request, 'x-user'), ...valuesOf(request, 'x-role')].join(' ') : status;
  };
  return { answers, clock, who, asked: { main: main?.asked ?? [], other: other?.asked ?? [] } };
}

t.test(
  'Kong oauth2-introspection 3.13.0.9: a revoked token is refused when max_ttl has passed',
  async (t) => {
    const { answers, clock, who } = await start(t);
    answers.main = () => ({ sub: 'alice' });
    t.equal(await who('/main', 'opaque'), 'alice');
    answers.main = () => null;
    for (const passed of [10_000, 19_000]) {
      clock.now += passed;
      t.equal(await who('/main', 'opaque'), 'alice', 'which the documentation says');
    }
    clock.now += 1_001;
    t.equal(await who('/main', 'opaque'), 401, 'using it meanwhile has not prolonged it');
    answers.main = () => ({ sub: 'alice' });
    clock.now += 5_001;
    t.equal(await who('/main', 'opaque'), 'alice', 'and what was inactive is asked about again');
  },
);

t.test(
  'CVE-2021-41230 (Pomerium): a claim that changed is the upstream’s to see when max_ttl has passed',
  async (t) => {
    const { answers, clock, who } = await start(t);
    answers.main = () => ({ sub: 'alice', role: 'admin' });
    t.equal(await who('/main', 'opaque'), 'alice admin');
    answers.main = () => ({ sub: 'alice', role: 'user' });
    clock.now += 30_001;
    t.equal(await who('/main', 'opaque'), 'alice user');
    answers.main = () => ({ sub: 'alice' });
    clock.now += 30_001;
    t.equal(await who('/main', 'opaque'), 'alice', 'a claim that is gone is gone');
  },
);

t.test('GHSA-4mq7-pvjg-xp2r (Oathkeeper): one token at two servers is two answers', async (t) => {
  const { answers, who, asked } = await start(t);
  answers.main = () => ({ sub: 'alice', role: 'admin' });
  answers.other = () => ({ sub: 'bob' });
  for (const time of ['first', 'second']) {
    t.equal(await who('/main', 'opaque'), 'alice admin', time);
    t.equal(await who('/other', 'opaque'), 'bob', time);
  }
  answers.other = () => null;
  t.equal(await who('/main', 'second'), 'alice admin');
  t.equal(await who('/other', 'second'), 401, 'active there, and not here');
  t.strictSame([asked.main.length, asked.other.length], [2, 2], 'all others came from the cache');
});

t.test(
  'CVE-2026-35039 (fast-jwt): tokens that are alike in all but one character are different people',
  async (t) => {
    const { answers, who, asked } = await start(t);
    answers.main = (token) => ({ sub: token });
    const tokens = 'a A aa a. a= a.b a.b. a.b.c a.b.C a-b a_b a+b a/b main 0 00'.split(' ');
    for (const time of ['first', 'second'])
      for (const token of tokens) t.equal(await who('/main', token), token, time);
    t.equal(asked.main.length, tokens.length);
  },
);
