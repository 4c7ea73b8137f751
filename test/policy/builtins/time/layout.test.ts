import t from 'tap';
import {
  chunksOf,
  fractionDigits,
  isFraction,
  layoutOf,
  MONTHS,
  WEEKDAYS,
} from '../../../../src/policy/builtins/time/layout.ts';

const elements = (layout: string): (string | null)[] =>
  chunksOf(layout).flatMap(({ before, element }) => [before, element]);

t.test('a layout is its elements and what is between', async (t) => {
  t.strictSame(elements(''), ['', null]);
  t.strictSame(elements('x'), ['x', null]);
  t.strictSame(elements('at 15:04!'), ['at ', '15', ':', '04', '!', null]);
  t.strictSame(elements('2006-01-02T15:04:05Z07:00'), [
    '',
    '2006',
    '-',
    '01',
    '-',
    '02',
    'T',
    '15',
    ':',
    '04',
    ':',
    '05',
    '',
    'Z07:00',
    '',
    null,
  ]);
  t.strictSame(elements('20060102150405'), [
    '',
    '2006',
    '',
    '01',
    '',
    '02',
    '',
    '15',
    '',
    '04',
    '',
    '05',
    '',
    null,
  ]);
});

t.test('longer elements go before those that they begin with', async (t) => {
  const all = [
    'January',
    'Jan',
    'Monday',
    'Mon',
    'MST',
    '01',
    '02',
    '03',
    '04',
    '05',
    '06',
    '002',
    '15',
    '1',
    '2006',
    '2',
    '_2',
    '__2',
    '3',
    '4',
    '5',
    'PM',
    'pm',
    '-07',
    '-0700',
    '-07:00',
    '-070000',
    '-07:00:00',
    'Z07',
    'Z0700',
    'Z07:00',
    'Z070000',
    'Z07:00:00',
    '.0',
    ',000',
    '.9',
    ',999',
  ];
  for (const element of all) t.strictSame(elements(element), ['', element, '', null], element);
});

t.test('what only looks like an element is text', async (t) => {
  for (const text of [
    'janx',
    'Month',
    'Janet',
    'Mona',
    '0',
    '00',
    '.',
    '.x',
    'P',
    'Pm',
    'Z',
    'Z0',
    '-0',
    '_',
    '__',
  ])
    t.strictSame(elements(text), [text, null], text);
  t.strictSame(elements('_2006'), ['_', '2006', '', null]);
  t.strictSame(elements('.001'), ['.0', '01', '', null], 'digits after zeros make it no fraction');
  t.strictSame(elements('-7'), ['-7', null]);
});

t.test('a fraction has so many digits', async (t) => {
  t.ok(isFraction('.00') && isFraction(',9'));
  t.notOk(isFraction('05') || isFraction(null) || isFraction(undefined));
  t.equal(fractionDigits('.000'), 3);
  t.equal(fractionDigits(`.${'0'.repeat(4_097)}`), 1, 'twelve bits of them');
});

t.test("OPA's names stand for layouts of Go", async (t) => {
  t.equal(layoutOf('RFC1123'), 'Mon, 02 Jan 2006 15:04:05 MST');
  t.equal(layoutOf('2006'), '2006');
  t.equal(layoutOf('constructor'), 'constructor');
});

t.test('months and weekdays are all there', async (t) => {
  t.equal(MONTHS.length, 12);
  t.equal(WEEKDAYS[0], 'Sunday');
  t.equal(WEEKDAYS.length, 7);
});

t.test('long layouts take no longer than they are', async (t) => {
  for (const piece of ['.', '0', '_', '.0', 'Jan', 'Z07', '-07:00:0', '_2006']) {
    const start = performance.now();
    chunksOf(piece.repeat(100_000));
    chunksOf(`.${'0'.repeat(100_000)}1`);
    t.ok(performance.now() - start < 1_000, piece);
  }
});
