import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { readNameConstraints } from '../../../../src/policy/builtins/x509/name-constraints.ts';
import { der, integer, sequence } from '../../../support/der.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const permitted = (...names: readonly Buffer[]): Buffer =>
  sequence(der(0xa0, ...names.map((name) => sequence(name))));

t.test('subtrees are permitted, excluded, or both', async (t) => {
  const read = readNameConstraints(
    sequence(
      der(0xa0, sequence(der(0x82, '.a.b'), der(0x80, '\0')), sequence(der(0x87, hex('0a000000ff000000')))),
      der(0xa1, sequence(der(0x81, 'a@b')), sequence(der(0x86, 'c.d')), sequence(der(0x82, ''))),
    ),
  );
  t.strictSame(read.permitted, {
    dns: ['.a.b'],
    networks: [{ address: hex('0a000000'), mask: hex('ff000000') }],
    emails: [],
    uriDomains: [],
    unknown: false,
  });
  t.strictSame(read.excluded, {
    dns: [''],
    networks: [],
    emails: ['a@b'],
    uriDomains: ['c.d'],
    unknown: false,
  });
});

t.test('subtrees of other kinds are noticed', async (t) => {
  t.ok(readNameConstraints(permitted(der(0xa4, sequence()))).permitted.unknown);
});

t.test('networks are of IPv4 or IPv6, with a mask of ones and then zeros', async (t) => {
  const read = (text: string) => readNameConstraints(permitted(der(0x87, hex(text)))).permitted.networks;
  t.equal(read('00'.repeat(32)).length, 1);
  t.equal(read('01020304fffffe00').length, 1);
  for (const text of ['', '0a0000', '0a000000ff00ff00', '0a000000fd000000', '00'.repeat(16), '0a000000ff'])
    t.throws(() => read(text), new BuiltinError('x509: invalid IP constraint'), text);
});

t.test('texts that are not right are errors', async (t) => {
  for (const [tag, text] of [
    [0x82, 'a..b'],
    [0x82, '\u00e9'],
    [0x82, 'a.'],
    [0x81, 'a b@c'],
    [0x81, 'a..b'],
    [0x86, '10.0.0.1'],
    [0x86, '::1'],
    [0x86, 'a b'],
  ] as const)
    t.throws(
      () => readNameConstraints(permitted(der(tag, text))),
      new BuiltinError('x509: invalid constraint value'),
      text,
    );
  t.equal(readNameConstraints(permitted(der(0x82, '10.0.0.1'))).permitted.dns[0], '10.0.0.1');
});

t.test('there has to be a subtree, and nothing else', async (t) => {
  for (const empty of [sequence(), sequence(der(0xa0)), sequence(der(0xa0), der(0xa1))])
    t.throws(() => readNameConstraints(empty), new BuiltinError('x509: empty name constraints extension'));
  const some = der(0xa0, sequence(der(0x82, 'a')));
  for (const wrong of [
    sequence(some, integer(1)),
    Buffer.concat([sequence(some), integer(1)]),
    sequence(der(0xa0, integer(1))),
    sequence(der(0xa0, sequence())),
    integer(1),
  ])
    t.throws(() => readNameConstraints(wrong), new BuiltinError('x509: invalid NameConstraints extension'));
});
