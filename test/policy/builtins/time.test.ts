import t from 'tap';
import { time } from '../../../src/policy/builtins/time.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(time);

t.test('it is the same time all through an evaluation', async (t) => {
  t.equal(call('time.now_ns'), '1767323045000000006');
});

t.test('texts are parsed by a layout, or the name of one', async (t) => {
  t.equal(call('time.parse_ns', '"2006-01-02"', '"2026-01-02"'), '1767312000000000000');
  t.equal(call('time.parse_ns', '"RFC1123Z"', '"Fri, 02 Jan 2026 04:04:05 +0100"'), '1767323045000000000');
  t.equal(call('time.parse_rfc3339_ns', '"2026-01-02T03:04:05.000000006Z"'), '1767323045000000006');
  t.equal(
    call('time.parse_rfc3339_ns', '"2026-01-02T3:04:05Z"'),
    '1767323045000000000',
    'an hour of one digit',
  );
  t.equal(call('time.parse_rfc3339_ns', '"2262-04-11T23:47:16.854775807Z"'), '9223372036854775807');
  const beyond = { message: 'time outside of valid range' };
  t.throws(() => call('time.parse_rfc3339_ns', '"2262-04-11T23:47:16.854775808Z"'), beyond);
  t.throws(() => call('time.parse_rfc3339_ns', '"1677-09-21T00:12:43.145224191Z"'), beyond);
  t.throws(() => call('time.parse_rfc3339_ns', '"2026-01-02"'), {
    message: 'parsing time "2026-01-02" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"',
  });
  t.throws(() => call('time.parse_rfc3339_ns', '7'), { message: 'operand 1 must be string but got number' });
  t.throws(() => call('time.parse_ns', '7', '""'), { message: 'operand 1 must be string but got number' });
  t.throws(() => call('time.parse_ns', '""', '7'), { message: 'operand 2 must be string but got number' });
});

t.test('durations are parsed', async (t) => {
  t.equal(call('time.parse_duration_ns', '"1d1h"'), '90000000000000');
  t.throws(() => call('time.parse_duration_ns', '1'), { message: 'operand 1 must be string but got number' });
});

t.test('times are formatted by a layout, or the name of one; else as RFC 3339 says', async (t) => {
  t.equal(call('time.format', '1767323045000000006'), '"2026-01-02T03:04:05.000000006Z"');
  t.equal(call('time.format', '[1767323045000000000, "Asia/Tokyo"]'), '"2026-01-02T12:04:05+09:00"');
  t.equal(call('time.format', '[1767323045000000000, "", ""]'), '"2026-01-02T03:04:05Z"');
  t.equal(
    call('time.format', '[1767323045000000000, "America/New_York", "RFC850"]'),
    '"Thursday, 01-Jan-26 22:04:05 EST"',
  );
  t.equal(call('time.format', '[1767323045000000000, "UTC", "3:04PM"]'), '"3:04AM"');
});

t.test('a date, a clock and a weekday are those of the zone', async (t) => {
  t.equal(call('time.date', '[1767323045000000000, "Pacific/Honolulu"]'), '[2026, 1, 1]');
  t.equal(call('time.clock', '[1767323045000000000, "Asia/Kolkata"]'), '[8, 34, 5]');
  t.equal(call('time.weekday', '1767323045000000000'), '"Friday"');
  t.equal(call('time.weekday', '[1767323045000000000, "Pacific/Honolulu"]'), '"Thursday"');
  t.equal(call('time.clock', '-1'), '[23, 59, 59]');
});

t.test('a date is added to by the calendar of the zone', async (t) => {
  const added = (from: string, zone: string, ...by: readonly string[]): string | undefined =>
    call(
      'time.format',
      `[${call('time.add_date', `[${call('time.parse_rfc3339_ns', `"${from}"`)}, "${zone}"]`, ...by)}, "${zone}"]`,
    );
  t.equal(
    added('2024-01-31T12:00:00Z', 'UTC', '0', '1', '0'),
    '"2024-03-02T12:00:00Z"',
    'the 31st of February',
  );
  t.equal(added('2024-02-29T12:00:00Z', 'UTC', '1', '0', '0'), '"2025-03-01T12:00:00Z"');
  t.equal(added('2024-03-15T12:00:00Z', 'UTC', '-1', '-15', '-15'), '"2021-11-30T12:00:00Z"');
  t.equal(
    added('2024-03-30T12:00:00Z', 'Europe/Berlin', '0', '0', '1'),
    '"2024-03-31T13:00:00+02:00"',
    'a day of 23 hours',
  );
  t.equal(
    added('2024-03-30T01:30:00Z', 'Europe/Berlin', '0', '0', '1'),
    '"2024-03-31T03:30:00+02:00"',
    '02:30 is not there',
  );
  t.equal(
    added('2024-10-26T00:30:00Z', 'Europe/Berlin', '0', '0', '1'),
    '"2024-10-27T02:30:00+01:00"',
    'of two the later',
  );
  t.equal(
    added('2024-01-01T00:00:00Z', 'UTC', '1.0', '-0', '2.00'),
    '"2025-01-03T00:00:00Z"',
    'zeros after a point',
  );
});

t.test('only integers are added, and not beyond what nanoseconds reach', async (t) => {
  const beyond = { message: 'time outside of valid range' };
  t.throws(() => call('time.add_date', '0', '293', '0', '0'), beyond);
  t.throws(() => call('time.add_date', '0', '-293', '0', '0'), beyond);
  t.throws(() => call('time.add_date', '0', '0', '0', '9000000000000000000'), beyond);
  t.equal(call('time.add_date', '0', '0', '0', '144115188075855872'), '0', 'Go overflows');
  t.equal(call('time.add_date', '0', '9223372036854775807', '0', '0'), '-31487616000000000', 'and here');
  for (const [at, name] of ['years', 'months', 'days'].entries()) {
    const by = (value: string): string[] => ['0', '0', '0'].with(at, value);
    const message = `operand ${at + 2} must be integer number but got floating-point number`;
    for (const value of ['1.5', '1e0', '9223372036854775808', '1.000000000000000000', '1'.repeat(20)])
      t.throws(() => call('time.add_date', '0', ...by(value)), { message }, `${value} ${name}`);
    t.throws(() => call('time.add_date', '0', ...by('"1"')), {
      message: `operand ${at + 2} must be number but got string`,
    });
  }
});

t.test('a difference is years, months, days and a clock, in the zone of the first time', async (t) => {
  const difference = (from: string, to: string, zone = 'UTC'): string | undefined =>
    call(
      'time.diff',
      `[${call('time.parse_rfc3339_ns', `"${from}"`)}, "${zone}"]`,
      call('time.parse_rfc3339_ns', `"${to}"`) as string,
    );
  t.equal(difference('2024-01-31T00:00:00Z', '2026-03-04T05:06:07Z'), '[2, 1, 4, 5, 6, 7]');
  t.equal(
    difference('2026-03-04T05:06:07Z', '2024-01-31T00:00:00Z'),
    '[2, 1, 4, 5, 6, 7]',
    'whichever is first',
  );
  t.equal(difference('2024-02-29T23:59:59Z', '2024-03-01T00:00:00Z'), '[0, 0, 0, 0, 0, 1]');
  t.equal(difference('2023-12-31T23:59:59Z', '2024-12-30T00:00:00Z'), '[0, 11, 29, 0, 0, 1]');
  t.equal(difference('2024-01-01T00:00:00.9Z', '2024-01-01T00:00:01.1Z'), '[0, 0, 0, 0, 0, 1]');
  t.equal(difference('2024-03-30T12:00:00Z', '2024-03-31T12:00:00Z', 'Europe/Berlin'), '[0, 0, 1, 1, 0, 0]');
  t.equal(difference('2024-03-30T12:00:00Z', '2024-03-30T12:00:00Z'), '[0, 0, 0, 0, 0, 0]');
  t.throws(() => call('time.diff', '1', '[]'), {
    message: 'operand 1 must be either number (ns) or [number (ns), string (tz)] but got array',
  });
});
