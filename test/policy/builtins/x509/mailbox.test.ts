import * as fc from 'fast-check';
import t from 'tap';
import { parseMailbox } from '../../../../src/policy/builtins/x509/mailbox.ts';

t.test('an address has a local part and a domain', async (t) => {
  t.strictSame(parseMailbox('a.b+c@d.e'), { local: 'a.b+c', domain: 'd.e' });
  t.strictSame(parseMailbox('a@'), { local: 'a', domain: '' }, 'which may be nothing');
  t.strictSame(parseMailbox('a@b@c'), { local: 'a', domain: 'b@c' });
});

t.test('quotes and backslashes let more stand, and are no part of it', async (t) => {
  t.equal(parseMailbox('"a b\\"@"@c')?.local, 'a b"@');
  t.equal(parseMailbox('"..."@c')?.local, '...');
  t.equal(parseMailbox('""@c')?.local, '');
  t.equal(parseMailbox('a\\@b@c')?.local, 'a@b');
  t.equal(parseMailbox('a\\\u00e9@c')?.local, 'a\u00e9', 'bare, a backslash quotes anything');
});

t.test('anything else is no address', async (t) => {
  for (const text of [
    '',
    'a',
    '@c',
    'a b@c',
    '.a@c',
    'a.@c',
    'a..b@c',
    '\\.a@c',
    'a@.c',
    'a@c.',
    'a@c d',
    'a\\',
    '"a@c',
    '"a"b@c',
    '"a\n"@c',
    '"a\\\n"@c',
    '"\u00e9"@c',
    '"a\\\u00e9"@c',
    '"a\\',
  ])
    t.equal(parseMailbox(text), null, text);
});

t.test('whatever is quoted is read as it was', async () => {
  const local = fc.string({
    unit: fc.integer({ min: 14, max: 126 }).map((code) => String.fromCharCode(code)),
  });
  fc.assert(
    fc.property(local, (text) => {
      const quoted = text.replaceAll(/["\\]/g, '\\$&');
      return parseMailbox(`"${quoted}"@a.b`)?.local === text;
    }),
  );
});
