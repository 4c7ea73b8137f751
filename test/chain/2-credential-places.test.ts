/** Tokens elsewhere than in Authorization: in other headers, queries, cookies and forms. */
import * as fc from 'fast-check';
import t from 'tap';
import { credential } from '../../src/chain/2-credential.ts';
import type { CredentialLocation, Route } from '../../src/config/route.ts';
import type { Denial } from '../../src/denial.ts';
import type { Bearing, Body } from '../../src/exchange.ts';
import { BodyTooLargeError, held } from '../../src/http/body.ts';
import { CHALLENGE, fields, route, routed, target } from '../support/exchange.ts';

const { run } = credential();
const MALFORMED = { denial: 'invalid_token', fault: 'malformed', challenge: CHALLENGE };
const BAD_CHARACTERS = { ...MALFORMED, detail: 'it has characters that a bearer token cannot have' };
const TOO_LONG = { ...MALFORMED, detail: 'it is too long' };

const PLACES: CredentialLocation[] = [
  { in: 'header', name: 'authorization' },
  { in: 'header', name: 'x-token' },
  { in: 'query', name: 'access_token' },
  { in: 'cookie', name: 'session' },
  { in: 'body', name: 'access_token' },
];
const [AUTHORIZATION, , QUERY] = PLACES as [CredentialLocation, unknown, CredentialLocation];
const IS_FORM = ['Content-Type', 'application/x-www-form-urlencoded'];

type Request = {
  readonly header?: readonly string[];
  readonly path?: string;
  readonly form?: string;
  readonly body?: Body;
};

/** A POST with these parts, to a route that takes a token anywhere, or in these places. */
async function post(
  { header = [], path = '/a', form, body }: Request,
  settings: Partial<Route> = {},
): Promise<Bearing | Denial> {
  return run(
    routed({
      method: 'POST',
      caller: { ...routed().caller, trusted: true, host: 'www.example.com' },
      fields: fields(...header, ...(form === undefined ? [] : IS_FORM)),
      target: target(path),
      body: body ?? (form === undefined ? null : held(Buffer.from(form))),
      route: route({ credential: PLACES, ...settings }),
    }),
  );
}
const token = async (request: Request, settings?: Partial<Route>): Promise<string | null | Denial> => {
  const result = await post(request, settings);
  return 'denial' in result ? result : result.token;
};
/** One in each place. */
const EACH: Request[] = [
  { header: ['Authorization', 'Bearer abc'] },
  { header: ['X-Token', 'abc'] },
  { path: '/a?access_token=abc' },
  { header: ['Cookie', 'session=abc'] },
  { form: 'access_token=abc' },
];
const both = (a: Request, b: Request): Request => ({
  ...a,
  ...b,
  header: [...(a.header ?? []), ...(b.header ?? [])],
});

t.test('a token is taken wherever the route says that it may be', async (t) => {
  for (const [index, request] of EACH.entries()) {
    t.equal(await token(request), 'abc');
    const [place, others] = [PLACES[index] as CredentialLocation, PLACES.toSpliced(index, 1)];
    t.equal(await token(request, { credential: [place] }), 'abc', `${place.in} alone`);
    t.match(await token(request, { credential: others }), { denial: 'credential_missing' }, 'not elsewhere');
  }
});

t.test('two credentials are refused, wherever they are, the same one twice too', async (t) => {
  const names = ['header authorization', 'header x-token', 'query access_token', 'cookie session'];
  for (const [index, first] of EACH.entries())
    for (const second of EACH.slice(index + 1))
      t.match(await post(both(first, second)), { denial: 'credential_ambiguous' });
  t.strictSame(await post(EACH.slice(0, 4).reduce(both, {})), {
    denial: 'credential_ambiguous',
    detail: `there are several: ${names.join(', ')}`,
  });
  for (const twice of [
    { header: ['X-Token', 'abc', 'X-Token', 'abc'] },
    { path: '/a?access_token=abc&access_token=abc' },
    { path: '/a?access_token=abc&acc%65ss_token=' },
    { header: ['Cookie', 'session=abc; session=abc'] },
    { header: ['Cookie', 'session=abc', 'Cookie', 'session=abc'] },
    { form: 'access_token=abc&access_token=abc' },
    both({ header: ['Authorization', 'Basic YTpi'] }, { path: '/a?access_token=abc' }),
  ])
    for (const setting of ['required', 'optional'] as const)
      t.match(await post(twice, { token: setting }), { denial: 'credential_ambiguous' });
});

t.test('so is what another reader may take for a second one', async (t) => {
  for (const like of [
    { path: '/a?access_token=abc&Access_Token=abc' },
    { path: '/a?b;access_token=abc' },
    { header: ['Cookie', 'session=abc; Session=abc'] },
    { form: 'access_token=abc&access_token[]=abc' },
  ])
    for (const setting of ['required', 'optional', 'none'] as const)
      t.match(await post(like, { token: setting }), { denial: 'credential_ambiguous', detail: /is like/ });
  const passed: Partial<Route> = { token: 'none', forward_unverified_authorization: true };
  t.equal(await token({ path: '/a?b;access_token=abc' }, passed), null, 'unless all goes on');
});

t.test('an Authorization that the route does not name is no second one, and hides none', async (t) => {
  const sent = { header: ['Authorization', 'Basic YTpi'], path: '/a?access_token=abc' };
  t.equal(await token(sent, { credential: [QUERY] }), 'abc');
});

t.test('the syntax of tokens is the same everywhere, and `Bearer` stands in headers only', async (t) => {
  for (const bad of ['a b', 'a,b', 'a"b', 'é', '=', '', 'a%b']) {
    const encoded = encodeURIComponent(bad);
    for (const request of [
      { header: ['X-Token', bad] },
      { path: `/a?access_token=${encoded}` },
      { header: ['Cookie', `session=${bad}`] },
      { form: `access_token=${encoded}` },
    ])
      for (const setting of ['required', 'optional'] as const)
        t.strictSame(await token(request, { token: setting }), BAD_CHARACTERS, JSON.stringify(request));
  }
  t.equal(await token({ header: ['X-Token', 'bearer  a.b-c_~+/=='] }), 'a.b-c_~+/==');
  for (const request of [{ header: ['Cookie', 'session=Bearer a'] }, { path: '/a?access_token=Bearer+a' }])
    t.strictSame(await token(request), BAD_CHARACTERS);
  t.strictSame(await token({ header: ['X-Token', 'Basic YTpi'] }), BAD_CHARACTERS);
  t.strictSame(await token({ header: ['X-Token', 'Bearer\ta'] }), BAD_CHARACTERS);
  t.strictSame(await token({ form: `access_token=${'x'.repeat(4_097)}` }), TOO_LONG);
  t.equal(await token({ path: '/a?access_token=%61%2B' }), 'a+', 'decoded as parameters are');
  t.equal(await token({ header: ['Cookie', 'session="abc"'] }), 'abc');
});

t.test('a form is read only where a token may be in it, and the head leaves that open', async (t) => {
  const untouched: Body = {
    length: 9,
    stream: () => t.fail('it was read') as never,
    buffer: () => t.fail('it was read') as never,
  };
  const form = { header: IS_FORM, body: untouched };
  t.match(await post(form, { credential: [AUTHORIZATION] }), { denial: 'credential_missing' });
  t.match(await post(form, { credential: [QUERY], token: 'optional' }), { token: null, body: untouched });
  t.match(await post({ ...form, header: ['Content-Type', 'application/json'] }, { token: 'optional' }), {
    body: untouched,
  });
  for (const refused of [
    { header: ['Authorization', 'Basic YTpi'] },
    { header: ['X-Token', 'a b'] },
    { path: '/a?access_token=a&access_token=b' },
  ])
    t.match(await post(both(form, refused)), { denial: /^(?:credential_(?:not_|amb)|invalid)/ });
  t.match(await post({ ...form, header: [...IS_FORM, 'Content-Encoding', 'gzip'] }), {
    denial: 'credential_ambiguous',
    detail: /compressed/,
  });
  t.match(
    await post(form, { token: 'none', forward_unverified_authorization: true }),
    { body: untouched, token: null },
    'nor where all goes on as it came',
  );
});

t.test('a form that is too large, or of a client who left, is refused as such', async (t) => {
  for (const [error, denial] of [
    [new BodyTooLargeError(), 'content_too_large'],
    [new Error('reset'), 'client_gone'],
  ] as const)
    for (const setting of ['required', 'none'] as const) {
      const body: Body = { ...held(Buffer.alloc(0)), buffer: () => Promise.reject(error) };
      t.strictSame(await post({ header: IS_FORM, body }, { token: setting }), { denial });
    }
});

t.test('a token that is taken is hidden, from the policy and upstream', async (t) => {
  const query = await post({ path: '/a?b=1&access_token=abc' });
  t.match(query, { target: { query: 'b=1' }, unhidden: null });
  const cookie = await post({ header: ['Cookie', 'session=abc; b=1'] });
  t.match(cookie, { fields: fields('Cookie', 'b=1'), unhidden: null });
  const form = await post({ form: 'b=1&access_token=abc' });
  if ('denial' in form) throw new Error(form.denial);
  t.equal(String(await form.body?.buffer(9)), 'b=1');
  const shown = await post({ path: '/a?b=1&access_token=abc' }, { hide_credentials: false });
  t.match(shown, { target: { query: 'b=1' }, unhidden: { query: 'b=1&access_token=abc' } });
});

t.test('a cookie is not taken of a page of another site that would change something by it', async (t) => {
  const cookie = { header: ['Cookie', 'session=abc', 'Sec-Fetch-Site', 'cross-site'] };
  t.match(await post(cookie), { denial: 'cross_origin_refused' });
  t.equal(await token(cookie, { token: 'none' }), null);
  t.equal(await token({ header: ['X-Token', 'abc', 'Sec-Fetch-Site', 'cross-site'] }), 'abc');
  for (const host of ['api.example.com', 'www.example.com'])
    t.equal(await token({ header: ['Cookie', 'session=abc', 'Origin', `http://${host}`] }), 'abc', host);
});

t.test('where no token is needed, several are no fault, and none goes on', async (t) => {
  const several = both(EACH.slice(0, 4).reduce(both, {}), { form: 'a&access_token=abc&access_token=b c' });
  const result = await post(several, { token: 'none' });
  if ('denial' in result) throw new Error(result.denial);
  t.match(result, { token: null, target: { query: null }, unhidden: null });
  t.strictSame(result.fields, fields('Authorization', 'Bearer abc', ...IS_FORM), 'stage 6 removes that one');
  t.equal(String(await result.body?.buffer(9)), 'a');
  const passed = await post(several, { token: 'none', forward_unverified_authorization: true });
  t.match(passed, { target: { query: null }, unhidden: { query: 'access_token=abc' } });
});

t.test('whatever is in which places: at most one token comes of it, and it is gone from all', async () => {
  const value = fc.constantFrom('abc', 'b c', '');
  const name = fc.constantFrom('access_token', 'acc%65ss_token', 'ACCESS_TOKEN', 'b', 'access_token[]');
  const parameters = fc
    .array(fc.tuple(name, value), { maxLength: 3 })
    .map((all) => all.map(([key, one]) => `${key}=${one.replace(' ', '+')}`).join('&'));
  const request = fc.record({
    header: fc.subarray(['Bearer abc', 'Basic YTpi']).map((all) => all.flatMap((one) => ['X-Token', one])),
    cookie: fc.array(fc.tuple(fc.constantFrom('session', 'Session', 'b'), value), { maxLength: 2 }),
    authorization: fc.option(fc.constantFrom('Bearer abc', 'Basic YTpi'), { nil: undefined }),
    query: parameters,
    form: fc.option(parameters, { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ header, cookie, authorization, query, form }) => {
      const cookies = cookie.map(([key, one]) => `${key}=${one}`).join('; ');
      const result = await post({
        header: [
          ...header,
          ...(authorization === undefined ? [] : ['Authorization', authorization]),
          'Cookie',
          cookies,
        ],
        path: `/a?${query}`,
        ...(form === undefined ? {} : { form }),
      });
      if ('denial' in result) return true;
      const upstream = `${result.fields.filter((one) => one !== authorization).join('\n')}\n${
        result.target.query
      }\n${String((await result.body?.buffer(1_000)) ?? '')}`;
      const sent = [header.length / 2, authorization === undefined ? 0 : 1]
        .concat(cookies.match(/session/gi)?.length ?? 0)
        .concat(`${query}&${form}`.match(/acc(?:e|%65)ss_token/gi)?.length ?? 0)
        .reduce((sum, one) => sum + one, 0);
      return result.token === 'abc' && sent === 1 && !/x-token|session|ss_token/i.test(upstream);
    }),
    { numRuns: 500 },
  );
});
