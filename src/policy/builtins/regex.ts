/** `regex.find_n`, `regex.replace`, `regex.split` and `regex.template_match`: Go's `regexp`. The others are in the module. */
import type { Matcher } from 're2js';
import type { Value } from '../value.ts';
import { BuiltinError, type Family, LimitError, operand } from './builtin.ts';
import { int64Operand } from './go/integer.ts';
import { allMatches, compilePattern, hasMatch } from './regex/pattern.ts';
import { parseReplacement } from './regex/replacement.ts';
import { compileTemplate } from './regex/template.ts';

/** UTF-16 units of a text that replacements make; Go's bound is the memory. More ends the evaluation. */
const LONGEST = 1 << 27;
/** Texts between matches, and of replacements, empty ones too. */
const MOST_PIECES = 5_000_000;

export const regex: Family = {
  'regex.find_n': ([pattern, text, count]) =>
    find(operand(1, pattern, 'string'), operand(2, text, 'string'), Number(int64Operand(3, count))),
  'regex.split': ([pattern, text]) => split(operand(1, pattern, 'string'), operand(2, text, 'string')),
  'regex.replace': ([text, pattern, replacement]) =>
    replace(operand(1, text, 'string'), operand(2, pattern, 'string'), operand(3, replacement, 'string')),
  'regex.template_match': ([template, text, open, close]) =>
    matchTemplate(
      operand(1, template, 'string'),
      operand(2, text, 'string'),
      operand(3, open, 'string'),
      operand(4, close, 'string'),
    ),
};

/** All where the count is negative. */
function find(source: string, text: string, count: number): readonly Value[] {
  const matches = allMatches(compilePattern(source), text, count < 0 ? Infinity : count);
  return Array.from(matches, (match) => text.slice(match.start(), match.end()));
}

function split(source: string, text: string): readonly Value[] {
  const pattern = compilePattern(source);
  if (source !== '' && text === '') return [''];
  const parts: string[] = [];
  let [from, to] = [0, 0];
  for (const match of allMatches(pattern, text)) {
    to = match.start();
    // An empty match at the beginning splits nothing.
    if (match.end() !== 0) parts.push(text.slice(from, to));
    from = match.end();
  }
  if (to !== text.length) parts.push(text.slice(from));
  return parts;
}

function replace(text: string, source: string, replacement: string): string {
  const pattern = compilePattern(source);
  const pieces = parseReplacement(replacement, pattern.names);
  const made: string[] = [];
  let [length, count, from] = [0, 0, 0];
  const add = (piece: string): void => {
    length += piece.length;
    if (length > LONGEST) throw new LimitError(`regex.replace: the text would be longer than ${LONGEST}`);
    if (++count > MOST_PIECES)
      throw new LimitError(`regex.replace: the replacements have more than ${MOST_PIECES} pieces`);
    if (piece !== '') made.push(piece);
  };
  for (const match of allMatches(pattern, text)) {
    add(text.slice(from, match.start()));
    for (const piece of pieces) add(typeof piece === 'string' ? piece : textOfGroup(match, piece));
    from = match.end();
  }
  add(text.slice(from));
  return made.join('');
}

/** Of the first group that matched. */
function textOfGroup(match: Matcher, numbers: readonly number[]): string {
  const number = numbers.find((at) => at <= match.groupCount() && match.start(at) >= 0);
  return number === undefined ? '' : (match.group(number) as string);
}

function matchTemplate(template: string, text: string, open: string, close: string): boolean {
  checkDelimiter('start', open);
  checkDelimiter('end', close);
  return hasMatch(compileTemplate(template, open, close), text);
}

function checkDelimiter(name: string, delimiter: string): void {
  const length = Buffer.byteLength(delimiter);
  if (length !== 1)
    throw new BuiltinError(`${name} delimiter has to be exactly one character long but is ${length} long`);
}
