/** How a string can be written in YAML, as go-yaml finds out (`encode.go`, and `yaml_emitter_analyze_scalar`). */
import { resolve } from './resolve.ts';

export type Traits = {
  readonly isMultiline: boolean;
  /** Without quotes, outside of flow collections. */
  readonly isPlainAllowed: boolean;
  readonly isSingleAllowed: boolean;
  readonly isLiteralAllowed: boolean;
};

/** What YAML 1.1 takes for booleans and for numbers to the base of 60. */
const OLD_BOOLEAN = /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const OLD_NUMBER = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** Whether it would be a string again, were it written without quotes. */
export const mayBePlain = (text: string): boolean =>
  resolve('', text).tag === '!!str' && !OLD_BOOLEAN.test(text) && !OLD_NUMBER.test(text);

export const isBreakCharacter = (character: string): boolean => /^[\r\n\u0085\u2028\u2029]$/.test(character);

/** What begins something else than a plain scalar; in the middle, `: ` and ` #` do. */
const INDICATOR = /^(?:[#,[\]{}&*!|>'"%@`]|[-?:](?:[ \t]|$)|---|\.\.\.)|:(?:[ \t]|$)| #/;
/** Besides tabs; to libyaml, characters beyond the BMP are none that can be printed. */
const SPECIAL = /[^\t\n -~\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const BREAK = '[\\n\\r\\u0085\\u2028\\u2029]';
const AT_AN_END = new RegExp(`^(?: |${BREAK})|(?: |${BREAK})$`);
const BREAK_SPACE = new RegExp(`${BREAK} `);
const SPACE_BREAK = new RegExp(` ${BREAK}`);

export function analyse(text: string): Traits {
  const isMultiline = /[\n\r\u0085\u2028\u2029]/.test(text);
  const hidesSpace = SPACE_BREAK.test(text) || SPECIAL.test(text);
  const isSingleAllowed = !hidesSpace && !BREAK_SPACE.test(text) && !text.includes('\t');
  return {
    isMultiline,
    isPlainAllowed: isSingleAllowed && !isMultiline && !AT_AN_END.test(text) && !INDICATOR.test(text),
    isSingleAllowed,
    isLiteralAllowed: text !== '' && !hidesSpace && !text.endsWith(' '),
  };
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\0', '0'],
  ['\u0007', 'a'],
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\v', 'v'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['\u001b', 'e'],
  ['"', '"'],
  ['\\', '\\'],
  ['\u0085', 'N'],
  ['\u00a0', '_'],
  ['\u2028', 'L'],
  ['\u2029', 'P'],
]);

/** What stands between double quotes. */
export function escaped(text: string): string {
  // libyaml looks for a byte order mark at the beginning, whichever character it is at.
  const all = text.startsWith('\ufeff');
  return text.replaceAll(
    all ? /[^]/gu : /["\\\u2028\u2029]|[^ -~\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu,
    (character) => `\\${ESCAPES.get(character) ?? hexadecimal(character.codePointAt(0) as number)}`,
  );
}

function hexadecimal(code: number): string {
  const digits = code.toString(16).toUpperCase();
  if (code <= 0xff) return `x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `u${digits.padStart(4, '0')}` : `U${digits.padStart(8, '0')}`;
}
