/** `graph.reachable_paths` (OPA's `topdown/reachable.go`). */
import { type Entry, type RegoObject, RegoSet, typeName, type Value } from '../value.ts';
import { BuiltinError, type Family, LimitError, operand } from './builtin.ts';
import { placeOf } from './go/binary-search.ts';

/** A graph may have as many paths as two to the power of its nodes. OPA gathers them until its client gives up. */
const MOST_NODES = 500_000;

export const graph: Family = {
  'graph.reachable_paths': ([edges, initial]) => {
    const nodes = operand(1, edges, 'object');
    const roots = members(initial);
    if (roots === null) throw new BuiltinError(`operand 2 must be {array, set} but got ${typeName(initial)}`);
    return new RegoSet(reachablePaths(nodes, roots));
  },
};

/** A collection's members, each once; null for what is none. */
function members(value: Value): readonly Value[] | null {
  if (value instanceof RegoSet) return value.members;
  return Array.isArray(value) ? new RegoSet(value).members : null;
}

/** A node on the path: its place among the graph's nodes, and its neighbours, of which those before `next` are done with. */
type Step = { readonly place: number; readonly neighbours: readonly Value[]; next: number };

/**
 * Every path from a root until it ends: at a node without neighbours, before what is no node of the graph, and before a node that
 * the path has already; but a root that is its own neighbour is on its path twice. Throws LimitError when the paths have more
 * than 500,000 nodes together.
 */
function reachablePaths(nodes: RegoObject, roots: readonly Value[]): readonly Value[][] {
  const found: Value[][] = [];
  const path: Value[] = [];
  const steps: Step[] = [];
  const onPath = new Uint32Array(nodes.size);
  let count = 0;

  for (const root of roots) {
    enter(root);
    for (let step = steps.at(-1); step !== undefined; step = steps.at(-1)) {
      const neighbour = step.neighbours[step.next++];
      if (neighbour === undefined) leave(step);
      else if (!enter(neighbour)) end();
    }
  }
  return found;

  /** False where the path cannot go on to this node. */
  function enter(node: Value): boolean {
    const { at: place, found: known } = placeOf(nodes.entries, node, ([key]) => key);
    if (!known || (steps.length > 1 && onPath[place] !== 0)) return false;
    const neighbours = members((nodes.entries[place] as Entry)[1]) ?? [];
    path.push(node);
    if (neighbours.length === 0) {
      end();
      path.pop();
      return true;
    }
    onPath[place] = (onPath[place] as number) + 1;
    steps.push({ place, neighbours, next: 0 });
    return true;
  }

  function leave({ place }: Step): void {
    onPath[place] = (onPath[place] as number) - 1;
    steps.pop();
    path.pop();
  }

  function end(): void {
    count += path.length;
    if (count > MOST_NODES)
      throw new LimitError(`graph.reachable_paths: the paths have more than ${MOST_NODES} nodes`);
    found.push([...path]);
  }
}
