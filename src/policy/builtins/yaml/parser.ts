/** A YAML stream as a tree of nodes: go-yaml's grammar (`parserc.go`) and its nodes (`decode.go`), without comments. */
import { BuiltinError, LimitError } from '../builtin.ts';
import {
  type Alias,
  empty,
  LONG_TAGS,
  type Mapping,
  type Node,
  type Sequence,
  scalar,
  shortTag,
} from './nodes.ts';
import { scan, type Token } from './scanner.ts';

/** Go's bound is 10,000; this is that of values' text too. */
const DEEPEST = 2_000;
const STANDARD_HANDLES: readonly (readonly [string, string])[] = [
  ['!', '!'],
  ['!!', LONG_TAGS],
];

/** The documents of a stream. Throws BuiltinError; LimitError for what is nested deeper than 2,000. */
export function parseDocuments(text: string): readonly Node[] {
  return new Parser(scan(text)).documents();
}

type CollectionStart = '[' | '{' | '-' | 'block sequence' | 'block mapping';

class Parser {
  readonly #tokens: readonly Token[];
  readonly #anchors = new Map<string, Exclude<Node, Alias>>();
  readonly #handles = new Map<string, string>();
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  documents(): readonly Node[] {
    const documents: Node[] = [];
    for (let isFirst = true; ; isFirst = false) {
      if (!isFirst) while (this.#take('document end'));
      if (this.#is('end')) return documents;
      documents.push(this.#document(isFirst));
      this.#take('document end');
      this.#handles.clear();
    }
  }

  get #token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #is(...types: readonly Token['type'][]): boolean {
    return types.includes(this.#token.type);
  }

  #take(type: Token['type']): boolean {
    if (!this.#is(type)) return false;
    this.#at++;
    return true;
  }

  #fail(problem: string): never {
    throw new BuiltinError(`yaml: line ${this.#token.line}: ${problem}`);
  }

  /** Only the first may begin without `---`, and that without directives. */
  #document(isFirst: boolean): Node {
    const isImplicit = isFirst && !this.#is('version', 'tag directive', 'document start');
    this.#directives();
    if (isImplicit) return this.#node(true, false);
    if (!this.#take('document start')) this.#fail('did not find expected <document start>');
    if (this.#is('version', 'tag directive', 'document start', 'document end', 'end')) return empty();
    return this.#node(true, false);
  }

  #directives(): void {
    let hasVersion = false;
    for (
      let token = this.#token;
      token.type === 'version' || token.type === 'tag directive';
      token = this.#token
    ) {
      if (token.type === 'version') {
        if (hasVersion) this.#fail('found duplicate %YAML directive');
        if (token.version !== '1.1') this.#fail('found incompatible YAML document');
        hasVersion = true;
      } else {
        if (this.#handles.has(token.handle)) this.#fail('found duplicate %TAG directive');
        this.#handles.set(token.handle, token.prefix);
      }
      this.#at++;
    }
    for (const [handle, prefix] of STANDARD_HANDLES)
      if (!this.#handles.has(handle)) this.#handles.set(handle, prefix);
  }

  /** In flow collections no block collection begins; a mapping's keys and values may be sequences without indentation. */
  #node(inBlock: boolean, mayBeIndentless: boolean): Node {
    const first = this.#token;
    if (first.type === 'alias') return this.#alias(first.name);
    const { anchor, tag } = this.#properties();
    // The tag `!` says nothing.
    const short = tag === '!' ? '' : shortTag(tag);
    const token = this.#token;
    const collection = this.#collection(inBlock, mayBeIndentless);
    if (collection === null) {
      if (token.type === 'scalar') this.#at++;
      else if (anchor === null && tag === '') this.#fail('did not find expected node content');
      const value = token.type === 'scalar' ? token : { value: '', isPlain: true };
      return this.#anchored(anchor, scalar(short, value.value, value.isPlain));
    }
    // What has an anchor may be named by what is within it.
    const content: Node[] = [];
    const node: Sequence | Mapping = /mapping|\{/.test(collection)
      ? { kind: 'mapping', tag: short || '!!map', content }
      : { kind: 'sequence', tag: short || '!!seq', content };
    this.#anchored(anchor, node);
    if (++this.#depth > DEEPEST) throw new LimitError(`yaml: nested deeper than ${DEEPEST}`);
    if (collection === '-') this.#indentless(content);
    else if (collection === '[') this.#flowSequence(content);
    else if (collection === '{') this.#flowMapping(content);
    else if (collection === 'block sequence') this.#blockSequence(content);
    else this.#blockMapping(content);
    this.#depth--;
    return node;
  }

  #alias(name: string): Alias {
    const target = this.#anchors.get(name);
    if (!target) this.#fail(`unknown anchor '${name}' referenced`);
    this.#at++;
    return { kind: 'alias', name, target };
  }

  /** The token that begins a collection; null where none begins. */
  #collection(inBlock: boolean, mayBeIndentless: boolean): CollectionStart | null {
    const { type } = this.#token;
    if (type === '[' || type === '{') return type;
    if (inBlock && (type === 'block sequence' || type === 'block mapping')) return type;
    return mayBeIndentless && type === '-' ? type : null;
  }

  /** An anchor and a tag, in either order. */
  #properties(): { readonly anchor: string | null; readonly tag: string } {
    let [anchor, tag]: [string | null, string | null] = [null, null];
    for (let token = this.#token; ; token = this.#token) {
      if (token.type === 'anchor' && anchor === null) anchor = token.name;
      else if (token.type === 'tag' && tag === null) tag = this.#expanded(token.handle, token.suffix);
      else return { anchor, tag: tag ?? '' };
      this.#at++;
    }
  }

  #expanded(handle: string, suffix: string): string {
    if (handle === '') return suffix;
    const prefix = this.#handles.get(handle);
    if (prefix === undefined || prefix + suffix === '') this.#fail('found undefined tag handle');
    return prefix + suffix;
  }

  #anchored<T extends Exclude<Node, Alias>>(anchor: string | null, node: T): T {
    if (anchor !== null) this.#anchors.set(anchor, node);
    return node;
  }

  #blockSequence(content: Node[]): void {
    this.#at++;
    while (this.#take('-')) content.push(this.#is('-', 'block end') ? empty() : this.#node(true, false));
    if (!this.#take('block end')) this.#fail("did not find expected '-' indicator");
  }

  #indentless(content: Node[]): void {
    while (this.#take('-'))
      content.push(this.#is('-', 'key', 'value', 'block end') ? empty() : this.#node(true, false));
  }

  #blockMapping(content: Node[]): void {
    this.#at++;
    while (this.#take('key')) {
      content.push(this.#blockPart());
      content.push(this.#take('value') ? this.#blockPart() : empty());
    }
    if (!this.#take('block end')) this.#fail('did not find expected key');
  }

  #blockPart(): Node {
    return this.#is('key', 'value', 'block end') ? empty() : this.#node(true, true);
  }

  #flowSequence(content: Node[]): void {
    this.#at++;
    for (let isFirst = true; !this.#is(']'); isFirst = false) {
      if (!isFirst) {
        if (!this.#take(',')) this.#fail("did not find expected ',' or ']'");
        if (this.#is(']')) break;
      }
      if (this.#take('key')) content.push(this.#pair());
      else content.push(this.#node(false, false));
    }
    this.#at++;
  }

  /** A mapping of one key, written in a sequence without braces. */
  #pair(): Node {
    const isEmpty = this.#is('value', ',', ']');
    // libyaml loses the token here, so that `[?]` and `[? : a]` are something else than they look like.
    if (isEmpty) this.#at++;
    const key = isEmpty ? empty() : this.#node(false, false);
    const hasValue = this.#take('value') && !this.#is(',', ']');
    return { kind: 'mapping', tag: '!!map', content: [key, hasValue ? this.#node(false, false) : empty()] };
  }

  #flowMapping(content: Node[]): void {
    this.#at++;
    for (let isFirst = true; !this.#is('}'); isFirst = false) {
      if (!isFirst) {
        if (!this.#take(',')) this.#fail("did not find expected ',' or '}'");
        if (this.#is('}')) break;
      }
      if (this.#take('key')) {
        content.push(this.#is('value', ',', '}') ? empty() : this.#node(false, false));
        content.push(this.#take('value') && !this.#is(',', '}') ? this.#node(false, false) : empty());
      } else content.push(this.#node(false, false), empty());
    }
    this.#at++;
  }
}
