/** What OPA makes of a document before go-yaml decodes it (`internal/yaml`): it takes what go-yaml's version 2 took. */
import { attempt } from '../builtin.ts';
import { keyText, resolveScalar } from './decode.ts';
import type { Node } from './nodes.ts';

/**
 * Changes a document: dates that no tag says to be dates become strings; of keys that are there twice the last value is left, at
 * the first's place; merge keys that are there twice become one with all their values.
 */
export function normalize(document: Node): void {
  const visited = new Set<Node>();
  const waiting = [document];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (visited.has(node)) continue;
    visited.add(node);
    if (node.kind === 'alias') waiting.push(node.target);
    else if (node.kind === 'scalar') {
      if (node.tag === '!!timestamp' && node.isImplicit) node.tag = '!!str';
    } else {
      if (node.kind === 'mapping') node.content = withoutDuplicates(mergedOnce(node.content));
      // Keys are compared by what they are before their turn comes, as in OPA.
      waiting.push(...node.content.toReversed());
    }
  }
}

const isMergeKey = (node: Node | undefined): boolean => node?.kind === 'scalar' && node.tag === '!!merge';

function mergedOnce(content: readonly Node[]): readonly Node[] {
  const values = content.filter((_, at) => at % 2 === 1 && isMergeKey(content[at - 1]));
  const merged = values.flatMap((value) => (value.kind === 'sequence' ? value.content : [value]));
  if (merged.length < 2) return content;
  const first = content.findIndex((node, at) => at % 2 === 0 && isMergeKey(node));
  return content.flatMap((node, at): Node[] => {
    if (at === first + 1) return [{ kind: 'sequence', tag: '!!seq', content: merged }];
    return at === first || !isMergeKey(content[at - (at % 2)]) ? [node] : [];
  });
}

function withoutDuplicates(content: readonly Node[]): readonly Node[] {
  const places = new Map<string, number>();
  const kept: Node[] = [];
  for (let at = 0; at < content.length; at += 2) {
    const [key, value] = [content[at] as Node, content[at + 1] as Node];
    const text = textOf(key);
    const place = text === null ? undefined : places.get(text);
    if (place !== undefined) kept[place] = value;
    else {
      kept.push(key, value);
      if (text !== null) places.set(text, kept.length - 1);
    }
  }
  return kept;
}

/** Null for a key that has no name in JSON, or is compared by other rules. */
function textOf(key: Node): string | null {
  if (key.kind !== 'scalar' || isMergeKey(key)) return null;
  return attempt(() => keyText(resolveScalar(key)));
}
