import * as fc from 'fast-check';
import t from 'tap';
import { unescaped } from '../../src/http/unescaped.ts';

t.test('escapes and pluses are bytes, a bad escape is literal', async (t) => {
  for (const [written, expected] of [
    ['', ''],
    ['a+b', 'a b'],
    ['%41%6a%6A%2b%25', 'Ajj+%'],
    ['%2541', '%41'],
    ['%', '%'],
    ['%4', '%4'],
    ['%4g%g4%%41', '%4g%g4%A'],
    ['%00%ff', '\0\xff'],
    ['\x80%e9', '\x80\xe9'],
    ['%:0%0:%@0%`0%/0', '%:0%0:%@0%`0%/0'],
  ] as const)
    t.equal(unescaped(written, 'latin1').toString('latin1'), expected, written);
  t.equal(unescaped('é%2b€', 'utf8').toString(), 'é+€');
});

t.test('any form is decoded as URLSearchParams does it', async () => {
  const written = fc.oneof(
    fc.stringMatching(/^[a-f%+0-9A-Fé]{0,20}$/),
    fc.string({ unit: 'binary' }).map((text) => text.toWellFormed().replace(/[&=]/g, '')),
  );
  // Node takes characters that are not ASCII for bytes beside an escape.
  const ascii = (text: string): string => text.replace(/[^\0-\x7f]+/g, encodeURIComponent);
  fc.assert(
    fc.property(
      written,
      (text) =>
        unescaped(text, 'utf8').toString() === ([...new URLSearchParams(`?${ascii(text)}=`).keys()][0] ?? ''),
    ),
    { numRuns: 1_000 },
  );
});
