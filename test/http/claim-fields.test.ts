import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { claimFields } from '../../src/http/claim-fields.ts';
import { isFieldValue } from '../../src/http/headers.ts';

fc.configureGlobal({ seed: 7519, numRuns: 1_000 });

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
});

t.test('only the token’s own claims are claims', async (t) => {
  t.strictSame(claimFields({}, { constructor: 'X-A', ['__proto__']: 'X-B', toString: 'X-C' }), []);
});

t.test('arrays are joined with commas, and objects are JSON', async (t) => {
  for (const [value, header] of [
    ['', ''],
    ['plain text', 'plain text'],
    [42, '42'],
    [false, 'false'],
    [['a', 'b c', 3], 'a,b c,3'],
    [[], ''],
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
  t.equal(sent('cn=a,ou=b'), 'cn=a,ou=b', 'a comma outside an array is itself');
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

t.test('any list of texts that is sent can be taken apart again', async () => {
  const texts = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 });
  fc.assert(
    fc.property(texts, (list) => {
      assert.deepEqual(sent(list)?.split(',').map(decodeURIComponent), list);
    }),
  );
});
