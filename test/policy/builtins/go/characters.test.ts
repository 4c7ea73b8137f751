import t from 'tap';
import {
  isDigit,
  isLetter,
  isPrintable,
  UNPRINTABLE,
} from '../../../../src/policy/builtins/go/characters.ts';

t.test('characters are in the classes that Go has them in', async (t) => {
  for (const [character, printable, letter, digit] of [
    ['a', true, true, false],
    ['é', true, true, false],
    ['日', true, true, false],
    ['٣', true, false, true],
    ['²', true, false, false],
    [' ', true, false, false],
    ['\u00a0', false, false, false],
    ['\u200b', false, false, false],
    ['\n', false, false, false],
    ['😀', true, false, false],
    ['\ufffd', true, false, false],
    ['\udc80', false, false, false],
  ] as const)
    t.strictSame(
      [isPrintable(character), isLetter(character), isDigit(character)],
      [printable, letter, digit],
    );
});

t.test('what Unicode has got since 15.0 is nothing to Go', async (t) => {
  // A letter of Unicode 16 and one of 17, a digit of 16, faces of 16 and 17.
  for (const newer of ['\u{1c89}', '\u{16ea0}', '\u{10d40}', '\u{1fae9}', '\u{1faea}'])
    t.strictSame([isPrintable(newer), isLetter(newer), isDigit(newer)], [false, false, false]);
  t.ok(isPrintable('\u{1fae8}'), 'a face of Unicode 15.0');
});

t.test('there are as many as Go 1.26 counts', async (t) => {
  let [printable, unprintable] = ['', ''];
  const counts = { printable: 0, letters: 0, digits: 0 };
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    if (isPrintable(character)) {
      counts.printable++;
      printable += character;
    } else unprintable += character;
    if (isLetter(character)) counts.letters++;
    if (isDigit(character)) counts.digits++;
  }
  t.ok(unprintable.replaceAll(UNPRINTABLE, '') === '');
  t.ok(printable.replaceAll(UNPRINTABLE, '') === printable);
  t.strictSame(counts, { printable: 148_998, letters: 136_104, digits: 680 });
});
