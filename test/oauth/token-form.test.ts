import * as fc from 'fast-check';
import t from 'tap';
import { isJwt, readToken, serverOf } from '../../src/oauth/token-form.ts';

fc.configureGlobal({ seed: 7515 });

const encoded = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const jwtOf = (claims: unknown): string => `${encoded({ alg: 'ES256' })}.${encoded(claims)}.c2ln`;
const server = (name: string, token_prefix: string | null = null) => ({
  name,
  issuers: [`https://${name}.example`, `https://${name}.example/second`],
  token_prefix,
});
const [a, b, c] = [server('a'), server('b', 'b_'), server('c', 'b_c_')];
const chosen = (token: string, ...among: ReturnType<typeof server>[]) => serverOf(token, among)?.name ?? null;

t.test(
  'what Keycloak takes for a JWT is one, or no token: no other spelling of it has a way of its own',
  async (t) => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const jwt = `${part({ alg: 'RS256' })}.${part({ iss: 'x', ok: '\u{3ff}\u{3ff}' })}.c2ln`;
    const jwe = `${part({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a-_b.c.d.e`;
    for (const good of [jwt, jwe, jwe.replace('a-_b', '')]) {
      t.equal(readToken(good, 'none'), good);
      t.ok(isJwt(good));
    }
    t.match(jwt, /[-_]/);
    const plain = jwt.replaceAll('-', '+').replaceAll('_', '/');
    for (const other of [
      `${jwt}.`,
      `${jwt}...`,
      `${jwt}=`,
      `${jwt}.=`,
      plain,
      `${jwe}.`,
      `${jwe}=`,
      jwt.replace('.', '..'),
    ])
      t.strictSame(
        readToken(other, 'none'),
        { malformed: 'it is a JWT, and not as a JWT is written' },
        other,
      );
    for (const opaque of ['ya29.a0.b', 'a.b.c.d', `${part({ a: 1 })}.x`, '.a.b', 'ory_at_x.y', '~.~.~.~'])
      t.equal(readToken(opaque, 'none'), opaque);
  },
);

t.test('a token is read as its place has it, with its scheme, perhaps with it, or bare', async (t) => {
  const malformed = { malformed: 'it has characters that a bearer token cannot have' };
  for (const [written, needed, tolerated, none] of [
    ['Bearer abc-._~+/==', 'abc-._~+/==', 'abc-._~+/==', malformed],
    ['abc', malformed, 'abc', 'abc'],
    ['bearer  abc', 'abc', 'abc', malformed],
    ['Bearer a b', malformed, malformed, malformed],
    ['', malformed, malformed, malformed],
  ] as const) {
    t.strictSame(readToken(written, 'needed'), needed, written);
    t.strictSame(readToken(written, 'tolerated'), tolerated, written);
    t.strictSame(readToken(written, 'none'), none, written);
  }
  for (const [token, fits] of [
    ['a'.repeat(4_096), true],
    ['a'.repeat(4_097), false],
    [`a.b.${'c'.repeat(65_532)}`, true],
    [`a.b.${'c'.repeat(65_533)}`, false],
  ] as const)
    t.strictSame(readToken(token, 'none'), fits ? token : { malformed: 'it is too long' });
});

t.test('a JWT has three parts, whatever is in them', async (t) => {
  for (const token of [jwtOf({}), 'a.b.c', 'a.b.', 'a..c', '.b.c', 'a+/.b.c=', 'a.b.c=='])
    t.ok(isJwt(token), token);
  for (const token of ['', 'a', 'a.b', 'a.b.c.d', 'a.b.c.d.e.f']) t.notOk(isJwt(token), token);
});

t.test('a JWT does not become opaque by what a lenient reader passes over', async (t) => {
  const [header, payload, signature] = jwtOf({ iss: 'https://a.example' }).split('.') as [
    string,
    string,
    string,
  ];
  for (const token of [
    `${header}=.${payload}.${signature}`,
    `${header}.${payload}==.${signature}`,
    `${header}.${payload}.${signature}=`,
    `${header}.${payload}.${signature}~`,
  ])
    t.ok(isJwt(token), token);
});

t.test('the only server has every token', async (t) => {
  for (const token of ['opaque', jwtOf({ iss: 'https://elsewhere.example' }), 'b_1']) {
    t.equal(chosen(token, a), 'a');
    t.equal(chosen(token, c), 'c', 'its prefix is to tell it from others');
  }
  t.equal(serverOf('opaque', []), null);
});

t.test('a JWT goes to the server that its iss names, to the letter, and to no other', async (t) => {
  const among = [a, b, c];
  t.equal(chosen(jwtOf({ iss: 'https://a.example' }), ...among), 'a');
  t.equal(chosen(jwtOf({ iss: 'https://b.example/second' }), ...among), 'b');
  for (const iss of ['https://a.example/', 'https://A.example', 'https://d.example', ''])
    t.equal(chosen(jwtOf({ iss }), ...among), null, iss);
});

t.test('what has no iss goes by its prefix, the longest that fits', async (t) => {
  const among = [a, b, c];
  const cases: [string, string][] = [
    ['opaque', 'a'],
    ['b_1', 'b'],
    ['b_c_1', 'c'],
    ['B_1', 'a'],
    [jwtOf({}), 'a'],
    [jwtOf({ iss: 1 }), 'a'],
    [jwtOf('no JSON'), 'a'],
    [jwtOf('null'), 'a'],
    ['b_.b.c', 'b'],
  ];
  for (const [token, name] of cases)
    for (const order of [among, among.toReversed()]) t.equal(chosen(token, ...order), name, token);
});

t.test('what could be of several servers is of none', async (t) => {
  t.equal(chosen('opaque', a, server('d'), b), null);
  t.equal(chosen('opaque', b, c), null, 'and what has no prefix of theirs');
  t.equal(chosen('b_1', a, server('d'), b), 'b');
});

t.test('whatever a token is, its server is one of the route’s, or none', async (t) => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.jsonValue().map(jwtOf), fc.constant(jwtOf({ iss: 'x' }))),
      (token) => {
        const found = serverOf(token, [a, b, c]);
        return found === null || [a, b, c].some((server) => server === found);
      },
    ),
  );
  t.pass('held for all tokens');
});
