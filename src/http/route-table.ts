/**
 * Which route a request belongs to. The most specific host (exact, wildcard, any), then the most specific path is final: a request
 * never falls through to a laxer one. Routes that share both divide by method, then by headers.
 */
import {
  choose,
  type Conditioned,
  conditionFault,
  type Division,
  divide,
  exclude,
  type HeaderCondition,
} from './header-conditions.ts';
import type { Fields } from './headers.ts';
import {
  find,
  foldedReadings,
  foldPattern,
  type Part,
  parsePattern,
  pathTree,
  type PathTree,
  plant,
} from './path-pattern.ts';

/** What of a route the table needs to know. */
export type Matchable = {
  readonly name: string;
  readonly match: {
    readonly hosts: readonly string[] | null;
    readonly paths: readonly string[];
    readonly methods: readonly string[] | null;
    readonly headers: readonly HeaderCondition[];
  };
};

export type Match<R> = {
  readonly route: R;
  readonly pattern: string;
  readonly params: Readonly<Record<string, string>>;
};

export type RouteTable<R> = {
  /** The route and its path parameters, or null: a plain 404. Segments are decoded ones, fields those of the request. */
  readonly match: (
    host: string,
    method: string,
    segments: readonly string[],
    fields: Fields,
  ) => Match<R> | null;
  /** The routes among which a request's method and headers choose, or null. */
  readonly leaf: (host: string, segments: readonly string[]) => Leaf<R> | null;
  /** The methods that a path serves: none where nothing is, null for all. */
  readonly allowed: (host: string, segments: readonly string[]) => readonly string[] | null;
  /** Why a request is refused whose headers, by which any of the routes is told apart, can be read in two ways; or null. */
  readonly headersFault: (fields: Fields) => string | null;
  /** By host or `*.suffix`; `*` is any. */
  readonly hosts: ReadonlyMap<string, PathTree<Leaf<R>>>;
};

/** A route at one of its patterns. */
export type Entry<R> = Conditioned & {
  readonly route: R;
  readonly pattern: string;
  /** Each with the index of its segment. */
  readonly parameters: readonly (readonly [name: string, index: number])[];
};

/** The routes that share host and pattern, in the order of the configuration. */
export type Leaf<R> = {
  /** A host, `*.suffix`, or `*` for any. */
  readonly host: string;
  readonly parts: readonly Part[];
  readonly entries: Entry<R>[];
  /** The same one for all patterns of the host that look alike: without letter case and trailing slash they are equal. */
  readonly look: object;
  readonly byMethod: Map<string, Division<Entry<R>>>;
  /** For a method that none of them names. */
  otherwise: Division<Entry<R>>;
};

/** Builds the table. Patterns must be valid (`parsePattern`). */
export function buildRouteTable<R extends Matchable>(routes: readonly R[]): RouteTable<R> {
  const hosts = new Map<string, PathTree<Leaf<R>>>();
  const looks = new Map<PathTree<Leaf<R>>, PathTree<object>>();
  const leaves = new Set<Leaf<R>>();
  for (const route of routes) {
    for (const host of route.match.hosts ?? ['*']) {
      const tree = hosts.get(host) ?? pathTree();
      hosts.set(host, tree);
      const alike = looks.get(tree) ?? pathTree();
      looks.set(tree, alike);
      for (const pattern of route.match.paths) {
        const parts = parsePattern(pattern);
        const look = plant(alike, foldPattern(parts), () => ({}));
        const leaf = plant(tree, parts, () => emptyLeaf<R>(host, parts, look));
        leaf.entries.push({
          route,
          pattern,
          conditions: route.match.headers,
          parameters: parts.flatMap(({ kind, text }, i) => (kind === 'parameter' ? [[text, i]] : [])),
        });
        leaves.add(leaf);
      }
    }
  }
  for (const leaf of leaves) index(leaf);
  const names = new Set(routes.flatMap(({ match }) => match.headers.map(({ name }) => name)));
  let longest = 0;
  for (const host of hosts.keys()) if (host.startsWith('*.')) longest = Math.max(longest, host.length - 1);

  const leafAt = (host: string, segments: readonly string[]): Leaf<R> | null => {
    const tree = hosts.get(host) ?? byWildcard(hosts, host, longest) ?? hosts.get('*');
    const leaf = tree && find(tree, segments);
    // `/Admin` or `/admin/` must not slip past a route for `/admin` to one for `/**`.
    if (!leaf) return null;
    const alike = looks.get(tree) as PathTree<object>;
    return foldedReadings(segments).every((reading) => find(alike, reading) === leaf.look) ? leaf : null;
  };
  return {
    hosts,
    leaf: leafAt,
    headersFault: (fields) => conditionFault(names, fields),
    allowed(host, segments) {
      const leaf = leafAt(host, segments);
      if (!leaf) return [];
      return leaf.otherwise.length > 0
        ? null
        : [...leaf.byMethod.keys()].flatMap((method) =>
            method === 'GET' && !leaf.byMethod.has('HEAD') ? ['GET', 'HEAD'] : method,
          );
    },
    match(host, method, segments, fields) {
      const leaf = leafAt(host, segments);
      const entry = leaf && entryOf(leaf, method, fields);
      if (!entry) return null;
      const params = Object.create(null) as Record<string, string>;
      for (const [name, at] of entry.parameters) params[name] = segments[at] as string;
      return { route: entry.route, pattern: entry.pattern, params };
    },
  };
}

/** The tree of the longest `*.suffix` that this host ends in. A host of the client's length must not cost more than the longest one. */
function byWildcard<T>(hosts: ReadonlyMap<string, T>, host: string, longest: number): T | undefined {
  const first = Math.max(0, host.length - longest);
  for (let dot = host.indexOf('.', first); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const tree = hosts.get(`*${host.slice(dot)}`);
    if (tree) return tree;
  }
  return undefined;
}

/** Which of a leaf's routes takes a request: the one with most conditions of those that hold; then one that names the method. */
export const entryOf = <R>(
  { byMethod, otherwise }: Pick<Leaf<R>, 'byMethod' | 'otherwise'>,
  method: string,
  fields: Fields,
): Entry<R> | null =>
  choose(byMethod.get(method) ?? (method === 'HEAD' ? byMethod.get('GET') : undefined) ?? otherwise, fields);

const emptyLeaf = <R>(host: string, parts: readonly Part[], look: object): Leaf<R> => ({
  host,
  parts,
  look,
  entries: [],
  byMethod: new Map(),
  otherwise: [],
});

/** Divides a leaf's entries by method, so that none has to be looked for. */
export function index<R extends Matchable>(leaf: Leaf<R>): void {
  const all = leaf.entries.filter(({ route }) => route.match.methods === null);
  const named = Map.groupBy(
    leaf.entries.flatMap((entry) => (entry.route.match.methods ?? []).map((method) => ({ method, entry }))),
    ({ method }) => method,
  );
  leaf.otherwise = divide([all]);
  for (const [method, naming] of named)
    leaf.byMethod.set(method, divide([naming.map(({ entry }) => entry), all]));
}

/**
 * Routes that some request would match equally well as another one before them: they share host, pattern and method, and equally
 * many conditions that can hold together. `other` is the first such route.
 */
export function tiedRoutes(routes: readonly Matchable[]): { index: number; other: number }[] {
  const taken = new Map<string, number[]>();
  const tied = new Map<string, { index: number; other: number }>();
  for (const [at, { match }] of routes.entries()) {
    for (const host of match.hosts ?? ['*'])
      for (const pattern of match.paths)
        for (const method of match.methods ?? ['*']) {
          const shape = pattern.replaceAll(/\{[^}]*\}/g, '{}');
          const key = `${match.headers.length} ${method} ${host}${shape}`;
          let before = taken.get(key);
          if (!before) taken.set(key, (before = []));
          const other = before.find(
            (one) =>
              !exclude({ conditions: match.headers }, { conditions: routes[one]?.match.headers ?? [] }),
          );
          if (other !== undefined && other !== at) tied.set(`${at} ${other}`, { index: at, other });
          before.push(at);
        }
  }
  return [...tied.values()];
}
