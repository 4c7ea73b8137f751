import * as fc from 'fast-check';
import t from 'tap';
import { credential } from '../../src/chain/2-credential.ts';
import type { Denial } from '../../src/denial.ts';
import { fields, route, routed } from '../support/exchange.ts';

const challenge = { scopes: ['accounts:read', 'b', 'c'], resource_metadata: null };
const { run } = credential();

/** The token that is taken of an Authorization header (null for none) on a route with this `token` setting, or the denial. */
async function given(
  authorization: string | null,
  setting: 'required' | 'optional' | 'none' = 'required',
): Promise<string | null | Denial> {
  const sent = authorization === null ? fields() : fields('authorization', authorization);
  const result = await run(routed({ fields: sent, route: route({ token: setting, challenge }) }));
  return 'denial' in result ? result : result.token;
}
const malformed = (detail: string) => ({
  denial: 'invalid_token',
  fault: 'malformed',
  detail,
  challenge,
});
const BAD_CHARACTERS = malformed('it has characters that a bearer token cannot have');
const TOO_LONG = malformed('it is too long');

t.test('a bearer token is taken, and the rest of the exchange stays as it was', async (t) => {
  const exchange = routed();
  t.strictSame(await run(exchange), { ...exchange, token: 'opaque', unhidden: null });
});

t.test('the scheme has any case, and any number of spaces after it (RFC 6750 section 2.1)', async (t) => {
  for (const written of ['Bearer abc', 'bearer abc', 'BEARER abc', 'bEaReR    abc'])
    t.equal(await given(written), 'abc', written);
});

t.test('a token has every character of b64token', async (t) => {
  const token = 'AZaz09-._~+/==';
  t.equal(await given(`Bearer ${token}`), token);
});

t.test('a token with other characters, or two of them, is refused without asking', async (t) => {
  for (const written of [
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer a, Bearer b',
    'Bearer a=b',
    'Bearer =',
    'Bearer "a"',
    'Bearer a%20b',
    'Bearer a&token_type_hint=x',
    'Bearer \u00e9',
    'Bearer\tabc',
    'Bearer, abc',
    'bearer=abc',
  ])
    for (const setting of ['required', 'optional'] as const)
      t.strictSame(await given(written, setting), BAD_CHARACTERS, `${JSON.stringify(written)}, ${setting}`);
});

t.test('an opaque token of 4 KiB and a JWT of 64 KiB are taken, longer ones refused', async (t) => {
  const opaque = 'x'.repeat(4_096);
  const jwt = `${'x'.repeat(65_532)}.y.z`;
  t.equal(await given(`Bearer ${opaque}`), opaque);
  t.equal(await given(`Bearer ${jwt}`), jwt);
  t.strictSame(await given(`Bearer ${opaque}x`), TOO_LONG);
  t.strictSame(await given(`Bearer x${jwt}`), TOO_LONG);
  t.strictSame(await given(`Bearer ${'x'.repeat(4_096)}.y`), TOO_LONG, 'two parts are no JWT');
});

t.test('without a token it depends on the route', async (t) => {
  t.strictSame(await given(null, 'required'), { denial: 'credential_missing', challenge });
  t.equal(await given(null, 'optional'), null);
  t.equal(await given(null, 'none'), null);
});

t.test('`required` stands even where nothing else is asked: no scopes and `policy: none`', async (t) => {
  const none = { scopes: [], resource_metadata: null };
  const bare = route({ scopes: [], audience: [], policy: null, challenge: none });
  t.strictSame(await run(routed({ fields: fields(), route: bare })), {
    denial: 'credential_missing',
    challenge: none,
  });
});

t.test('another scheme is refused where tokens are read, and never taken for nobody', async (t) => {
  for (const written of ['Basic YTpi', 'Bearers abc', 'DPoP abc', 'abc', ''])
    for (const setting of ['required', 'optional'] as const)
      t.strictSame(
        await given(written, setting),
        { denial: 'credential_not_bearer', challenge },
        `${written}, ${setting}`,
      );
});

t.test('`none` reads no credential at all, not even a broken one', async (t) => {
  for (const written of ['Bearer abc', 'Bearer a b', 'Basic YTpi'])
    t.equal(await given(written, 'none'), null, written);
});

t.test('any b64token is taken as it is, and whatever else is taken is one', async () => {
  const b64token = fc.stringMatching(/^[A-Za-z0-9\-._~+/]{1,40}={0,3}$/);
  await fc.assert(fc.asyncProperty(b64token, async (token) => (await given(`Bearer ${token}`)) === token));
  const anything = fc.oneof(fc.string(), fc.stringMatching(/^[bB]earer[ \t]{0,3}[a-z.,=/ ]{0,9}$/));
  await fc.assert(
    fc.asyncProperty(anything, async (written) => {
      const taken = await given(written);
      return typeof taken !== 'string' || /^bearer +([\w\-.~+/]+=*)$/i.exec(written)?.[1] === taken;
    }),
  );
});
