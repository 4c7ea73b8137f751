import * as fc from 'fast-check';
import t from 'tap';
import { addressOf, addressText, contains } from '../../../../src/policy/builtins/x509/ip.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const network = (address: string, mask: string) => ({ address: hex(address), mask: hex(mask) });
const MAPPED = '00000000000000000000ffff0a000001';

t.test('addresses have 4 or 16 bytes', async (t) => {
  t.equal(addressText(hex('0a000001')), '10.0.0.1');
  t.equal(addressText(hex('20010db8000000000000000000000001')), '2001:db8::1');
  t.equal(addressText(hex(MAPPED)), '10.0.0.1');
  t.equal(addressOf(hex(MAPPED)), addressOf(hex('0a000001')));
});

t.test('a network has the addresses that its mask leaves', async (t) => {
  t.ok(contains(network('0a010000', 'ffff0000'), hex('0a01ffff')));
  t.notOk(contains(network('0a010000', 'ffff0000'), hex('0a020000')));
  t.ok(contains(network('0a010203', 'ff000000'), hex('0aff0000')), 'the network may have more bits itself');
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      (bytes) =>
        contains(network(''.padEnd(32, '0'), ''.padEnd(32, '0')), Buffer.from(bytes)) ===
        !bytes.slice(0, 12).every((byte, at) => byte === (at < 10 ? 0 : 0xff)),
    ),
  );
});

t.test('IPv6 that maps to IPv4 is IPv4', async (t) => {
  t.ok(contains(network('0a000000', 'ff000000'), hex(MAPPED)));
  t.ok(contains(network(MAPPED, 'ffffffffffffffffffffffffff000000'), hex('0a123456')));
  t.notOk(contains(network(MAPPED, 'ffffffffffffffffffffffffff000000'), hex('0b123456')));
});
