import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { claimFields as fieldsOf, fieldsFor, fieldValue } from '../../src/http/claim-fields.ts';
import { isFieldValue } from '../../src/http/headers.ts';
import { claimPath } from '../../src/oauth/claim.ts';

fc.configureGlobal({ seed: 7519, numRuns: 1_000 });

/** Claims as fields; `names` as the configuration writes them. */
const claimFields = (claims: Record<string, unknown>, names: Record<string, string>) =>
  fieldsOf(
    claims,
    Object.entries(names).map(([claim, name]) => ({ claim, path: claimPath(claim), name })),
  );

/** How a claim is sent, or why it cannot be. */
function sent(value: unknown): string | undefined {
  const fields = claimFields({ claim: value }, { claim: 'X-Claim' });
  return 'unrepresentable' in fields ? fields.unrepresentable : fields[1];
}

t.test('each claim goes by the header name that the route gives it, in the route’s order', async (t) => {
  const claims = { iss: 'unasked', sub: 'alice', tenant: 'acme' };
  t.strictSame(claimFields(claims, { tenant: 'X-Tenant', sub: 'X-Credential-Sub' }), [
    'X-Tenant',
    'acme',
    'X-Credential-Sub',
    'alice',
  ]);
  t.strictSame(claimFields(claims, {}), []);
});

t.test('krakend-jose issue 62: a claim that is absent or null sends nothing', async (t) => {
  t.strictSame(claimFields({ nothing: null }, { absent: 'X-Absent', nothing: 'X-Nothing' }), []);
  t.strictSame(claimFields({ none: [] }, { none: 'X-None' }), [], 'nor does an array of nothing');
});

t.test('nested claims go by JSON Pointer, lists whole or one member of them', async (t) => {
  const claims = {
    realm_access: { roles: ['a', 'b,c'] },
    address: { country: 'FR' },
    'a/b': 1,
    n: { x: null },
  };
  const names = {
    '/realm_access/roles': 'X-Roles',
    '/realm_access/roles/1': 'X-Second',
    '/realm_access/roles/2': 'X-Third',
    '/address': 'X-Address',
    '/a~1b': 'X-Slash',
    '/n/x': 'X-Null',
    'realm_access/roles': 'X-None',
  };
  t.strictSame(claimFields(claims, names), [
    'X-Roles',
    'a,b%2Cc',
    'X-Second',
    'b%2Cc',
    'X-Address',
    '{"country":"FR"}',
    'X-Slash',
    '1',
  ]);
});

t.test('what cannot be sent is refused under what it is called', async (t) => {
  const values = [
    { name: 'X-A', called: 'the tenant’s name', value: 'fine' },
    { name: 'X-B', called: 'the tenant’s group', value: undefined },
    { name: 'X-C', called: 'the tenant’s key', value: null },
  ];
  t.strictSame(fieldsFor(values), ['X-A', 'fine']);
  const bad = { name: 'X-D', called: 'the tenant’s rank', value: '\n' };
  t.strictSame(fieldsFor([...values, bad]), { unrepresentable: 'the tenant’s rank has control characters' });
  t.strictSame(fieldValue('\n'), { unrepresentable: 'has control characters' });
  t.equal(fieldValue(['a', 1]), 'a,1');
});

t.test('only the token’s own claims are claims', async (t) => {
  const names = { constructor: 'X-A', ['__proto__']: 'X-B', toString: 'X-C', '/constructor/name': 'X-D' };
  t.strictSame(claimFields({}, names), []);
});

t.test('arrays are joined with commas, and objects are JSON', async (t) => {
  for (const [value, header] of [
    ['', ''],
    ['plain text', 'plain text'],
    [42, '42'],
    [false, 'false'],
    [['a', 'b c', 3], 'a,b c,3'],
    [[], undefined],
    [[''], ''],
    [[[]], '[]'],
    [{ a: [1, 'b'] }, '{"a":[1,"b"]}'],
    [[{ a: 1, b: 2 }, ['x', 'y']], '{"a":1%2C"b":2},["x"%2C"y"]'],
  ] as const)
    t.equal(sent(value), header, JSON.stringify(value));
});

t.test('non-ASCII is percent-encoded as UTF-8', async (t) => {
  t.equal(sent('José 🙂'), 'Jos%C3%A9 %F0%9F%99%82');
  t.equal(sent(['é', 'a']), '%C3%A9,a');
  t.equal(sent({ name: 'é' }), '{"name":"%C3%A9"}');
});

t.test('claims that differ look different upstream', async (t) => {
  t.equal(sent('Jos%C3%A9'), 'Jos%25C3%25A9', 'not as José does');
  t.equal(sent(' admin '), '%20admin%20', 'recipients trim spaces: this is not admin');
  t.equal(sent([' a', 'b ']), '%20a,b%20');
  t.equal(sent(['user,admin']), 'user%2Cadmin', 'one role, not two');
  t.equal(sent('user,admin'), 'user%2Cadmin', 'one text, not the array of two');
  t.equal(sent(['user', 'admin']), 'user,admin');
  t.equal(sent({ user: 1, admin: 2 }), '{"user":1,"admin":2}', 'the commas of an object are its own');
});

t.test('a claim with control characters refuses the request', async (t) => {
  for (const c of ['\r\nX-Role: admin', '\n', '\t', '\u0000', '\u007f', '\u0085'])
    for (const value of [`a${c}`, ['a', `b${c}`]])
      t.equal(sent(value), 'the claim claim has control characters', JSON.stringify(value));
  t.equal(sent({ a: '\r\n' }), '{"a":"\\r\\n"}', 'JSON has none');
});

t.test('a claim with half a surrogate pair refuses the request', async (t) => {
  t.equal(sent('a\ud83d'), 'the claim claim is not Unicode text');
  t.equal(sent(['a', '\udc00']), 'the claim claim is not Unicode text');
});

t.test('a claim of more than 8 KiB refuses the request: cut short, it could name another', async (t) => {
  const longest = 'x'.repeat(8_192);
  t.equal(sent(longest), longest);
  t.equal(sent(`${longest}x`), 'the claim claim is longer than 8192 bytes');
  t.equal(sent('é'.repeat(1_366)), 'the claim claim is longer than 8192 bytes', 'as it is sent');
});

t.test('one claim that cannot be sent refuses the request, whatever the others are', async (t) => {
  t.strictSame(claimFields({ a: 'fine', b: '\n' }, { a: 'X-A', b: 'X-B' }), {
    unrepresentable: 'the claim b has control characters',
  });
});

t.test('any text that is sent is a header value, untrimmed, and can be decoded again', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const fields = claimFields({ text }, { text: 'X-Text' });
      if ('unrepresentable' in fields) assert.match(text, /[\p{Cc}\p{Cs}]/u);
      else {
        const [, value = ''] = fields;
        assert.ok(isFieldValue(value));
        assert.equal(value.trim(), value);
        assert.equal(decodeURIComponent(value), text);
      }
    }),
  );
});

t.test('any text, and any list of several, that look the same are the same', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', ',', '%', '2', 'C', ' ') });
  fc.assert(
    fc.property(
      text,
      fc.array(text, { minLength: 2, maxLength: 3 }),
      fc.array(text, { minLength: 1 }),
      (one, list, other) => {
        assert.notEqual(sent(one), sent(list));
        assert.equal(sent(list) === sent(other), JSON.stringify(list) === JSON.stringify(other));
      },
    ),
  );
});

t.test('any list of texts that is sent can be taken apart again', async () => {
  const texts = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 });
  fc.assert(
    fc.property(texts, (list) => {
      assert.deepEqual(sent(list)?.split(',').map(decodeURIComponent), list);
    }),
  );
});
