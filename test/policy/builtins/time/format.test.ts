import t from 'tap';
import { momentOf } from '../../../../src/policy/builtins/time/calendar.ts';
import { formatTime } from '../../../../src/policy/builtins/time/format.ts';
import { zoneOf } from '../../../../src/policy/builtins/time/zone.ts';

/** 2024-02-05T16:07:09.012340000Z, a Monday. */
const AFTERNOON = 1_707_149_229_012_340_000n;
/** 2024-12-31T00:00:00Z. */
const MIDNIGHT = 1_735_603_200_000_000_000n;

const format = (nanoseconds: bigint, layout: string, zone = 'UTC'): string =>
  formatTime(momentOf(nanoseconds), zoneOf(zone), layout);

t.test('elements are replaced by what they stand for, and other text stays', async (t) => {
  t.equal(
    format(AFTERNOON, 'Monday Mon, January Jan 01 1, 02 2 _2, 2006 06, 002 __2'),
    'Monday Mon, February Feb 02 2, 05 5  5, 2024 24, 036  36',
  );
  t.equal(format(AFTERNOON, '15h 03 3PM 04 4 05 5 pm'), '16h 04 4PM 07 7 09 9 pm');
  t.equal(format(MIDNIGHT, '15 3PM 03pm __2 002 _2'), '00 12AM 12am 366 366 31');
  t.equal(format(AFTERNOON, 'Month é _2006'), 'Month é _2024');
  t.equal(format(AFTERNOON, ''), '');
});

t.test('zeros of a fraction are all written, nines as far as there is something', async (t) => {
  t.equal(
    format(AFTERNOON, '.0 .000 ,00000 .000000000 .0000000000000'),
    '.0 .012 ,01234 .012340000 .012340000',
  );
  t.equal(format(AFTERNOON, '5.9 5.99 5,999999 5.999999999'), '9 9.01 9,01234 9.01234');
  t.equal(format(MIDNIGHT, '05.000 05.999'), '00.000 00');
});

t.test('offsets are written in each form', async (t) => {
  const all = '-07 -0700 -07:00 -070000 -07:00:00 Z07 Z0700 Z07:00 Z070000 Z07:00:00';
  t.equal(format(AFTERNOON, all), '+00 +0000 +00:00 +000000 +00:00:00 Z Z Z Z Z');
  t.equal(
    format(AFTERNOON, all, 'America/St_Johns'),
    '-03 -0330 -03:30 -033000 -03:30:00 -03 -0330 -03:30 -033000 -03:30:00',
  );
  t.equal(format(-7_000_000_000_000_000_000n, '-07:00:00 MST', 'Europe/London'), '-00:01:15 LMT');
  t.equal(format(AFTERNOON, 'Mon 15:04 MST', 'Asia/Tokyo'), 'Tue 01:07 JST');
});

t.test('the first and the last moments are written', async (t) => {
  t.equal(format(-(2n ** 63n), '2006-01-02T15:04:05.000000000'), '1677-09-21T00:12:43.145224192');
  t.equal(format(2n ** 63n - 1n, '2006-01-02T15:04:05.000000000'), '2262-04-11T23:47:16.854775807');
});
