import t from 'tap';
import { type Fields, takingOf } from '../../../../src/policy/builtins/time/elements.ts';

const NOTHING: Fields = {
  year: 0,
  month: null,
  day: null,
  yearDay: null,
  hour: 0,
  minute: 0,
  second: 0,
  nanoseconds: 0,
  morning: false,
  afternoon: false,
  utc: false,
  offset: null,
  zone: '',
  beyond: null,
};

/** What an element takes, and what it leaves. */
function take(element: string, text: string, next: string | null = null): [Partial<Fields>, string | null] {
  const fields = { ...NOTHING };
  const rest = takingOf(element)(text, fields, element, next);
  const changed = Object.entries(fields).filter(([name, value]) => value !== NOTHING[name as keyof Fields]);
  return [Object.fromEntries(changed), rest];
}

t.test('numbers are taken as their elements have digits', async (t) => {
  t.strictSame(take('2006', '20245'), [{ year: 2_024 }, '5']);
  t.strictSame(take('1', '12x'), [{ month: 12 }, 'x']);
  t.strictSame(take('1', '3x'), [{ month: 3 }, 'x']);
  t.strictSame(take('01', '03'), [{ month: 3 }, '']);
  t.strictSame(take('2', '312'), [{ day: 31 }, '2']);
  t.strictSame(take('_2', ' 3'), [{ day: 3 }, '']);
  t.strictSame(take('_2', '31'), [{ day: 31 }, '']);
  t.strictSame(take('02', '99'), [{ day: 99 }, ''], 'the month is known in the end');
  t.strictSame(take('__2', '  7'), [{ yearDay: 7 }, '']);
  t.strictSame(take('__2', ' 77'), [{ yearDay: 77 }, '']);
  t.strictSame(take('002', '0077'), [{ yearDay: 7 }, '7']);
  t.strictSame(take('15', '7:'), [{ hour: 7 }, ':']);
  t.strictSame(take('3', '12PM'), [{ hour: 12 }, 'PM']);
  t.strictSame(take('04', '59'), [{ minute: 59 }, '']);
  for (const [element, text] of [
    ['2006', '202'],
    ['2006', '+202'],
    ['01', '3'],
    ['02', ' 3'],
    ['_2', '  3'],
    ['002', '77'],
    ['15', ''],
    ['4', 'x'],
  ] as const)
    t.strictSame(take(element, text), [{}, null], `${element} of ${text}`);
});

t.test('what is out of range is said', async (t) => {
  const cases = [
    ['1', '0', 'month'],
    ['01', '13', 'month'],
    ['15', '24', 'hour'],
    ['03', '13', 'hour'],
    ['4', '60', 'minute'],
    ['05', '60', 'second'],
    ['-07', '+25', 'time zone offset hour'],
    ['-0700', '+0161', 'time zone offset minute'],
    ['-070000', '+010061', 'time zone offset second'],
    ['.00', '.-5', 'fractional second'],
  ] as const;
  for (const [element, text, beyond] of cases)
    t.equal(take(element, text)[0].beyond, beyond, `${element} of ${text}`);
});

t.test('two digits of a year are of this century or the last', async (t) => {
  t.strictSame(take('06', '68'), [{ year: 2_068 }, '']);
  t.strictSame(take('06', '690'), [{ year: 1_969 }, '0']);
  t.strictSame(take('06', '-5'), [{ year: 1_995 }, ''], 'Go takes a sign');
  t.strictSame(take('06', '5'), [{}, null]);
});

t.test('names are taken in any case', async (t) => {
  t.strictSame(take('January', 'DECEMBERx'), [{ month: 12 }, 'x']);
  t.strictSame(take('Jan', 'mayo'), [{ month: 5 }, 'o']);
  t.strictSame(take('Monday', 'sunDAY!'), [{}, '!']);
  t.strictSame(take('Mon', 'Tuesday'), [{}, 'sday']);
  t.strictSame(take('January', 'Jan'), [{}, null]);
  t.strictSame(take('Mon', 'Mo'), [{}, null]);
});

t.test('halves of the day are capitals or not, as in the layout', async (t) => {
  t.strictSame(take('PM', 'AM'), [{ morning: true }, '']);
  t.strictSame(take('PM', 'PM.'), [{ afternoon: true }, '.']);
  t.strictSame(take('pm', 'am'), [{ morning: true }, '']);
  t.strictSame(take('pm', 'PM'), [{}, null]);
});

t.test('a fraction is taken after the second, whether the layout has one or not', async (t) => {
  t.strictSame(take('05', '07.25Z'), [{ second: 7, nanoseconds: 250_000_000 }, 'Z']);
  t.strictSame(take('5', '7,1234567899'), [{ second: 7, nanoseconds: 123_456_789 }, '']);
  t.strictSame(take('05', '07.Z'), [{ second: 7 }, '.Z']);
  t.strictSame(take('05', '07.25', '.00'), [{ second: 7 }, '.25'], 'the next element takes it');
});

t.test('zeros of a fraction are as many bytes, nines as many as there are', async (t) => {
  t.strictSame(take('.00', '.257'), [{ nanoseconds: 250_000_000 }, '7']);
  t.strictSame(take(',000', '.001'), [{ nanoseconds: 1_000_000 }, '']);
  t.strictSame(take('.00', '.+5'), [{ nanoseconds: 50_000_000 }, ''], 'Go takes a sign');
  t.strictSame(
    take(`.${'0'.repeat(11)}`, '.123456789xx!'),
    [{ nanoseconds: 123_456_789 }, '!'],
    'Go looks at nine',
  );
  for (const text of ['.2', '25', '.2x', '']) t.strictSame(take('.00', text), [{}, null], text);
  t.strictSame(take('.9', '.257x'), [{ nanoseconds: 257_000_000 }, 'x']);
  t.strictSame(take('.9', 'x'), [{}, 'x']);
});

t.test('offsets have the form of the layout', async (t) => {
  t.strictSame(take('-07:00', '+05:30x'), [{ offset: 19_800 }, 'x']);
  t.strictSame(take('Z07:00', 'Zx'), [{ utc: true }, 'x']);
  t.strictSame(take('Z0700', '-0330'), [{ offset: -12_600 }, '']);
  t.strictSame(take('-07', '+0100'), [{ offset: 3_600 }, '00']);
  t.strictSame(take('-07:00:00', '+24:60:60'), [{ offset: 90_060 }, '']);
  t.strictSame(take('Z070000', '-000002'), [{ offset: -2 }, '']);
  t.strictSame(take('-070000', '-000001'), [{}, ''], 'Go does not see it');
  for (const text of ['Z', '+1', '0100', '+01:00', 'x0100', '+0x00'])
    t.strictSame(take('-0700', text), [{}, null], text);
});

t.test('abbreviations are known by their capitals', async (t) => {
  t.strictSame(take('MST', 'UTCx'), [{ utc: true }, 'x']);
  for (const zone of ['CET', 'CEST', 'AKDST', 'ChST', 'MeST', 'WITA', 'GMT', 'GMT+3', 'GMT-12', '+03', '-07'])
    t.strictSame(take('MST', `${zone} x`), [{ zone }, ' x'], zone);
  t.strictSame(take('MST', 'GMT+24'), [{ zone: 'GMT' }, '+24']);
  for (const text of ['', 'CE', 'cet', 'ABCD', 'ABCDE', 'ABCDEF', '+24', '+x1'])
    t.strictSame(take('MST', text), [{}, null], text);
});
