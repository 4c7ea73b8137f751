/** The globs of `regex.globs_match`: characters, `.`, `[…]`, each with `+` or `*` after it or without. */
import { BuiltinError } from '../builtin.ts';

/** First and last code point. */
type Range = readonly [number, number];

/** One character of a text, or with a flag several: `+` is one or more, `*` any number. */
export type GlobToken = {
  readonly kind: 'character' | 'dot' | 'set';
  /** In ascending order, with gaps between them; null is any. */
  readonly ranges: readonly Range[] | null;
  readonly flag: '' | '+' | '*';
};

/** Whether a character matches both. Flags are ignored; `.` matches even an empty set. */
export function tokensMatch(a: GlobToken, b: GlobToken): boolean {
  if (a.ranges === null || b.ranges === null) return true;
  for (let i = 0, j = 0; i < a.ranges.length && j < b.ranges.length;) {
    const [x, y] = [a.ranges[i] as Range, b.ranges[j] as Range];
    if (x[0] <= y[1] && y[0] <= x[1]) return true;
    if (x[1] < y[1]) i++;
    else j++;
  }
  return false;
}

/** The glob's tokens; of equal neighbours with flags there is one left. Throws BuiltinError. */
export function parseGlob(glob: string): readonly GlobToken[] {
  const parser = new Parser(glob);
  const tokens: GlobToken[] = [];
  for (let token = parser.token(); token; token = parser.token()) {
    const last = tokens.at(-1);
    if (!last || last.flag === '' || token.flag === '' || !areEqual(last, token)) tokens.push(token);
    else if (token.flag === '+') tokens[tokens.length - 1] = token;
  }
  return tokens;
}

const areEqual = (a: GlobToken, b: GlobToken): boolean =>
  a.kind === b.kind && String(a.ranges) === String(b.ranges);

type Character = { readonly character: string; readonly isEscaped: boolean };

class Parser {
  readonly #glob: readonly string[];
  #at = 0;

  constructor(glob: string) {
    this.#glob = Array.from(glob);
  }

  /** Null at the end. */
  token(): GlobToken | null {
    const read = this.#read();
    if (read === null) return null;
    const special = read.isEscaped ? '' : read.character;
    if (special === ']') this.#fail("set-close ']' with no preceding '['");
    if (special === '+' || special === '*') this.#fail(`flag '${special}' must be preceded by a non-flag`);
    if (special === '.') return { kind: 'dot', ranges: null, flag: this.#flag() };
    if (special === '[') return { kind: 'set', ranges: this.#set(), flag: this.#flag() };
    const point = codePoint(read);
    return { kind: 'character', ranges: [[point, point]], flag: this.#flag() };
  }

  #flag(): GlobToken['flag'] {
    const character = this.#glob[this.#at];
    if (character !== '+' && character !== '*') return '';
    this.#at++;
    return character;
  }

  /** After `[`. A range's end is no range's beginning. */
  #set(): readonly Range[] {
    const ranges: Range[] = [];
    let previous: number | null = null;
    for (let read = this.#read(); read !== null; read = this.#read()) {
      const special = read.isEscaped ? '' : read.character;
      if (special === ']') return merged(ranges);
      if (special === '-') {
        ranges.push(this.#range(previous));
        previous = null;
      } else {
        previous = codePoint(read);
        ranges.push([previous, previous]);
      }
    }
    this.#fail('found [ without matching ]');
  }

  /** After `-`. */
  #range(first: number | null): Range {
    if (first === null) this.#fail("range character '-' must be preceded by a Unicode character");
    const read = this.#at < this.#glob.length - 1 ? this.#read() : null;
    if (read === null) this.#fail("range character '-' must be followed by a Unicode character");
    if (!read.isEscaped && (read.character === ']' || read.character === '-'))
      this.#fail("range character '-' cannot be followed by a special symbol");
    const last = codePoint(read);
    if (last < first) this.#fail('range is out of order');
    return [first, last];
  }

  #read(): Character | null {
    const character = this.#glob[this.#at++];
    if (character === undefined) return null;
    if (character !== '\\') return { character, isEscaped: false };
    const escaped = this.#glob[this.#at++] ?? this.#fail('input ends with a \\ (escape) character');
    return { character: escaped, isEscaped: true };
  }

  #fail(reason: string): never {
    throw new BuiltinError(`${reason}: the input provided is invalid`);
  }
}

const codePoint = ({ character }: Character): number => character.codePointAt(0) as number;

function merged(ranges: Range[]): readonly Range[] {
  const apart: [number, number][] = [];
  for (const [first, last] of ranges.toSorted(([a], [b]) => a - b)) {
    const before = apart.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else apart.push([first, last]);
  }
  return apart;
}
