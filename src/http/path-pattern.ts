/**
 * Path patterns such as `/accounts/{id}/files/**`, and the tree in which the most specific of many is found in time that grows with
 * the path: literal before `{name}` before `/**`, segment by segment. Segments of paths are decoded ones; patterns are ASCII.
 */
import { compatible } from './target.ts';

/** A pattern that cannot be: the message says why. */
export class PatternError extends Error {}

/** One segment of a pattern: its text, or the parameter's name. */
export type Part = { readonly kind: 'literal' | 'parameter' | 'rest'; readonly text: string };

/** Reads a pattern. Throws PatternError. */
export function parsePattern(pattern: string): Part[] {
  if (!pattern.startsWith('/')) throw new PatternError('a path pattern starts with /');
  const texts = pattern === '/' ? [] : pattern.slice(1).split('/');
  const names = new Set<string>();
  return texts.map((text, index): Part => {
    if (text === '**') {
      if (index < texts.length - 1) throw new PatternError('** can only stand at the end');
      return { kind: 'rest', text };
    }
    const name = /^\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(text)?.[1];
    if (name !== undefined) {
      if (names.has(name)) throw new PatternError(`{${name}} stands twice`);
      names.add(name);
      return { kind: 'parameter', text: name };
    }
    if (text === '' && index < texts.length - 1)
      throw new PatternError('a path pattern has no empty segments');
    if (!/^[A-Za-z0-9\-._~!$&'()+,=:@]*$/.test(text) || text === '.' || text === '..')
      throw new PatternError(`${JSON.stringify(text)} is neither a literal segment, {name} nor a final **`);
    return { kind: 'literal', text };
  });
}

/** A tree of patterns: `L` is what each of them leads to. Made by `pathTree`, filled by `plant`. */
export type PathTree<L> = {
  readonly literals: Map<string, PathTree<L>>;
  parameter: PathTree<L> | null;
  rest: L | null;
  end: L | null;
};

/** An empty tree. */
export const pathTree = <L>(): PathTree<L> => ({
  literals: new Map(),
  parameter: null,
  rest: null,
  end: null,
});

/** What this pattern leads to, made when it is new. Names of parameters make no difference. */
export function plant<L>(tree: PathTree<L>, parts: readonly Part[], make: () => L): L {
  let at = tree;
  for (const { kind, text } of parts) {
    if (kind === 'rest') return (at.rest ??= make());
    if (kind === 'parameter') at = at.parameter ??= pathTree();
    else {
      let next = at.literals.get(text);
      if (!next) at.literals.set(text, (next = pathTree()));
      at = next;
    }
  }
  return (at.end ??= make());
}

/** What the most specific pattern leads to that covers this path; null where none does. */
export function find<L>(at: PathTree<L>, segments: readonly string[], index = 0): L | null {
  if (index === segments.length) return at.end ?? at.rest;
  const segment = segments[index] as string;
  const literal = at.literals.get(segment);
  const byLiteral = literal ? find(literal, segments, index + 1) : null;
  if (byLiteral) return byLiteral;
  const byParameter = segment !== '' && at.parameter ? find(at.parameter, segments, index + 1) : null;
  return byParameter ?? at.rest;
}

/** As `find`, with all other patterns that cover the path, from the most specific to the least. */
export function* covering<L>(at: PathTree<L>, segments: readonly string[], index = 0): Generator<L> {
  const segment = segments[index];
  if (segment === undefined) {
    if (at.end) yield at.end;
  } else {
    const literal = at.literals.get(segment);
    if (literal) yield* covering(literal, segments, index + 1);
    if (segment !== '' && at.parameter) yield* covering(at.parameter, segments, index + 1);
  }
  if (at.rest) yield at.rest;
}

/** What the patterns of the tree lead to, those within a literal segment first. */
export function* leaves<L>(at: PathTree<L>): Generator<L> {
  if (at.end) yield at.end;
  for (const [, next] of [...at.literals].toSorted(([a], [b]) => (a < b ? -1 : 1))) yield* leaves(next);
  if (at.parameter) yield* leaves(at.parameter);
  if (at.rest) yield at.rest;
}

/** What two patterns share: a pattern of exactly the paths that both cover, and whether that is all of the second one's. */
export type Overlap = { readonly parts: readonly Part[]; readonly whole: boolean };

/** What a pattern shares with those of the tree that lead to `L`. */
export function* overlaps<L extends { readonly parts: readonly Part[] }>(
  at: PathTree<L>,
  parts: readonly Part[],
  shared: readonly Part[] = [],
  whole = true,
): Generator<Overlap> {
  const part = parts[shared.length];
  if (part?.kind === 'rest') {
    for (const leaf of leaves(at)) yield { parts: [...shared, ...leaf.parts.slice(shared.length)], whole };
    return;
  }
  if (part === undefined) {
    if (at.end) yield { parts: shared, whole };
  } else if (part.kind === 'literal') {
    const literal = at.literals.get(part.text);
    if (literal) yield* overlaps(literal, parts, [...shared, part], whole);
    if (part.text !== '' && at.parameter) yield* overlaps(at.parameter, parts, [...shared, part], false);
  } else {
    for (const [text, next] of at.literals)
      if (text !== '') yield* overlaps(next, parts, [...shared, { kind: 'literal', text }], whole);
    if (at.parameter) yield* overlaps(at.parameter, parts, [...shared, part], whole);
  }
  if (at.rest) yield { parts: [...shared, ...parts.slice(shared.length)], whole: false };
}

/** A pattern as `foldedReadings` makes paths: those that are alike have the same one. */
export const foldPattern = (parts: readonly Part[]): readonly Part[] =>
  withoutTrailing(
    parts.map((part) => (part.kind === 'literal' ? { ...part, text: fold(part.text) } : part)),
    ({ text, kind }) => kind === 'literal' && text === '',
  );

/**
 * A path as upstreams might read it that compare laxly: without letter case, slashes at its end, look-alikes, and the dots and blanks
 * that Windows drops at the end of a name. Of a segment of which that leaves nothing there are two readings: it is one, or none.
 */
export function foldedReadings(segments: readonly string[]): readonly (readonly string[])[] {
  const plain = withoutTrailing(segments, (segment) => segment === '');
  const folded = plain.map(fold);
  if (!folded.includes('')) return [folded];
  return [
    folded.map((text, index) => text || (plain[index] as string)),
    folded.filter((text) => text !== ''),
  ];
}

const ASCII = /^[\0-\x7f]*$/;
const DROPPED_AT_THE_END = '. \u2028\u2029';

const fold = (segment: string): string => {
  const folded = ASCII.test(segment) ? segment.toLowerCase() : foldUnicode(segment);
  // By hand: `[. ]+$` takes time that grows with the square of a run of dots before the end.
  let end = folded.length;
  while (end > 0 && DROPPED_AT_THE_END.includes(folded[end - 1] as string)) end--;
  return folded.slice(0, end);
};

/**
 * Compatibility characters become plain ones (a fullwidth `ａ`). By way of upper case, which `ſ` and `ı` share with `s` and `i`, and of
 * lower case before, in which `ẞ` is `ß`. Without the dot that `İ` leaves above its `i`, save in the simple mapping of Go and .NET.
 */
const foldUnicode = (segment: string): string =>
  compatible(segment).toLowerCase().toUpperCase().toLowerCase().replaceAll('i\u0307', 'i');

function withoutTrailing<T>(list: readonly T[], empty: (item: T) => boolean): readonly T[] {
  let end = list.length;
  while (end > 0 && empty(list[end - 1] as T)) end--;
  return end === list.length ? list : list.slice(0, end);
}
