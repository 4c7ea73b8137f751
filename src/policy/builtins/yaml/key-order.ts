/** The order of a mapping's keys where go-yaml writes it (`sorter.go`): numbers within the keys count as numbers. */
import { isDigit as isUnicodeDigit, isLetter as isUnicodeLetter } from '../go/characters.ts';

/** Negative, 0 or positive. */
export function compareKeys(a: string, b: string): number {
  const at = firstDifference(a, b);
  const [x, y] = [characterAt(a, at), characterAt(b, at)];
  if (x === '' || y === '') return a.length - b.length;
  if (isLetter(x) !== isLetter(y)) return isLetter(x) === isDigit(characterBefore(a, at)) ? -1 : 1;
  if (isLetter(x)) return codeOf(x) - codeOf(y);
  // A zero behind other digits is one of the number that they began.
  const start = (x === '0' || y === '0') && followsDigit(a, at) ? 1n : 0n;
  const [m, n] = [numberFrom(a, at, start), numberFrom(b, at, start)];
  if (m.value !== n.value) return m.value < n.value ? -1 : 1;
  return m.digits - n.digits || codeOf(x) - codeOf(y);
}

/** In UTF-16 units, at the beginning of a character. */
function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at > 0 && /[\ud800-\udbff]/.test(a.charAt(at - 1)) ? at - 1 : at;
}

const codeOf = (character: string): number => character.codePointAt(0) as number;

/** `''` behind the end. */
const characterAt = (text: string, at: number): string =>
  at < text.length ? String.fromCodePoint(text.codePointAt(at) as number) : '';

/** `''` at the beginning. */
function characterBefore(text: string, at: number): string {
  const isPair = at > 1 && /[\udc00-\udfff]/.test(text.charAt(at - 1));
  return text.slice(Math.max(at - (isPair ? 2 : 1), 0), at);
}

const isLetter = (character: string): boolean =>
  /^[A-Za-z]$/.test(character) || (character > '\u007f' && isUnicodeLetter(character));
const isDigit = (character: string): boolean =>
  /^[0-9]$/.test(character) || (character > '\u007f' && isUnicodeDigit(character));

/** Whether there is a digit that is not 0 in the run of digits before this place. */
function followsDigit(text: string, at: number): boolean {
  for (let before = characterBefore(text, at); isDigit(before); before = characterBefore(text, at)) {
    if (before !== '0') return true;
    at -= before.length;
  }
  return false;
}

/** The number that goes on here, and how many digits of it there are; Go counts it in 64 bits, which overflow. */
function numberFrom(
  text: string,
  at: number,
  start: bigint,
): { readonly value: bigint; readonly digits: number } {
  let [value, digits] = [start, 0];
  for (let next = characterAt(text, at); isDigit(next); next = characterAt(text, at)) {
    value = BigInt.asIntN(64, value * 10n + BigInt(codeOf(next)) - 48n);
    digits++;
    at += next.length;
  }
  return { value, digits };
}
