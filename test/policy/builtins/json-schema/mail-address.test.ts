import t from 'tap';
import { isMailAddress } from '../../../../src/policy/builtins/json-schema/mail-address.ts';

t.test('addresses', async (t) => {
  for (const text of [
    'eve@example.com',
    ' eve@localhost ',
    'eve+tag/x=y@example.com',
    '"eve example"@example.com',
    String.raw`"a\"b"@example.com`,
    'eve@[192.0.2.1]',
    'eve@[2001:db8::1]',
    'ève@exämple.com',
    'eve@ example.com',
  ])
    t.equal(isMailAddress(text), true, text);
  for (const text of [
    '',
    'eve',
    '@example.com',
    'eve@',
    'eve @example.com',
    '.eve@example.com',
    'e..ve@example.com',
    'eve.@example.com',
    'eve@example.com.',
    '""@example.com',
    '"eve@example.com',
    'eve@[example.com]',
    'eve@[fe80::1%eth0]',
    'eve@[192.0.2.1',
    'eve@example.com,adam@example.com',
    'eve@example.com\n',
    'e\u0000ve@example.com',
  ])
    t.equal(isMailAddress(text), false, JSON.stringify(text));
});

t.test('names before addresses', async (t) => {
  for (const text of [
    'Eve <eve@example.com>',
    '"Eve, E." <eve@example.com>',
    'E. V. E. (the first) <eve@example.com>',
    '<eve@example.com>',
    '< eve@example.com>',
    '=?utf-8?q?=C3=88ve?= <eve@example.com>',
    '=?ISO-8859-1?B?yHZl?= Example <eve@example.com>',
    '=?utf-8?b?not base64?= <eve@example.com>',
    'Eve =?koi8-r?q?a?= <eve@example.com>',
  ])
    t.equal(isMailAddress(text), true, text);
  for (const text of [
    'Eve, E. <eve@example.com>',
    'Eve <eve@example.com >',
    'Eve <eve@example.com',
    'Eve <>',
    'Eve (the first <eve@example.com>',
    '(the first) <eve@example.com>',
    '=?koi8-r?q?a?= <eve@example.com>',
    '=?utf-8?q??= <eve@example.com>',
  ])
    t.equal(isMailAddress(text), false, text);
});

t.test('comments after addresses', async (t) => {
  t.equal(isMailAddress('eve@example.com (Eve)'), true);
  t.equal(isMailAddress(String.raw`eve@example.com (Eve (the \) first)) (again)`), true);
  t.equal(isMailAddress('eve@example.com (Eve'), false);
  t.equal(isMailAddress('eve@example.com (Eve) (again'), false);
  t.equal(isMailAddress('eve@example.com (=?koi8-r?q?a?=)'), false, 'a charset that Go does not know');
});

t.test('a group of one', async (t) => {
  t.equal(isMailAddress('admins: eve@example.com;'), true);
  t.equal(isMailAddress('admins: Eve <eve@example.com> (x) ; (y)'), true);
  for (const text of [
    'admins:;',
    'admins: eve@example.com, adam@example.com;',
    'admins: eve@example.com',
    'admins: eve@example.com adam@example.com;',
    'admins: eve@example.com (x;',
    'admins: others: eve@example.com;;',
    'admins: eve@example.com; x',
  ])
    t.equal(isMailAddress(text), false, text);
});

t.test('a long text takes no longer than its length asks for', async (t) => {
  t.equal(isMailAddress('('.repeat(200_000)), false);
  t.equal(isMailAddress(`a@b ${'(x) '.repeat(100_000)}`), true);
  t.equal(isMailAddress(`${'a '.repeat(100_000)}<a@b>`), true);
});
