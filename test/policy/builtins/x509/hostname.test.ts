import t from 'tap';
import { NO_NAMES } from '../../../../src/policy/builtins/x509/alt-names.ts';
import { isForHost } from '../../../../src/policy/builtins/x509/hostname.ts';

const isFor = (name: string, host: string): boolean => isForHost({ ...NO_NAMES, dns: ['other', name] }, host);
const hasAddress = (hex: string, host: string): boolean =>
  isForHost({ ...NO_NAMES, dns: [host], addresses: [Buffer.from(hex, 'hex')] }, host);

t.test('names are the same in any case, and with a dot at the host’s end', async (t) => {
  t.ok(isFor('A.example', 'a.EXAMPLE'));
  t.ok(isFor('a.example', 'a.example.'));
  t.ok(isFor('a_b', 'a_b'));
  t.notOk(isFor('a.example', 'b.example'));
  t.notOk(isFor('a.example', 'b.a.example'));
});

t.test('a star stands for one label, the first', async (t) => {
  t.ok(isFor('*.example', 'a.example'));
  t.ok(isFor('*.example', 'A_b.example'));
  t.notOk(isFor('*.example', 'a.b.example'));
  t.notOk(isFor('*.example', 'example'));
  t.notOk(isFor('a.*.example', 'a.b.example'));
  t.notOk(isFor('a*.example', 'ab.example'));
  t.notOk(isFor('*', 'example'));
});

t.test('what is no hostname may still be the same', async (t) => {
  t.ok(isFor('a b', 'A b'));
  t.ok(isFor('*', '*'));
  t.ok(isFor('a.example.', 'a.example.'), 'a name that ends in a dot is no hostname');
  t.notOk(isFor('a.example.', 'a.example'));
  t.notOk(isFor('-a', '-A.'));
  t.ok(isFor('-a', '-A'));
  for (const name of ['', '.']) t.notOk(isFor(name, name), JSON.stringify(name));
  t.ok(isFor('\u00c9', '\u00c9'));
  t.notOk(isFor('\u00c9', '\u00e9'), 'only ASCII has two cases');
});

t.test('an address is compared to addresses alone', async (t) => {
  t.ok(hasAddress('0a000001', '10.0.0.1'));
  t.ok(hasAddress('0a000001', '[10.0.0.1]'));
  t.ok(hasAddress('0a000001', '::ffff:10.0.0.1'), 'IPv6 that maps to it');
  t.ok(hasAddress('00000000000000000000000000000001', '[0:0::1]'));
  t.notOk(hasAddress('0a000002', '10.0.0.1'), 'though a name is the same');
  t.ok(hasAddress('0a000002', '10.0.0.01'), 'which is no address, but a name');
});
