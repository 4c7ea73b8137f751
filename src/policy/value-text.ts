/**
 * Values as text: what a module's `opa_value_dump` writes and its `opa_value_parse` reads, which is JSON with sets (`{1, 2}`, `set()`)
 * and with keys of any kind. JSON is a part of it.
 */
import { RegoNumber } from './number.ts';
import { type Entry, RegoObject, RegoSet, type Value } from './value.ts';

const SPACE = /[ \t\r\n]*/y;
/** JSON's numbers, and those of Rego that a module keeps as they were written: `.5`. */
const NUMBER = /-?(?:(?:0|[1-9]\d*)(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y;
/** A string without escapes; another is left to JSON.parse. */
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
/** A stack of a thread's size takes some thousands more. */
const DEEPEST = 2_000;
/** In JSON a key's own JSON is escaped once more for each key that it is in. */
const DEEPEST_KEYS = 8;

/**
 * The value of a text. Commas after the last member are taken, as Rego takes them. Throws SyntaxError with the position, for text
 * that is no value and for what is nested deeper than 2,000.
 */
export function parseValue(text: string): Value {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Value {
    if (depth > DEEPEST) this.#fail(`it is nested deeper than ${DEEPEST}`);
    this.#match(SPACE);
    switch (this.#text[this.#at] ?? '') {
      case '"':
        return this.#string();
      case '[':
        this.#at++;
        return this.#members(']', depth);
      case '{':
        this.#at++;
        return this.#objectOrSet(depth);
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      case 's':
        this.#word('set(', null);
        this.#expect(')');
        return new RegoSet([]);
      default:
        return new RegoNumber(
          this.#match(NUMBER).replace(/^(-?)\./, '$10.') || this.#fail('a value was expected'),
        );
    }
  }

  end(): void {
    this.#match(SPACE);
    if (this.#at < this.#text.length) this.#fail('the end was expected');
  }

  #string(): string {
    const literal = this.#match(STRING) || this.#fail('a string was expected');
    return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);
  }

  #objectOrSet(depth: number): Value {
    if (this.#take('}')) return new RegoObject([]);
    const first = this.value(depth + 1);
    if (!this.#take(':')) {
      const more = this.#take(',') ? this.#members('}', depth) : (this.#expect('}'), []);
      return new RegoSet([first, ...more]);
    }
    const entries: Entry[] = [[first, this.value(depth + 1)]];
    while (!this.#take('}')) {
      this.#expect(',');
      if (this.#take('}')) break;
      const key = this.value(depth + 1);
      this.#expect(':');
      entries.push([key, this.value(depth + 1)]);
    }
    return new RegoObject(entries);
  }

  #members(close: string, depth: number): Value[] {
    const members: Value[] = [];
    while (!this.#take(close)) {
      if (members.length > 0) {
        this.#expect(',');
        if (this.#take(close)) break;
      }
      members.push(this.value(depth + 1));
    }
    return members;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail('a value was expected');
    this.#at += word.length;
    return value;
  }

  #take(character: string): boolean {
    this.#match(SPACE);
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) this.#fail(`${character} was expected`);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #fail(reason: string): never {
    throw new SyntaxError(`${reason} at character ${this.#at}`);
  }
}

/** The text that `opa_value_parse` reads, and `parseValue`. */
export function writeValue(value: Value): string {
  if (value instanceof RegoNumber) return value.text;
  if (value instanceof RegoSet)
    return value.size === 0 ? 'set()' : `{${value.members.map(writeValue).join(', ')}}`;
  if (value instanceof RegoObject)
    return `{${value.entries.map(([key, member]) => `${writeValue(key)}: ${writeValue(member)}`).join(', ')}}`;
  return Array.isArray(value) ? `[${value.map(writeValue).join(', ')}]` : JSON.stringify(value);
}

/**
 * JSON, as OPA makes it of a value (`ast.JSON`): sets are arrays in order, and a key that is no string is its own JSON in a string.
 * Throws RangeError for more than 8 such keys in each other.
 */
export const writeJson = (value: Value): string => json(value, 0);

/** `around`: keys that this value is in. */
function json(value: Value, around: number): string {
  const written = (member: Value): string => json(member, around);
  if (value instanceof RegoNumber) return value.text;
  if (value instanceof RegoSet) return `[${value.members.map(written).join(',')}]`;
  if (value instanceof RegoObject)
    return `{${value.entries.map(([key, member]) => `${JSON.stringify(keyName(key, around))}:${written(member)}`).join(',')}}`;
  return Array.isArray(value) ? `[${value.map(written).join(',')}]` : JSON.stringify(value);
}

function keyName(key: Value, around = 0): string {
  if (typeof key === 'string') return key;
  if (around >= DEEPEST_KEYS)
    throw new RangeError(`a value with keys within keys deeper than ${DEEPEST_KEYS} is no JSON`);
  return json(key, around + 1);
}

/** As JSON.parse makes it of `writeJson`: numbers are doubles, a member `__proto__` is one like others. Throws RangeError as that does. */
export function toPlain(value: Value): unknown {
  if (value instanceof RegoNumber) return value.toNumber();
  if (value instanceof RegoSet) return value.members.map(toPlain);
  if (value instanceof RegoObject)
    return Object.fromEntries(value.entries.map(([key, member]) => [keyName(key), toPlain(member)]));
  return Array.isArray(value) ? value.map(toPlain) : value;
}

/** The value of what JSON.stringify would take, which leaves out what is undefined; bigints are numbers. Throws TypeError. */
export function fromPlain(plain: unknown): Value {
  if (plain === null || typeof plain === 'boolean' || typeof plain === 'string') return plain;
  if (typeof plain === 'number' || typeof plain === 'bigint') return RegoNumber.of(plain);
  if (Array.isArray(plain)) return plain.map((member) => (member === undefined ? null : fromPlain(member)));
  if (typeof plain !== 'object') throw new TypeError(`no value of Rego: ${typeof plain}`);
  const members = Object.entries(plain).filter(([, member]) => member !== undefined);
  return new RegoObject(members.map(([key, member]) => [key, fromPlain(member)] as const));
}
