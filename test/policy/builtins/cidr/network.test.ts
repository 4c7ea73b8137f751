import t from 'tap';
import { writeAddress } from '../../../../src/policy/builtins/cidr/address.ts';
import {
  lastOf,
  network,
  networkOf,
  parseNetwork,
  sizeOf,
  writeNetwork,
} from '../../../../src/policy/builtins/cidr/network.ts';

t.test('a network has a first address, a last one, and all between', async (t) => {
  const cases = [
    ['192.0.2.77/24', '192.0.2.0', '192.0.2.255', 256n, '192.0.2.0/24'],
    ['192.0.2.77/32', '192.0.2.77', '192.0.2.77', 1n, '192.0.2.77/32'],
    ['192.0.2.77/0', '0.0.0.0', '255.255.255.255', 2n ** 32n, '0.0.0.0/0'],
    ['192.0.2.77/0024', '192.0.2.0', '192.0.2.255', 256n, '192.0.2.0/24'],
    ['2001:db8::77/120', '2001:db8::', '2001:db8::ff', 256n, '2001:db8::/120'],
    ['::/0', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 2n ** 128n, '::/0'],
    ['::ffff:192.0.2.77/120', '192.0.2.0', '192.0.2.255', 256n, '192.0.2.0/24'],
    ['::ffff:192.0.2.77/95', '::fffe:0:0', '255.255.255.255', 2n ** 33n, '::fffe:0:0/95'],
  ] as const;
  for (const [text, first, last, size, written] of cases) {
    const read = network(text);
    t.equal(writeAddress(read.first), first, text);
    t.equal(writeAddress(lastOf(read)), last, text);
    t.equal(sizeOf(read), size, text);
    t.equal(writeNetwork(read.first, read.prefix), written, text);
  }
});

t.test('an address is in a network of each size', async (t) => {
  t.strictSame(networkOf(0xffff_0a01_0203n, 104), parseNetwork('10.0.0.0/8'));
});

t.test('what is no network', async (t) => {
  const none = [
    '',
    '/',
    '/8',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/+8',
    '10.0.0.0/8.0',
    '10.0.0.0/8/8',
    '10.0.0.0/ 8',
    '10.0.0/8',
    '010.0.0.0/8',
    '10.0.0.0/x',
    '10.0.0.0/99999999999999999999',
    '::/129',
    'fe80::%1/64',
  ];
  for (const text of none) {
    t.equal(parseNetwork(text), null, text);
    t.throws(() => network(text), { message: `invalid CIDR address: ${text}` });
  }
});
