import * as fc from 'fast-check';
import t, { type Test } from 'tap';
import { momentOf, nanosecondsOf } from '../../../../src/policy/builtins/time/calendar.ts';
import { formatTime } from '../../../../src/policy/builtins/time/format.ts';
import { parseTime } from '../../../../src/policy/builtins/time/parse.ts';
import { UTC, zoneOf } from '../../../../src/policy/builtins/time/zone.ts';

/** What is read, as ISO 8601 with milliseconds. */
const parse = (layout: string, text: string, zone = 'UTC'): string =>
  new Date(parseTime(layout, text, zoneOf(zone)).seconds * 1_000).toISOString().replace('.000Z', 'Z');
const fails = (t: Test, layout: string, text: string, why: string): unknown =>
  t.throws(() => parse(layout, text), { message: `parsing time ${JSON.stringify(text)}${why}` }, text);

t.test('what the layout leaves out is the first there is', async (t) => {
  t.equal(parse('2006', '2024'), '2024-01-01T00:00:00Z');
  t.equal(parse('2006-01-02 15:04', '2024-02-29 23:59'), '2024-02-29T23:59:00Z');
  t.equal(parse('2006-002', '2024-366'), '2024-12-31T00:00:00Z');
  t.equal(parse('2006-002 1 2', '2024-060 2 29'), '2024-02-29T00:00:00Z');
});

t.test('hours of a half are those of the day', async (t) => {
  for (const [text, hour] of [
    ['12AM', '00'],
    ['1AM', '01'],
    ['12PM', '12'],
    ['1PM', '13'],
    ['0PM', '12'],
  ] as const)
    t.equal(parse('2006 3PM', `2024 ${text}`), `2024-01-01T${hour}:00:00Z`, text);
  t.equal(parse('2006 3PM pm', '2024 12PM am'), '2024-01-01T00:00:00Z', 'both at once');
});

t.test('an offset moves the moment, and an abbreviation does where this machine knows it', async (t) => {
  t.equal(parse('2006 15 -07:00', '2024 10 +02:00'), '2024-01-01T08:00:00Z');
  t.equal(parse('2006 15 MST -07', '2024 10 CEST -03'), '2024-01-01T13:00:00Z');
  t.equal(parse('2006 15 MST', '2024 10 CET'), '2024-01-01T10:00:00Z');
  t.equal(parse('2006 15 MST', '2024 10 CET', 'Europe/Berlin'), '2024-01-01T09:00:00Z');
  t.equal(parse('2006 15 MST', '2024 10 EST', 'Europe/Berlin'), '2024-01-01T10:00:00Z');
  t.equal(parse('2006 15 MST', '2024 10 UTC', 'Europe/Berlin'), '2024-01-01T10:00:00Z');
  t.equal(parse('2006 15 MST', '2024 10 GMT-3'), '2024-01-01T10:00:00Z', 'as Go has it');
  t.equal(parse('2006 15', '2024 10', 'Europe/Berlin'), '2024-01-01T10:00:00Z');
});

t.test('blanks are as many as there are', async (t) => {
  t.equal(parse('2006 1 2', '2024   3 4'), '2024-03-04T00:00:00Z');
  t.equal(parse('2006   1', '2024 3'), '2024-03-01T00:00:00Z');
  t.equal(parse('2006 ', '2024'), '2024-01-01T00:00:00Z', 'or none, at the end');
  fails(t, '2006 1', '20243', ' as "2006 1": cannot parse "3" as " "');
});

t.test('what is not as the layout says is told', async (t) => {
  fails(t, '2006-01', '2024/01', ' as "2006-01": cannot parse "/01" as "-"');
  fails(t, '2006-01', '2024-1', ' as "2006-01": cannot parse "1" as "01"');
  fails(t, '2006', '2024-', ': extra text: "-"');
  fails(t, '2006 15', '2024 24', ': hour out of range');
  fails(t, '2006-1-2', '2023-2-29', ': day out of range');
  fails(t, '2006-1-2', '2023-2-0', ': day out of range');
  fails(t, '2006-002', '2023-366', ': day-of-year out of range');
  fails(t, '2006-002 1', '2023-032 1', ': day-of-year does not match month');
  fails(t, '2006-002 2', '2023-032 2', ': day-of-year does not match day');
  t.throws(() => parse('é2006', 'è"2024'), {
    message:
      'parsing time "\\xc3\\xa8\\"2024" as "\\xc3\\xa92006": cannot parse "\\xa8\\"2024" as "\\xc3\\xa9"',
  });
});

t.test('only years that nanoseconds reach are read', async (t) => {
  for (const text of ['0000', '0099', '1676', '2263', '9999'])
    t.throws(() => parse('2006', text), { message: 'time outside of valid range' }, text);
});

t.test('what is written is read again', async () => {
  const layouts = [
    '2006-01-02T15:04:05.999999999Z07:00:00',
    'Monday, 2 January 2006 3:04:05.000000000PM -070000',
    '2006 __2 15.4.5,000000000 Z07:00:00',
    '_2Jan2006 03:04:05 pm.999999999-07:00:00',
  ];
  const moment = fc.bigInt({ min: -(2n ** 63n) + 10n ** 14n, max: 2n ** 63n - 1n - 10n ** 14n });
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia');
  fc.assert(
    fc.property(moment, zone, fc.constantFrom(...layouts), (nanoseconds, name, layout) => {
      const text = formatTime(momentOf(nanoseconds), zoneOf(name), layout);
      return nanosecondsOf(parseTime(layout, text, UTC)) === nanoseconds;
    }),
  );
});
