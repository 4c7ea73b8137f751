import { buffer } from 'node:stream/consumers';
import t from 'tap';
import type { CredentialLocation } from '../../src/config/route.ts';
import type { Denial } from '../../src/denial.ts';
import type { Body, Routed } from '../../src/exchange.ts';
import { BodyTooLargeError, held } from '../../src/http/body.ts';
import {
  cacheFields,
  emptied,
  isAuthorization,
  type Taken,
  takeFromForm,
  takeFromHead,
} from '../../src/http/credential-places.ts';
import { fields, route, routed, target } from '../support/exchange.ts';

const AUTHORIZATION: CredentialLocation = { in: 'header', name: 'authorization' };
const HEADER: CredentialLocation = { in: 'header', name: 'x-token' };
const QUERY: CredentialLocation = { in: 'query', name: 'access_token' };
const COOKIE: CredentialLocation = { in: 'cookie', name: 'session' };
const FORM: CredentialLocation = { in: 'body', name: 'access_token' };
const ALL = [AUTHORIZATION, HEADER, QUERY, COOKIE, FORM];

const FULL = fields('Authorization', 'Bearer a', 'X_Token', 'b', 'Cookie', 'x=1; session=c; y=2', 'A', 'b');

/** A request to a route that takes credentials there. */
const sent = (credential: readonly CredentialLocation[], changes: Partial<Routed> = {}): Routed =>
  routed({
    route: route({ credential }),
    fields: FULL,
    target: target('/a?v=1&access_token=d'),
    ...changes,
  });
const text = async (body: Body | null): Promise<string | null> =>
  body && (await buffer(body.stream(1_000))).toString('latin1');

t.test('each place is looked in, and no other', (t) => {
  const exchange = sent([AUTHORIZATION]);
  const { body } = exchange;
  const untouched = { doubt: null, fields: FULL, query: 'v=1&access_token=d', body, whole: body };
  t.strictSame(takeFromHead(exchange), { ...untouched, sent: [{ at: AUTHORIZATION, written: 'Bearer a' }] });
  t.equal(takeFromHead(exchange).fields, FULL, 'nothing is copied');
  t.strictSame(takeFromHead(sent([HEADER])), {
    ...untouched,
    sent: [{ at: HEADER, written: 'b' }],
    fields: fields('Authorization', 'Bearer a', 'Cookie', 'x=1; session=c; y=2', 'A', 'b'),
  });
  t.strictSame(takeFromHead(sent([QUERY])), {
    ...untouched,
    sent: [{ at: QUERY, written: 'd' }],
    query: 'v=1',
  });
  t.strictSame(takeFromHead(sent([COOKIE])), {
    ...untouched,
    sent: [{ at: COOKIE, written: 'c' }],
    fields: fields('Authorization', 'Bearer a', 'X_Token', 'b', 'Cookie', 'x=1; y=2', 'A', 'b'),
  });
  t.strictSame(takeFromHead(sent([FORM])), { ...untouched, sent: [] });
  t.strictSame(
    takeFromHead(sent(ALL)).sent.map(({ at, written }) => [at.in, written]),
    [
      ['header', 'Bearer a'],
      ['header', 'b'],
      ['query', 'd'],
      ['cookie', 'c'],
    ],
  );
  t.end();
});

t.test('two names in one place are two places, though they are alike', (t) => {
  const both: CredentialLocation[] = [QUERY, { in: 'query', name: 'Access_Token' }];
  const taken = takeFromHead(sent(both, { target: target('/a?Access_Token=b&c') }));
  t.match(taken, { doubt: null, query: 'c', sent: [{ at: { name: 'Access_Token' }, written: 'b' }] });
  t.end();
});

t.test('a query that was nothing else is gone, one that was empty stays', (t) => {
  for (const [written, query] of [
    ['/a?access_token=d', null],
    ['/a?', ''],
    ['/a', null],
    ['/a?access_token=d&', null],
  ] as const)
    t.equal(takeFromHead(sent([QUERY], { target: target(written) })).query, query, written);
  t.end();
});

t.test('what is like a credential is doubtful where its route takes one', (t) => {
  const like = sent([QUERY], { target: target('/a?Access_Token=d'), fields: fields('Cookie', 'Session=c') });
  t.equal(takeFromHead(like).doubt, 'something in the query is like access_token');
  const cookie = { ...like, route: route({ credential: [COOKIE] }) };
  t.equal(takeFromHead(cookie).doubt, 'something in the cookie is like session');
  t.equal(takeFromHead({ ...like, route: route({ credential: [AUTHORIZATION, FORM] }) }).doubt, null);
  t.end();
});

const form = (bytes: string): Body => held(Buffer.from(bytes, 'latin1'));

const TYPE = ['Content-Type', 'application/x-www-form-urlencoded'];

/** What is taken from a request with this body, whose type it says, or not. */
async function reading(
  exchange: Routed,
  body: Body,
  kind: 'plain' | 'undeclared' = 'plain',
): Promise<Taken | Denial> {
  const came = {
    ...exchange,
    body,
    fields: kind === 'plain' ? [...exchange.fields, ...TYPE] : exchange.fields,
  };
  const taken = await takeFromForm(came, takeFromHead(came));
  if (taken === null) throw new Error('nothing was looked into');
  return taken;
}

t.test('a form is read, and goes on without the credential', async (t) => {
  const exchange = sent([FORM, { in: 'body', name: 'token' }], {
    method: 'POST',
    fields: fields('Content-Length', '26', 'Content-MD5', 'x'),
  });
  const body = form('a=%zz&access_token=b&\xff\0&token=c');
  const taken = await reading(exchange, body);
  if ('denial' in taken) throw new Error(taken.denial);
  t.strictSame(
    taken.sent.map(({ at, written }) => [at.name, written]),
    [
      ['access_token', 'b'],
      ['token', 'c'],
    ],
  );
  t.strictSame(
    { doubt: taken.doubt, fields: taken.fields },
    {
      doubt: null,
      fields: [...fields('Content-Length', '8'), ...TYPE],
    },
  );
  t.equal(taken.body?.length, 8);
  t.equal(await text(taken.body), 'a=%zz&\xff\0');
  t.equal(await text(taken.whole), 'a=%zz&access_token=b&\xff\0&token=c', 'and as it came');
});

t.test('a form without one goes on as it came', async (t) => {
  const exchange = sent([QUERY, FORM], { method: 'POST', fields: fields('Content-MD5', 'x') });
  const head = takeFromHead(exchange);
  const taken = await reading(exchange, form('a=1'));
  if ('denial' in taken) throw new Error(taken.denial);
  t.equal(taken.body, taken.whole);
  t.strictSame(
    { ...taken, body: null, whole: null },
    { ...head, fields: [...head.fields, ...TYPE], body: null, whole: null },
  );
  t.match(await reading(exchange, form('')), {
    sent: head.sent,
    body: null,
    whole: null,
  });
  t.match(await reading(exchange, form('access_token=b')), {
    sent: [...head.sent, { at: FORM }],
    body: null,
  });
});

t.test('a credential is in no body that is not said to be a form, or has no meaning', async (t) => {
  const of = async (method: string, kind: 'plain' | 'undeclared', bytes: string): Promise<unknown> => {
    const exchange = sent([FORM], { method });
    const taken = await reading(
      kind === 'plain' ? exchange : { ...exchange, fields: fields() },
      form(bytes),
      kind,
    );
    return 'denial' in taken ? taken : taken.doubt;
  };
  const REFUSED = 'there is one in a body that is not said to be a form, or has no meaning';
  for (const method of ['GET', 'HEAD', 'DELETE']) {
    t.equal(await of(method, 'plain', 'access_token=b'), REFUSED, method);
    t.equal(await of(method, 'plain', 'access=b'), null);
  }
  t.equal(await of('POST', 'undeclared', 'access_token=b'), REFUSED);
  t.equal(await of('POST', 'undeclared', 'a=b'), null);
  t.equal(await of('POST', 'plain', 'Access_Token=b'), 'something in the form is like access_token');
  for (const method of ['POST', 'PUT', 'PATCH', 'QUERY'])
    t.equal(await of(method, 'plain', 'access_token=b'), null, method);
});

t.test('nothing is looked into where there is no form, or the route looks for none', async (t) => {
  const post = { method: 'POST', fields: [...fields(), ...TYPE], body: form('access_token=b') };
  const of = (changes: Partial<Routed>, places = [FORM]) => {
    const exchange = sent(places, { ...post, ...changes });
    return takeFromForm(exchange, takeFromHead(exchange));
  };
  t.equal(of({ body: null }), null);
  t.equal(of({ fields: fields('Content-Type', 'application/json') }), null);
  t.equal(of({}, [AUTHORIZATION, QUERY]), null);
  const open = route({ credential: [FORM], token: 'none', forward_unverified_authorization: true });
  t.equal(of({ route: open }), null);
  t.strictSame(of({ fields: [...post.fields, 'Content-Encoding', 'gzip'] }), {
    denial: 'credential_ambiguous',
    detail: 'the form is compressed, or in a charset unlike ASCII',
  });
  t.ok(of({}) instanceof Promise);
});

t.test('a form has a size of its own, and may fail', async (t) => {
  const sizes: number[] = [];
  const failing = (error: Error): Body => ({
    ...form(''),
    async buffer(most) {
      sizes.push(most);
      throw error;
    },
  });
  const of = (error: Error, body: { max_size: number; credential_max_size: number }): Promise<unknown> => {
    const exchange = sent([FORM], { route: route({ credential: [FORM], body }) });
    return reading(exchange, failing(error));
  };
  t.strictSame(await of(new BodyTooLargeError(), { max_size: 9, credential_max_size: 5 }), {
    denial: 'content_too_large',
  });
  t.strictSame(await of(new Error('reset'), { max_size: 4, credential_max_size: 5 }), {
    denial: 'client_gone',
  });
  t.strictSame(sizes, [5, 4], 'the smaller of the two');
});

t.test('more fields than are looked at are refused, and cost nothing', async (t) => {
  const most = '&'.repeat(999);
  const query = (text: string) => takeFromHead(sent([QUERY], { target: target(`/a?${text}`) })).doubt;
  t.equal(query(most), null);
  t.equal(query(`${most}&`), 'the query has more parameters than are looked at');
  t.equal(query(`${most};`), 'the query has more parameters than are looked at');
  t.equal(takeFromHead(sent([COOKIE], { target: target(`/a?${most}&`) })).doubt, null, 'nobody looks there');
  t.match(
    takeFromHead(sent([QUERY], { target: target(`/a?access_token=a&${most}`) })),
    { doubt: 'the query has more parameters than are looked at', query: most },
    'and yet it is taken',
  );
  t.match(await reading(sent([FORM]), form(most)), { doubt: null });
  t.strictSame(await reading(sent([FORM]), form(`${most}&`)), { denial: 'content_too_large' });
});

t.test('what goes upstream as it came is what the route shows', (t) => {
  const [came, target_] = [FULL, target('/a?v=1&access_token=d')];
  const whole = { fields: came, query: target_.query, body: null };
  const shown = (
    credential: readonly CredentialLocation[],
    token: string | null,
    settings: object,
  ): unknown => {
    const exchange = sent(credential, { route: route({ credential, ...settings }) });
    return emptied(exchange, { ...takeFromHead(exchange), token }).unhidden;
  };
  const [hide, pass] = [{ hide_credentials: false }, { forward_unverified_authorization: true }];
  t.equal(shown(ALL, 'a', {}), null);
  t.equal(shown(ALL, null, {}), null);
  t.equal(shown(ALL, null, hide), null, 'what was not verified is hidden all the same');
  t.strictSame(shown(ALL, null, pass), whole);
  t.equal(shown(ALL, 'a', pass), null, 'what was verified is hidden all the same');
  t.strictSame(shown(ALL, 'a', hide), whole);
  t.equal(shown([AUTHORIZATION], 'a', hide), null, 'the fields hold it yet');
  t.strictSame(shown([QUERY], 'a', { ...hide, ...pass }), whole);
  t.end();
});

t.test('the parts of an exchange are without what was taken', (t) => {
  const exchange = sent([QUERY, COOKIE]);
  const {
    fields: left,
    target: at,
    body,
    token,
  } = emptied(exchange, {
    ...takeFromHead(exchange),
    token: 'd',
  });
  t.strictSame(
    { left, at, body, token },
    {
      left: fields('Authorization', 'Bearer a', 'X_Token', 'b', 'Cookie', 'x=1; y=2', 'A', 'b'),
      at: { ...exchange.target, query: 'v=1' },
      body: null,
      token: 'd',
    },
  );
  const plain = sent([AUTHORIZATION]);
  t.equal(emptied(plain, { ...takeFromHead(plain), token: 'a' }).target, plain.target, 'nothing is copied');
  t.end();
});

t.test('an answer is private, where caches could not know that it is one to a token', (t) => {
  const said = (credential: readonly CredentialLocation[], changes: Partial<Routed> = {}): unknown =>
    cacheFields({
      ...sent(credential, changes),
      ...emptied(sent(credential, changes), {
        ...takeFromHead(sent(credential, changes)),
        token: changes.route?.token === 'none' ? null : 'a',
      }),
    });
  const PRIVATE = ['Cache-Control', 'private'];
  t.strictSame(said([AUTHORIZATION, QUERY]), [], 'it was in Authorization');
  t.strictSame(said([AUTHORIZATION, QUERY], { fields: fields() }), PRIVATE);
  for (const place of [HEADER, QUERY, COOKIE, FORM])
    t.strictSame(said([place]), PRIVATE, 'an Authorization that nobody looked at');
  t.strictSame(said([QUERY], { route: route({ token: 'none' }) }), [], 'there is no token');
  t.end();
});

t.test('places are told apart', (t) => {
  t.strictSame(ALL.map(isAuthorization), [true, false, false, false, false]);
  t.equal(isAuthorization({ in: 'cookie', name: 'authorization' }), false);
  t.end();
});
