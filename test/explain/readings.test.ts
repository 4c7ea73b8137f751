import * as fc from 'fast-check';
import t from 'tap';
import { readings } from '../../src/explain/readings.ts';

const all = (text: string): string[] => readings(text).map(({ reading }) => reading);

t.test(
  'a text is read as it is, and decoded as URLs and JSON write it, up to three times over',
  async (t) => {
    t.strictSame(all('plain'), ['plain']);
    t.strictSame(all('a%41'), ['a%41', 'aA']);
    t.strictSame(all('a\\u0041\\n'), ['a\\u0041\\n', 'aAn']);
    t.ok(all('%252541').includes('A'));
    t.notOk(all('%25252541').includes('A'), 'and no further');
    t.ok(all('%5Cu0041').includes('A'), 'one in the other');
  },
);

t.test('each place of a reading leads to where its character is written', async (t) => {
  const [, decoded] = readings('x%41y%42');
  t.equal(decoded?.reading, 'xAyB');
  t.strictSame(
    [0, 1, 2, 3, 4].map((place) => decoded?.origin(place)),
    [0, 1, 4, 5, 8],
  );
});

t.test('the way back never leaves the text, nor turns around', async (t) => {
  const texts = fc.string({ unit: fc.constantFrom('%', '4', '1', '\\\\', 'u', '0', 'a'), maxLength: 20 });
  const held = fc.property(texts, (text) =>
    readings(text).every(({ reading, origin }) => {
      const places = Array.from({ length: reading.length + 1 }, (_, place) => origin(place));
      return places.every((place, i) => place <= text.length && place >= (places[i - 1] ?? 0));
    }),
  );
  t.doesNotThrow(() => fc.assert(held));
});
