import { isIP } from 'node:net';
import * as fc from 'fast-check';
import t from 'tap';
import { isIPv4, parseAddress, writeAddress } from '../../../../src/policy/builtins/cidr/address.ts';

t.test('addresses are written as RFC 5952 says', async (t) => {
  const cases = [
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['::192.0.2.1', '::c000:201'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4:5:6:c000:201'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:0DB8:0:0:0:0:0:00aB', '2001:db8::ab'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ] as const;
  for (const [text, written] of cases) {
    const address = parseAddress(text);
    t.equal(address === null ? null : writeAddress(address), written, text);
  }
});

t.test('what is no address', async (t) => {
  const none = [
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.00',
    '+1.2.3.4',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '0x1.2.3.4',
    '1.2.3.4%1',
    '1.2.3.4:5',
    '١.2.3.4',
    ':',
    ':::',
    '1:',
    ':1',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1::2:3:4:5:6:7:8',
    '12345::',
    'g::',
    '::1%eth0',
    '::%',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '::1.2.3',
    '::01.2.3.4',
    '1:2:3:4:5:6:7:1.2.3.4',
    '1:2:3:4:5:1.2.3.4',
    '1:2:3:4:5:6::1.2.3.4',
    '::1 ',
    '-1::',
    '+1::',
    `${'0'.repeat(40)}::`,
  ];
  for (const text of none) t.equal(parseAddress(text), null, JSON.stringify(text));
});

t.test('every address is read as it was written, and as Node reads it', async () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), fc.nat(127), (bits, shift) => {
      const address = bits >> BigInt(shift);
      const text = writeAddress(address);
      return parseAddress(text) === address && isIP(text) === (isIPv4(address) ? 4 : 6);
    }),
  );
  const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,20}$/));
  fc.assert(fc.property(text, (some) => (parseAddress(some) !== null) === isIP(some) > 0));
});
