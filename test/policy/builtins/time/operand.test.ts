import t from 'tap';
import { timeOperand } from '../../../../src/policy/builtins/time/operand.ts';
import { UTC, zoneOf } from '../../../../src/policy/builtins/time/zone.ts';
import { parseValue } from '../../../../src/policy/value-text.ts';

const operand = (text: string): ReturnType<typeof timeOperand> => timeOperand(parseValue(text));

t.test('a moment comes alone, or with a zone, or with a zone and a layout', async (t) => {
  const moment = { seconds: 1, nanoseconds: 500_000_000 };
  for (const text of ['1500000000', '[1500000000]', '[15e8, ""]', '[1500000000.0, "UTC", "", "more"]'])
    t.strictSame(operand(text), { moment, zone: UTC, layout: '' }, text);
  t.strictSame(operand('[1500000000, "Asia/Tokyo", "2006"]'), {
    moment,
    zone: zoneOf('Asia/Tokyo'),
    layout: '2006',
  });
});

t.test('other operands are refused', async (t) => {
  for (const [text, type] of [
    ['"1"', 'string'],
    ['[]', 'array'],
    ['{}', 'object'],
    ['null', 'null'],
    ['{1}', 'set'],
  ] as const)
    t.throws(() => operand(text), {
      message: `operand 1 must be either number (ns) or [number (ns), string (tz)] but got ${type}`,
    });
  t.throws(() => operand('["1"]'), { message: 'operand 1 must be number but got string' });
  t.throws(() => operand('[1, 2]'), { message: 'operand 1 must be string but got number' });
  t.throws(() => operand('[1, "UTC", null]'), { message: 'operand 1 must be string but got null' });
  t.throws(() => operand('[1, "Nowhere"]'), { message: 'unknown time zone Nowhere' });
  t.throws(() => operand('1.5'), { message: 'timestamp too big' });
});
