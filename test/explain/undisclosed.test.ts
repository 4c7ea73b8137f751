import * as fc from 'fast-check';
import t from 'tap';
import { credentialsIn, described, undisclosed, unverified } from '../../src/explain/undisclosed.ts';
import { route, routed, target } from '../support/exchange.ts';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = { alg: 'ES256', kid: 'a' };
const JWT = `${part(HEADER)}.${part({ sub: 'alice' })}.c2lnbmF0dXJl`;
const ENCRYPTED = `${part({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })}.a.b.c.d`;
const TOKEN = 'Opaque-token~1/2+3==';
const FORM = new URLSearchParams({ t: TOKEN }).toString();

t.test('a JWT is read without being verified, anything else is not', async (t) => {
  t.strictSame(unverified(JWT), { header: HEADER, claims: { sub: 'alice' } });
  for (const other of [
    TOKEN,
    'a.b.c',
    `${JWT}.x`,
    ENCRYPTED,
    '',
    `${part(1)}.${part(2)}.c`,
    `${part({})}.${part({})}`,
  ])
    t.equal(unverified(other), null, other);
});

t.test('a token is described by kind and size', async (t) => {
  t.equal(described(TOKEN), 'opaque, 20 characters');
  t.equal(described(JWT), `a JWT of ${JWT.length} characters, {"alg":"ES256","kid":"a"}`);
  t.equal(described(ENCRYPTED), `an encrypted JWT of ${ENCRYPTED.length} characters`);
});

t.test('a token is taken out wherever it stands, however a query writes it', async (t) => {
  const value = {
    [TOKEN]: [`Bearer ${TOKEN}`, { deep: `/a?x=1&access_token=${encodeURIComponent(TOKEN)}&y` }, FORM],
    cookie: `a=b; session=${TOKEN}; c=d`,
    number: 1,
    nothing: null,
  };
  t.strictSame(undisclosed(value, [TOKEN]), {
    '(the token)': ['Bearer (the token)', { deep: '/a?x=1&access_token=(the token)&y' }, 't=(the token)'],
    cookie: 'a=b; session=(the token); c=d',
    number: 1,
    nothing: null,
  });
  t.equal(undisclosed('a.one b', ['one', 'other', 'b', '']), 'a.one (the token)', 'any of several');
});

t.test('a short token is one as a whole, a long one anywhere', async (t) => {
  t.equal(undisclosed('he is in the him, he/she', ['he']), '(the token) is in the him, he/she');
  t.equal(undisclosed('/a%20he%20b?%68e', ['he']), '/a%20(the token)%20b?(the token)');
  const short = 'fifteen-letters';
  const long = `${short}!`;
  for (const [before, after] of [
    ['/', '/x'],
    ['at.', '.1'],
    ['_', ''],
    ['-', '-'],
    ['urn:', ':x'],
    ['a', 'b'],
    ['', '='],
  ] as const) {
    t.equal(undisclosed(before + long + after, [long]), `${before}(the token)${after}`);
    t.equal(undisclosed(before + short + after, [short]) === before + short + after, before !== 'urn:');
  }
  t.equal(undisclosed(long + long, [long]), '(the token)(the token)');
  const [one, other] = ['AAAAAAAAAAAAAAAABBBB', 'BBBBCCCCCCCCCCCCCCCC'];
  t.equal(undisclosed('AAAAAAAAAAAAAAAABBBBCCCCCCCCCCCCCCCC', [one, other]), '(the token)', 'both at once');
  t.equal(undisclosed(`${long.slice(0, 3)}${long}`, [long]), 'fif(the token)');
});

t.test('a token is known in any encoding', async (t) => {
  const [first = '', rest] = [TOKEN[0], TOKEN.slice(1)];
  for (const written of [
    TOKEN.toLowerCase(),
    `%${first.charCodeAt(0).toString(16)}${rest}`,
    `%25${first.charCodeAt(0).toString(16)}${rest}`,
    TOKEN.replace('~', '%7e').replace('+', '%2B'),
    `\\u00${first.charCodeAt(0).toString(16)}${rest}`,
    TOKEN.replace('/', '\\/'),
    Buffer.from(TOKEN).toString('base64'),
    Buffer.from(TOKEN).toString('base64').replace(/=+$/, ''),
    Buffer.from(TOKEN).toString('base64').replaceAll('=', '%3D'),
    Buffer.from(TOKEN).toString('base64url'),
    Buffer.from(TOKEN).toString('hex'),
    Buffer.from(TOKEN).toString('hex').toUpperCase(),
  ])
    for (const around of ['', '_', '/', ' '])
      t.equal(undisclosed(around + written + around, [TOKEN]), `${around}(the token)${around}`, written);
  t.equal(undisclosed(1234567890123456, ['1234567890123456']), '(the token)', 'a number');
  t.equal(undisclosed('100% of %zz, \\u12 and 50%', [TOKEN]), '100% of %zz, \\u12 and 50%', 'none is there');
  t.equal(undisclosed('in 61 s', ['a']), 'in 61 s', 'a letter has no encoding worth hiding');
});

t.test('the signature of a JWT is hidden like all of it: who has the claims needs no more', async (t) => {
  const signature = 'dGhlLXNpZ25hdHVyZS1vZi1hLXRva2Vu';
  const jwt = `${part(HEADER)}.${part({ sub: 'alice' })}.${signature}`;
  t.equal(undisclosed(`at_${signature}`, [jwt]), 'at_(the token)');
});

t.test('of a JWT its claims are left, and of those within them', async (t) => {
  const shown = '(a JWT: {"header":{"alg":"ES256","kid":"a"},"claims":{"sub":"alice"}})';
  t.equal(undisclosed(`Bearer ${JWT}`, []), `Bearer ${shown}`);
  for (const [before, after] of [
    ['at.', '.1'],
    ['id_', ''],
    ['e1.', ''],
    ['keys.example.com/', '/x'],
    ['%2F', '%2F'],
  ] as const)
    t.equal(undisclosed(before + JWT + after, []), before + shown + after);
  t.equal(undisclosed(`${JWT}.${JWT}`, []), `${shown}.${shown}`);
  t.equal(undisclosed(JWT.replaceAll('.', '%2E'), []), shown);
  const around = `${part(HEADER)}.${part({ inside: JWT, own: TOKEN })}.c`;
  t.match(undisclosed(around, [TOKEN]), /"inside":"\(a JWT: .*alice.*"own":"\(the token\)"/);
  t.equal(undisclosed(ENCRYPTED, []), '(an encrypted JWT)');
  t.equal(undisclosed(`${part(HEADER)}.bm8ganNvbg.c`, []), '(an encrypted JWT)');
  for (const text of ['keys.example.com', 'eyes.example.co.uk', 'e.v.e', 'https://e1.example.com/a.b.c'])
    t.equal(undisclosed(text, []), text, 'a host is no JWT');
});

t.test(
  'values of parameters that are called like credentials are not shown, whatever they are',
  async (t) => {
    for (const [text, shown] of [
      ['/nowhere?access_token=abc&x=1', '/nowhere?access_token=(3 characters)&x=1'],
      [
        '/a?x=1&Access%5FToken=abc#id_token=abcd',
        '/a?x=1&Access%5FToken=(3 characters)#id_token=(4 characters)',
      ],
      ['?to=%2Fx%3Ftoken%3Dabc%26a', '?to=%2Fx%3Ftoken%3D(3 characters)%26a'],
      ['?access_token=&sort_key=name&broken=1', '?access_token=&sort_key=name&broken=1'],
      [`?token=${TOKEN}abc`, '?token=(23 characters)'],
    ] as const)
      t.equal(undisclosed(text, [TOKEN]), shown);
  },
);

t.test('a long token is hidden, and not shown by an error', async (t) => {
  for (const letters of ['QUFB', '-~', '\u00e9'])
    for (const length of [4_096, 36_037, 65_536]) {
      const token = letters.repeat(length).slice(0, length);
      t.equal(undisclosed(`a ${token} b`, [token]), 'a (the token) b');
    }
});

t.test('what is nested deep is cut, wherever it is', async (t) => {
  for (const levels of [65, 3_000, 20_000]) {
    const json = '['.repeat(levels) + ']'.repeat(levels);
    const nested = `${part(HEADER)}.${Buffer.from(`{"a":${json}}`).toString('base64url')}.c2ln`;
    const odd = `${Buffer.from(`{"a":${json}}`).toString('base64url')}.${part({})}.c2ln`;
    t.match(undisclosed(JSON.parse(json), []), [[[[]]]]);
    for (const token of [nested, odd]) {
      const shown = [
        undisclosed(token, []),
        JSON.stringify(unverified(token)),
        described(odd),
        JSON.stringify(undisclosed(unverified(token), [])),
        JSON.stringify(undisclosed(JSON.parse(json), [])),
      ];
      for (const one of shown) t.match(one, '(too deep to show)');
      for (const one of shown) t.ok(one.length < 1_000);
    }
  }
  let doll = JWT;
  for (let i = 0; i < 12; i++) doll = `${part(HEADER)}.${part({ doll })}.c2ln`;
  const shown = undisclosed(doll, []);
  t.match(shown, /\(a JWT, too deep to show\)/);
  t.ok(shown.length < 5_000, 'each level doubles the quotes of those within');
});

t.test('what only looks like JWTs takes no time that grows with its square', async (t) => {
  for (const text of [
    'eyJ'.repeat(100_000),
    `${'eyJ'.repeat(50_000)}.a.b`,
    'eyJ.'.repeat(50_000),
    '%25'.repeat(50_000),
  ])
    t.type(undisclosed(text, [TOKEN]), 'string');
  t.match(undisclosed(`${'eyJ'.repeat(50_000)}.a.b`, []), /^(?:eyJ)*\(perhaps JWTs\)$/);
});

t.test('what stage 2 takes is known from the request, and what it took from the exchange', async (t) => {
  const places = [
    { in: 'header', name: 'authorization' },
    { in: 'header', name: 'x-auth' },
    { in: 'query', name: 'access_token' },
    { in: 'cookie', name: 'session' },
  ] as const;
  const exchange = routed({
    route: route({ credential: places }),
    target: target('/a?access_token=in%2Dquery&access_token='),
    fields: [
      'Authorization',
      'Bearer  in-auth',
      'X-Auth',
      'Basic in-header, also',
      'Cookie',
      'session="in-cookie"; a=b',
    ],
  });
  t.strictSame(credentialsIn(exchange), ['in-auth', 'in-header', 'also', 'in-query', 'in-cookie']);
  t.strictSame(credentialsIn({ ...routed({ fields: [] }), token: 'in-form' }), ['in-form']);
  t.strictSame(credentialsIn({}), [], 'no stage has run');
});

const hex = (text: string): string => Buffer.from(text).toString('hex');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const base64url = (text: string): string => Buffer.from(text).toString('base64url');
/** Each character escaped or not, in capitals or not, as the bits say. */
const percent = (text: string, bits: readonly number[]): string =>
  Array.from(text)
    .map((char, i) => {
      const bit = (bits[i % bits.length] ?? 0) % 4;
      const escape = `%${hex(char)}`;
      return bit < 2 ? char : bit === 2 ? escape : escape.toUpperCase();
    })
    .join('');

/** Everything that somebody could make of a text without knowing what to look for. */
function decodings(text: string): string[] {
  const all = [text];
  for (let i = 0; i < 3; i++)
    all.push(
      (all.at(-1) ?? '').replace(/%([0-9a-f]{2})/gi, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      ),
    );
  return all;
}

t.test('no token is left in any text around it, in any form', async () => {
  const token = fc.stringMatching(/^[A-Za-z0-9\-._~+/]{16,60}={0,2}$/);
  const around = fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.stringMatching(/^[A-Za-z0-9\-._~+/=%:;,&?"\\]{0,6}$/),
    fc.constantFrom('Bearer ', '?access_token=', 'eyJ', '%', '%2', '\\', 'https://as/tokens/', '\n'),
  );
  fc.assert(
    fc.property(
      token,
      around,
      around,
      fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }),
      fc.nat(9),
      (secret, before, after, bits, form) => {
        const written = [
          secret,
          percent(secret, bits),
          percent(percent(secret, bits), bits.toReversed()),
          base64(secret),
          base64(secret).replace(/=+$/, ''),
          base64url(secret),
          percent(base64(secret), bits),
          hex(secret),
          hex(secret).toUpperCase(),
          encodeURIComponent(secret),
        ][form];
        const text = `${before}${written}${after}`;
        const value = { [text]: [text, { text }], jwt: `${part(HEADER)}.${part({ text })}.c2ln` };
        const shown = undisclosed(value, ['another-token-of-no-use', secret]);
        for (const one of [
          JSON.stringify(shown),
          ...Object.keys(shown),
          JSON.stringify(shown[text] ?? ''),
        ].flatMap(decodings))
          for (const kept of [secret, hex(secret), base64(secret).replace(/=+$/, ''), base64url(secret)])
            if (one.toLowerCase().includes(kept.toLowerCase())) throw new Error(`left: ${one}`);
      },
    ),
    { numRuns: 2_000 },
  );
});

t.test('a text without credentials is left as it is', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      fc.pre(!/ey|[?&#;]/.test(text));
      return undisclosed(text, [TOKEN, 'short-token']) === text;
    }),
  );
});
