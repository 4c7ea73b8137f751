/**
 * Regular expressions of Go's `regexp`: RE2's syntax, leftmost-first, in time linear to the text. re2js is a port of Go's
 * package.
 */
import { LRUCache } from 'lru-cache';
import { type Matcher, RE2JS, RE2JSException } from 're2js';
import { BuiltinError, LimitError } from '../builtin.ts';
import { translateSyntax } from './syntax.ts';

/** A compiled pattern, and its groups' numbers by their names: in Go several groups may have one name. */
export type Pattern = {
  readonly re: RE2JS;
  readonly names: ReadonlyMap<string, readonly number[]>;
  /** How often the last search read a character. */
  readonly read: () => number;
};

/** What OPA keeps too. */
const KEPT = new LRUCache<string, Pattern>({ max: 100 });
/** Instructions of a pattern that is kept; re2js's limit is 1.4 million, which takes some 100 MB. */
const LARGEST_KEPT = 5_000;
/** Instructions for characters: for a text that is read once, and for what is read again for all the matches of one call. */
const MOST_ONCE = 500_000_000;
const MOST_AGAIN = 50_000_000;

/** Characters of a pattern. */
const LONGEST_PATTERN = 1 << 16;

/**
 * Throws BuiltinError for what is no pattern, with Go's words; LimitError for one of more than 65,536 characters or 1.4 million
 * instructions.
 */
export function compilePattern(source: string): Pattern {
  const kept = KEPT.get(source);
  if (kept) return kept;
  if (source.length > LONGEST_PATTERN)
    throw new LimitError(`a regular expression is longer than ${LONGEST_PATTERN} characters`);
  const pattern = compile(source);
  if (pattern.re.programSize() <= LARGEST_KEPT) KEPT.set(source, pattern);
  return pattern;
}

function compile(source: string): Pattern {
  const translated = translateSyntax(source);
  const re = compileTranslated(translated.source);
  // It looks for the pattern's literals through all of the rest of the text before each match, so that matches would cost their
  // square.
  re.re2().prefilter = null;
  const names = new Map<string, number[]>();
  const numbers = re.namedGroups();
  for (const [at, name] of translated.names.entries()) {
    const known = names.get(name);
    const number = numbers[`g${at + 1}`] as number;
    if (known) known.push(number);
    else names.set(name, [number]);
  }
  return { re, names, read: counted(re) };
}

/** What re2js reads a text by. */
type Input = { step: (at: number) => number };

/** Has the reads of each search counted: a search may read much more than the match that it finds. */
function counted(re: RE2JS): () => number {
  let count = 0;
  const re2 = re.re2();
  const search = re2.executeEngine.bind(re2) as (input: Input, ...others: readonly unknown[]) => unknown;
  re2.executeEngine = (input: Input, ...others: readonly unknown[]): unknown => {
    const step = input.step.bind(input);
    count = 0;
    input.step = (at) => {
      count++;
      return step(at);
    };
    return search(input, ...others);
  };
  return () => count;
}

function compileTranslated(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    // Go's limit is more than twice as large as that of re2js.
    if (error.message.includes('expression too large')) throw new LimitError(error.message);
    throw new BuiltinError(error.message);
  }
}

/** What it costs at most to look for the pattern's first match: instructions for characters. */
export const searchCost = ({ re }: Pattern, text: string): number => re.programSize() * (text.length + 1);

/** Whether the pattern matches in the text. Throws LimitError for a large pattern in a long text. */
export function hasMatch(pattern: Pattern, text: string): boolean {
  checkCost(pattern, text);
  return pattern.re.matcher(text).find();
}

function checkCost(pattern: Pattern, text: string): void {
  if (searchCost(pattern, text) > MOST_ONCE)
    throw new LimitError('a regular expression is too large for so long a text');
}

/**
 * The matches that Go's `FindAll` gives, `most` of them or all: each begins where the one before ended or later, and an empty
 * one not where one ended. The matcher stands at the match; it has its places, in UTF-16 units. Throws LimitError for a large
 * pattern in a long text, and where the search for each match reads too much again of what the one before has read.
 */
export function* allMatches(pattern: Pattern, text: string, most = Infinity): Generator<Matcher> {
  checkCost(pattern, text);
  const { re, read } = pattern;
  // Small ones re2js tries by each instruction, others by all of them at once.
  const size = re.programSize();
  const isSmall = size <= 500 && size * text.length <= 1 << 18;
  const matcher = re.matcher(text);
  let spent = 0;
  let [at, before] = [0, -1];
  for (let count = 0; count < most && at <= text.length && matcher.find(at);) {
    const [start, end] = [matcher.start(), matcher.end()];
    spent += isSmall ? 2 * read() : Math.max(0, read() - (end - at) - 2) * size;
    if (spent > MOST_AGAIN) throw new LimitError('a regular expression reads too much of the text again');
    const isEmptyHere = end === at;
    at = isEmptyHere ? at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) : end;
    const isAccepted = !isEmptyHere || start !== before;
    before = end;
    if (!isAccepted) continue;
    count++;
    yield matcher;
  }
}
