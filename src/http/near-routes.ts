/** Why a request has no route: which routes come near, and what keeps each of them from it. For people; the table alone decides. */
import { holds } from './header-conditions.ts';
import type { Fields } from './headers.ts';
import { find, foldedReadings, foldPattern, type Part, pathTree, plant } from './path-pattern.ts';
import { leavesOf } from './route-overlap.ts';
import type { Entry, Leaf, Matchable, RouteTable } from './route-table.ts';

/** What of a request decides on its route. */
export type Asked = {
  readonly host: string;
  readonly method: string;
  /** Decoded. */
  readonly segments: readonly string[];
  readonly fields: Fields;
};

/** More than these tell nobody more. */
const MOST_TOLD = 5;

/** The routes that come nearest, the nearest first, each with its reasons; none when no route has such a path. */
export function nearRoutes<R extends Matchable>(table: RouteTable<R>, asked: Asked): string[] {
  return leavesOf(table)
    .flatMap((leaf) => {
      const place = atPlace(leaf, asked);
      if (place === null) return [];
      return leaf.entries.map((entry) => ({ entry, leaf, misses: [...place, ...misses(entry, asked)] }));
    })
    .toSorted((a, b) => a.misses.length - b.misses.length)
    .slice(0, MOST_TOLD)
    .map(({ entry, leaf, misses: [...why] }) => {
      if (why.length === 0) why.push(hiddenBy(table, leaf, asked));
      return `${entry.route.name}, at ${shown(leaf.host, entry.pattern)}: ${why.join('; ')}`;
    });
}

const shown = (host: string, pattern: string): string => (host === '*' ? pattern : host + pattern);

/** Why host and path are not the leaf's; null when the path is far from it. */
function atPlace<R>({ host, parts }: Leaf<R>, asked: Asked): string[] | null {
  const why: string[] = [];
  if (host !== '*' && host !== asked.host && !(host.startsWith('*.') && asked.host.endsWith(host.slice(1))))
    why.push(`it is for the host ${host}, not ${asked.host}`);
  if (covers(parts, asked.segments)) return why;
  if (!foldedReadings(asked.segments).some((reading) => covers(foldPattern(parts), reading))) return null;
  return [...why, 'its path differs in letter case, or in what is at the end'];
}

const covers = (parts: readonly Part[], segments: readonly string[]): boolean => {
  const tree = pathTree<true>();
  plant(tree, parts, () => true);
  return find(tree, segments) !== null;
};

function misses<R extends Matchable>(entry: Entry<R>, { method, fields }: Asked): string[] {
  const { methods } = entry.route.match;
  const taken =
    methods === null || methods.includes(method) || (method === 'HEAD' && methods.includes('GET'));
  const wanted = entry.conditions
    .filter((condition) => !holds({ conditions: [condition] }, fields))
    .map(({ name, values }) => `it wants ${name}: ${values.join(' or ')}`);
  return [...(taken ? [] : [`it takes ${methods.join(', ')}, not ${method}`]), ...wanted];
}

/** What is final before a leaf that would take the request. */
function hiddenBy<R extends Matchable>(
  table: RouteTable<R>,
  leaf: Leaf<R>,
  { host, segments }: Asked,
): string {
  const final = table.leaf(host, segments);
  const [entry] = final?.entries ?? [];
  if (final && entry)
    return `${shown(final.host, entry.pattern)} of ${entry.route.name} is more specific, and final`;
  const labels = host.split('.');
  const own = [host, ...labels.slice(1).map((_, i) => `*.${labels.slice(i + 1).join('.')}`)].find((name) =>
    table.hosts.has(name),
  );
  return own === undefined || own === leaf.host
    ? 'a path that differs in letter case, or in what is at the end, is more specific, and final'
    : `the host ${own} has routes of its own, and they are final`;
}
