/** Nodes of YAML as data: go-yaml's `decode.go` for an `interface{}`, and OPA's way from there to JSON (`internal/yaml`). */
import { RegoNumber } from '../../number.ts';
import { RegoObject, type Value } from '../../value.ts';
import { decodeBase64 } from '../go/base64.ts';
import { BuiltinError, LimitError } from '../builtin.ts';
import { formatFloat } from '../go/float.ts';
import { replacedText } from '../go/bytes.ts';
import type { Alias, Mapping, Node, Scalar } from './nodes.ts';
import { type Resolved, resolve } from './resolve.ts';
import { Timestamp } from './timestamp.ts';

/** Data as Go has them: integers and doubles are told apart, and a mapping's keys may be any scalars. */
export type Decoded = Resolved | readonly Decoded[] | DecodedMapping;
export type DecodedMapping = {
  /** `string`, where all keys are, so that keys that are merged into it become strings. */
  readonly keys: 'string' | 'any';
  readonly entries: Map<string, readonly [key: Resolved, value: Decoded]>;
};

/** As for nodes: aliases go deeper than what is written. */
const DEEPEST = 2_000;
/** Go's `alias_ratio_range_low` and `_high`. */
const [FEW, MANY] = [400_000, 4_000_000];

/**
 * A document's data. Throws BuiltinError for what is not of its tag, for bad merges and for too many aliases; LimitError for what
 * is nested deeper than 2,000.
 */
export const decode = (document: Node): Decoded => new Decoder().decode(document);

/** A scalar's value. Throws BuiltinError. */
export function resolveScalar({ tag, value: text }: Scalar): Resolved {
  if (tag === '!!str') return text;
  const { value } = resolve(tag, text);
  if (tag !== '!!binary') return value;
  const bytes = decodeBase64(text, 'base64', 'padded');
  if (bytes === null) throw new BuiltinError('yaml: !!binary value contains invalid base64 data');
  return replacedText(bytes);
}

/** The name that a key has in JSON; null where it has none. */
export function keyText(key: Resolved): string | null {
  if (key === null || key instanceof Timestamp) return null;
  if (typeof key !== 'number') return String(key);
  if (Object.is(key, -0)) return '-0';
  // Go writes it with the digits of a float32.
  const single = Math.fround(key);
  if (Number.isNaN(single)) return '.nan';
  if (!Number.isFinite(single)) return single > 0 ? '.inf' : '-.inf';
  let digits = 1;
  while (Math.fround(Number(single.toPrecision(digits))) !== single) digits++;
  return formatFloat(Number(single.toPrecision(digits)), 'g', -1);
}

/** Throws BuiltinError for what JSON has not. */
export function toValue(decoded: Decoded): Value {
  if (decoded === null || typeof decoded === 'boolean' || typeof decoded === 'string') return decoded;
  if (typeof decoded === 'bigint') return RegoNumber.of(decoded);
  if (typeof decoded === 'number') {
    if (!Number.isFinite(decoded)) throw new BuiltinError(`json: unsupported value: ${decoded}`);
    return Object.is(decoded, -0) ? new RegoNumber('-0') : RegoNumber.of(decoded);
  }
  if (decoded instanceof Timestamp) {
    if (decoded.json === null) throw new BuiltinError('json: timezone hour outside of range [0,23]');
    return decoded.json;
  }
  if (isSequence(decoded)) return decoded.map(toValue);
  const members = Array.from(decoded.entries.values(), ([key, value]) => {
    const name = keyText(key);
    if (name === null)
      throw new BuiltinError(`unsupported map key: ${key === null ? 'null' : 'a timestamp'}`);
    return [name, toValue(value)] as const;
  });
  // Of 1 and "1" go-yaml gives either; here it is the mapping's own, and not what was merged into it.
  return new RegoObject(members.toReversed());
}

export const isSequence = (decoded: Decoded): decoded is readonly Decoded[] => Array.isArray(decoded);

class Decoder {
  /** The document is counted too. */
  #count = 1;
  #countOfAliases = 0;
  #depth = 0;
  readonly #aliases = new Set<Alias>();
  /** Contents of mappings: what is merged often is looked at once. */
  readonly #unique = new Set<readonly Node[]>();
  /** While a mapping is merged into another: the keys that are there. */
  #merged: Set<string> | null = null;

  decode(node: Node): Decoded {
    this.#step();
    if (node.kind === 'alias') {
      this.#enter(node);
      const target = this.decode(node.target);
      this.#leave(node);
      return target;
    }
    if (node.kind === 'scalar') return resolveScalar(node);
    if (node.kind === 'mapping') {
      const mapping: DecodedMapping = { keys: hasStringKeys(node) ? 'string' : 'any', entries: new Map() };
      this.#addTo(mapping, node);
      return mapping;
    }
    this.#deepen();
    const members: Decoded[] = [];
    for (const child of node.content) members.push(this.decode(child));
    this.#depth--;
    return members;
  }

  #step(): void {
    this.#count++;
    if (this.#aliases.size > 0) this.#countOfAliases++;
    if (this.#countOfAliases <= 100 || this.#count <= 1_000) return;
    const share = Math.min(Math.max((this.#count - FEW) / (MANY - FEW), 0), 1);
    if (this.#countOfAliases / this.#count > 0.99 - 0.89 * share)
      throw new BuiltinError('yaml: document contains excessive aliasing');
  }

  #enter(alias: Alias): void {
    if (this.#aliases.has(alias))
      throw new BuiltinError(`yaml: anchor '${alias.name}' value contains itself`);
    this.#aliases.add(alias);
    this.#deepen();
  }

  #leave(alias: Alias): void {
    this.#aliases.delete(alias);
    this.#depth--;
  }

  #deepen(): void {
    if (++this.#depth > DEEPEST) throw new LimitError(`yaml: nested deeper than ${DEEPEST}`);
  }

  /** Keys that are there already stay as they are, when a mapping is merged into another. */
  #addTo(mapping: DecodedMapping, { content }: Mapping): void {
    if (!this.#unique.has(content)) checkUnique(content);
    this.#unique.add(content);
    this.#deepen();
    const merged = this.#merged;
    this.#merged = null;
    let merge: Node | null = null;
    for (let at = 0; at < content.length; at += 2) {
      const [keyNode, valueNode] = [content[at] as Node, content[at + 1] as Node];
      if (isMerge(keyNode)) {
        merge = valueNode;
        continue;
      }
      const key = mapping.keys === 'string' ? this.#stringKey(keyNode) : this.#key(keyNode);
      if (key === undefined) continue;
      const id = idOf(key);
      if (merged?.has(id)) continue;
      merged?.add(id);
      mapping.entries.set(id, [key, this.decode(valueNode)]);
    }
    this.#merged = merged;
    if (merge) this.#merge(mapping, content, merge);
    this.#depth--;
  }

  #key(node: Node): Resolved {
    const key = this.decode(node);
    if (typeof key === 'object' && key !== null && !(key instanceof Timestamp))
      throw new BuiltinError('yaml: invalid map key');
    return key;
  }

  /** Text as it is written; undefined for null, which is left out. */
  #stringKey(node: Node): string | undefined {
    this.#step();
    if (node.kind === 'alias') {
      this.#enter(node);
      const key = this.#stringKey(node.target);
      this.#leave(node);
      return key;
    }
    if (node.kind !== 'scalar') throw new BuiltinError('yaml: cannot unmarshal a collection into string');
    const key = resolveScalar(node);
    if (key === null) return undefined;
    return typeof key === 'string' ? key : node.value;
  }

  #merge(mapping: DecodedMapping, content: readonly Node[], merge: Node): void {
    const merged = this.#merged;
    if (merged === null) {
      this.#merged = new Set();
      for (let at = 0; at < content.length; at += 2) this.#merged.add(idOf(this.#key(content[at] as Node)));
    }
    for (const node of merge.kind === 'sequence' ? merge.content : [merge]) {
      const source = node.kind === 'alias' ? node.target : node;
      if (source.kind !== 'mapping')
        throw new BuiltinError('yaml: map merge requires map or sequence of maps as the value');
      this.#step();
      if (node.kind === 'alias') {
        this.#enter(node);
        this.#step();
      }
      this.#addTo(mapping, source);
      if (node.kind === 'alias') this.#leave(node);
    }
    this.#merged = merged;
  }
}

/** As go-yaml compares keys: by kind and text, whatever they resolve to. */
function checkUnique(content: readonly Node[]): void {
  const seen = new Set<string>();
  for (let at = 0; at < content.length; at += 2) {
    const key = content[at] as Node;
    const text = key.kind === 'scalar' ? key.value : key.kind === 'alias' ? key.name : '';
    const id = `${key.kind} ${text}`;
    if (seen.has(id)) throw new BuiltinError(`yaml: mapping key ${JSON.stringify(text)} already defined`);
    seen.add(id);
  }
}

const idOf = (key: Resolved): string => `${typeof key} ${String(key)}`;

const isMerge = (node: Node): boolean =>
  node.kind === 'scalar' && node.value === '<<' && node.tag === '!!merge';

function hasStringKeys({ content }: Mapping): boolean {
  return content.every((node, at) => {
    const key = node.kind === 'alias' ? node.target : node;
    return at % 2 === 1 || key.tag === '!!str' || key.tag === '!!merge';
  });
}
