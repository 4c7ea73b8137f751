/** Data as YAML, as go-yaml writes it (`encode.go`, `emitterc.go`) with an indentation of two and lines of any length. */
import { formatFloat } from '../go/float.ts';
import { type Decoded, type DecodedMapping, isSequence } from './decode.ts';
import { compareKeys } from './key-order.ts';
import type { Resolved } from './resolve.ts';
import { analyse, escaped, isBreakCharacter, mayBePlain, type Traits } from './scalar-traits.ts';

/** Bytes of a key that is written without `?`. */
const LONGEST_KEY = 128;

/** The document, with a line break at its end. Objects' keys are in go-yaml's order. */
export function emit(document: Decoded): string {
  const emitter = new Emitter();
  emitter.node(document, -2);
  return emitter.end();
}

class Emitter {
  readonly #pieces: string[] = [];
  #column = 0;
  /** Whether what was written last is blank. */
  #isSpaced = true;
  /** Whether there is nothing but indentation and indicators in this line. */
  #isIndented = true;

  end(): string {
    this.#indent(0);
    return this.#pieces.join('');
  }

  /** `indent` is that of what the node is in; -2 is outside of all. */
  node(node: Decoded, indent: number): void {
    if (isMapping(node)) this.#mapping(node, indent + 2);
    else if (isSequence(node)) this.#sequence(node, indent + 2);
    else this.#scalar(node, Math.max(indent + 2, 2));
  }

  #sequence(members: readonly Decoded[], indent: number): void {
    if (members.length === 0) return this.#empty('[', ']');
    for (const member of members) {
      this.#indent(indent);
      this.#indicator('-', { isIndentation: true });
      this.node(member, indent);
    }
  }

  #mapping({ entries }: DecodedMapping, indent: number): void {
    if (entries.size === 0) return this.#empty('{', '}');
    const sorted = Array.from(entries.values(), ([key, value]) => [String(key), value] as const).toSorted(
      ([a], [b]) => compareKeys(a, b),
    );
    for (const [key, value] of sorted) {
      this.#indent(indent);
      const isSimple = !analyse(key).isMultiline && Buffer.byteLength(key) <= LONGEST_KEY;
      if (!isSimple) this.#indicator('?', { isIndentation: true });
      this.#scalar(key, indent + 2);
      if (isSimple) this.#indicator(':', { isClose: true });
      else {
        this.#indent(indent);
        this.#indicator(':', { isIndentation: true });
      }
      this.node(value, indent);
    }
  }

  #empty(open: string, close: string): void {
    this.#indicator(open);
    this.#indicator(close, { isClose: true });
  }

  #scalar(value: Resolved, indent: number): void {
    if (typeof value === 'number') return this.#plain(formatFloat(value, 'g', -1));
    if (typeof value !== 'string') return this.#plain(String(value));
    const style = styleOf(value, analyse(value));
    if (style === 'plain') this.#plain(value);
    else if (style === 'single') this.#single(value, indent);
    else if (style === 'double') this.#quoted('"', escaped(value));
    else this.#literal(value, indent);
  }

  #plain(text: string): void {
    if (!this.#isSpaced) this.#put(' ');
    this.#put(text);
    this.#isSpaced = false;
    this.#isIndented = false;
  }

  #quoted(quote: string, text: string): void {
    this.#indicator(quote);
    this.#put(text);
    this.#indicator(quote, { isClose: true });
  }

  /** Of line breaks there can only be U+2028 and U+2029, which are left as they are. */
  #single(text: string, indent: number): void {
    this.#quoted(
      "'",
      text
        .replaceAll("'", "''")
        .replaceAll(/([\u2028\u2029]+)(?=[^\u2028\u2029])/g, `$1${' '.repeat(indent)}`),
    );
  }

  #literal(text: string, indent: number): void {
    const characters = Array.from(text);
    const [last, before] = [characters.at(-1) as string, characters.at(-2)];
    const hint = characters[0] === ' ' || isBreakCharacter(characters[0] as string) ? '2' : '';
    const keepsMore = before === undefined || isBreakCharacter(before);
    const chomping = isBreakCharacter(last) ? (keepsMore ? '+' : '') : '-';
    this.#indicator(`|${hint}${chomping}`);
    const padding = ' '.repeat(indent);
    this.#break();
    this.#put(text.replaceAll(/[^\n\u2028\u2029]+/g, `${padding}$&`));
    this.#isSpaced = true;
    this.#isIndented = isBreakCharacter(last);
    if (this.#isIndented) this.#column = 0;
  }

  #indicator(
    text: string,
    {
      isClose = false,
      isIndentation = false,
    }: { readonly isClose?: boolean; readonly isIndentation?: boolean } = {},
  ): void {
    if (!isClose && !this.#isSpaced) this.#put(' ');
    this.#put(text);
    this.#isSpaced = text === '[' || text === '{';
    this.#isIndented &&= isIndentation;
  }

  /** Goes to a column, in this line or the next. */
  #indent(indent: number): void {
    if (!this.#isIndented || this.#column > indent || (this.#column === indent && !this.#isSpaced))
      this.#break();
    this.#put(' '.repeat(indent - this.#column));
    this.#isSpaced = true;
  }

  #break(): void {
    this.#pieces.push('\n');
    this.#column = 0;
    this.#isIndented = true;
  }

  #put(text: string): void {
    this.#pieces.push(text);
    this.#column += text.length;
  }
}

const isMapping = (node: Decoded): node is DecodedMapping =>
  typeof node === 'object' && node !== null && 'entries' in node && !isSequence(node);

function styleOf(text: string, traits: Traits): 'plain' | 'single' | 'double' | 'literal' {
  if (text.includes('\n')) return traits.isLiteralAllowed ? 'literal' : 'double';
  if (!mayBePlain(text)) return 'double';
  if (traits.isPlainAllowed) return 'plain';
  return traits.isSingleAllowed ? 'single' : 'double';
}
