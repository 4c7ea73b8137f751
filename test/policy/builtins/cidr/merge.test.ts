import * as fc from 'fast-check';
import t from 'tap';
import { mergeNetworks } from '../../../../src/policy/builtins/cidr/merge.ts';
import { lastOf, network } from '../../../../src/policy/builtins/cidr/network.ts';

const merged = (...texts: readonly string[]): string[] => mergeNetworks(texts).toSorted();

t.test('networks become the fewest for their addresses', async (t) => {
  t.strictSame(merged(), []);
  t.strictSame(merged('10.0.0.0/25', '10.0.0.128/25'), ['10.0.0.0/24']);
  t.strictSame(
    merged('10.0.0.128/25', '10.0.1.0/25'),
    ['10.0.0.128/25', '10.0.1.0/25'],
    'no /24 begins there',
  );
  t.strictSame(merged('10.0.0.1/32', '10.0.0.2/32', '10.0.0.3/32'), ['10.0.0.1/32', '10.0.0.2/31']);
  t.strictSame(merged('10.1.2.3/8', '10.9.0.0/16', '10.0.0.0/8'), ['10.0.0.0/8']);
  t.strictSame(merged('0.0.0.0/1', '128.0.0.0/1'), ['0.0.0.0/0']);
  t.strictSame(merged('255.255.255.255/32', '255.255.255.254/32', '0.0.0.0/32'), [
    '0.0.0.0/32',
    '255.255.255.254/31',
  ]);
  t.strictSame(merged('2001:db8::/33', '2001:db8:8000::/33', '10.0.0.0/8'), ['10.0.0.0/8', '2001:db8::/32']);
  t.strictSame(merged('::/1', '8000::/1'), ['::/0']);
});

t.test(
  'an address of IPv4 is the network of its class, and keeps its own bits while it is alone',
  async (t) => {
    t.strictSame(merged('10.1.2.3', '172.16.5.6', '192.0.2.7', '240.1.2.3', '::ffff:100.1.2.3'), [
      '10.1.2.3/8',
      '100.1.2.3/8',
      '172.16.5.6/16',
      '192.0.2.7/24',
      '240.1.2.3/24',
    ]);
    t.strictSame(merged('10.1.2.3'), ['10.1.2.3/8']);
    t.strictSame(merged('10.1.2.3', '10.9.9.9'), ['10.0.0.0/8']);
  },
);

t.test('::/0 has the addresses of IPv4 in it, as they are mapped to', async (t) => {
  t.strictSame(merged('::/0', '10.0.0.0/8'), ['::/0']);
  t.strictSame(merged('0.0.0.0/0', '::/96'), ['0.0.0.0/0', '::/96']);
});

t.test(
  'a network of IPv4 that is written as IPv6 is merged with nothing but what begins at 0.0.0.0',
  async (t) => {
    t.strictSame(merged('::ffff:192.0.2.0/120'), ['192.0.2.0/24']);
    t.strictSame(merged('::ffff:192.0.2.0/120', '192.0.3.0/24'), ['192.0.2.0/24', '192.0.3.0/24']);
    t.strictSame(merged('::ffff:192.0.2.0/120', '0.0.0.0/8'), ['0.0.0.0/8'], 'OPA loses it');
    const crash = {
      name: 'LimitError',
      message: 'net.cidr_merge: a network of IPv4 that is written as IPv6 cannot be merged',
    };
    t.throws(() => merged('::ffff:192.0.2.0/120', '::ffff:10.0.0.0/120'), crash);
    t.throws(() => merged('::ffff:192.0.2.0/120', '0.0.1.0/24'), crash);
  },
);

t.test('other texts are refused', async (t) => {
  t.throws(() => merged('2001:db8::1'), { message: 'IPv6 invalid: needs prefix length' });
  t.throws(() => merged('10.0.0.0/8', 'x'), { message: 'invalid CIDR address: x' });
});

t.test('addresses neither come nor go, and merging again changes nothing', async () => {
  const some = fc
    .tuple(fc.nat(255), fc.integer({ min: 22, max: 32 }))
    .map(([octet, bits]) => `10.0.${octet & 3}.${octet}/${bits}`);
  const covers = (texts: readonly string[], address: bigint): boolean =>
    texts.map(network).some((of) => of.first <= address && address <= lastOf(of));
  fc.assert(
    fc.property(fc.array(some, { minLength: 1, maxLength: 12 }), fc.nat(2_047), (texts, at) => {
      const address = network('10.0.0.0/22').first + BigInt(at);
      const result = merged(...texts);
      return (
        covers(texts, address) === covers(result, address) && String(merged(...result)) === String(result)
      );
    }),
  );
});
