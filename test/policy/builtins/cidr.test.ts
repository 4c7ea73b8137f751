import t from 'tap';
import { cidr } from '../../../src/policy/builtins/cidr.ts';
import { parseValue } from '../../../src/policy/value-text.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(cidr);

t.test('a network is one, and nothing else is', async (t) => {
  t.equal(call('net.cidr_is_valid', '"192.0.2.0/24"'), 'true');
  t.equal(call('net.cidr_is_valid', '"2001:db8::1/32"'), 'true');
  for (const value of ['"192.0.2.0"', '"192.0.2.0/33"', '24', 'null', '["192.0.2.0/24"]'])
    t.equal(call('net.cidr_is_valid', value), 'false', value);
});

t.test('a network expands to all of its addresses', async (t) => {
  t.equal(call('net.cidr_expand', '"192.0.2.7/30"'), '{"192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7"}');
  t.equal(call('net.cidr_expand', '"255.255.255.255/32"'), '{"255.255.255.255"}');
  t.equal(call('net.cidr_expand', '"2001:db8::/127"'), '{"2001:db8::", "2001:db8::1"}');
  t.equal(call('net.cidr_expand', '"::ffff:192.0.2.1/127"'), '{"192.0.2.0", "192.0.2.1"}');
  t.throws(() => call('net.cidr_expand', '"192.0.2.0"'), { message: 'invalid CIDR address: 192.0.2.0' });
  t.throws(() => call('net.cidr_expand', '1'), { message: 'operand 1 must be string but got number' });
});

t.test(
  'a network of more than 65,536 addresses ends the evaluation, as OPA would end it in time',
  async (t) => {
    t.equal(
      (parseValue(call('net.cidr_expand', '"10.0.0.0/16"') as string) as { size?: number }).size,
      65_536,
    );
    for (const text of ['10.0.0.0/15', '0.0.0.0/0', '::/0'])
      t.throws(() => call('net.cidr_expand', `"${text}"`), {
        name: 'LimitError',
        message: `net.cidr_expand: ${text} has more than 65536 addresses`,
      });
  },
);

t.test('networks are merged to a set, from an array or a set', async (t) => {
  t.equal(
    call('net.cidr_merge', '["10.0.0.128/25", "10.0.0.0/25", "192.0.2.0/24"]'),
    '{"10.0.0.0/24", "192.0.2.0/24"}',
  );
  t.equal(call('net.cidr_merge', '{"10.0.0.0/8", "10.9.0.0/16"}'), '{"10.0.0.0/8"}');
  t.equal(call('net.cidr_merge', 'set()'), 'set()');
  t.throws(() => call('net.cidr_merge', '"10.0.0.0/8"'), { message: 'operand must be an array' });
  t.throws(() => call('net.cidr_merge', '{}'), { message: 'operand must be an array' });
  t.throws(() => call('net.cidr_merge', '["10.0.0.0/8", 1]'), { message: 'element must be string' });
});

t.test('what contains what', async (t) => {
  t.equal(call('net.cidr_contains_matches', '{"a": "10.0.0.0/8"}', '["10.0.0.1", "11.0.0.1"]'), '{["a", 0]}');
});
