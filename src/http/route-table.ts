/**
 * Which route a host, method and path belong to. The most specific host (exact, wildcard, any), then the most specific path
 * (literal before `{name}` before `/**`, segment by segment) is final: a request never falls through to a laxer route.
 */

/** What of a route the table needs to know. */
export type Matchable = {
  readonly name: string;
  readonly match: {
    readonly hosts: readonly string[] | null;
    readonly paths: readonly string[];
    readonly methods: readonly string[] | null;
  };
};

export type Match<R> = {
  readonly route: R;
  readonly pattern: string;
  readonly params: Readonly<Record<string, string>>;
};

export type RouteTable<R> = {
  /** The route and its path parameters, or null: a plain 404. Segments are decoded ones. */
  readonly match: (host: string, method: string, segments: readonly string[]) => Match<R> | null;
};

/** A pattern that cannot be: the message says why. */
export class PatternError extends Error {}

type Part = { readonly kind: 'literal' | 'parameter' | 'rest'; readonly text: string };

/** Routes that share host and pattern, and divide by method; each has its own names for the pattern's parameters. */
type Leaf<R> = { readonly route: R; readonly pattern: string; readonly names: readonly string[] }[];

type Node<R> = {
  readonly literals: Map<string, Node<R>>;
  parameter: Node<R> | null;
  rest: Leaf<R>[];
  end: Leaf<R>[];
};

const node = <R>(): Node<R> => ({ literals: new Map(), parameter: null, rest: [], end: [] });

/** Reads `/accounts/{id}/files/**`. Throws PatternError. */
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

type Trees<R> = { readonly exact: Node<R>; readonly folded: Node<R> };

/** Builds the table. Patterns must be valid (`parsePattern`). */
export function buildRouteTable<R extends Matchable>(routes: readonly R[]): RouteTable<R> {
  const hosts = new Map<string, Trees<R>>();
  for (const route of routes) {
    for (const host of route.match.hosts ?? ['*']) {
      let trees = hosts.get(host);
      if (!trees) hosts.set(host, (trees = { exact: node(), folded: node() }));
      for (const pattern of route.match.paths) {
        const parts = parsePattern(pattern);
        insert(trees, parts, {
          route,
          pattern,
          names: parts.filter(({ kind }) => kind === 'parameter').map(({ text }) => text),
        });
      }
    }
  }
  return {
    match(host, method, segments) {
      const trees = hostTrees(hosts, host);
      if (!trees) return null;
      const [leaf, values] = find(trees.exact, segments, 0, []) ?? [];
      if (!leaf || !values) return null;
      // `/Admin` or `/admin/` must not slip past a route for `/admin` to one for `/**`.
      const folded = find(trees.folded, foldSegments(segments), 0, [])?.[2];
      if (folded && !folded.includes(leaf)) return null;
      const chosen = byMethod(leaf, method);
      if (!chosen) return null;
      const params = Object.create(null) as Record<string, string>;
      for (const [index, name] of chosen.names.entries()) params[name] = values[index] ?? '';
      return { route: chosen.route, pattern: chosen.pattern, params };
    },
  };
}

function hostTrees<R>(hosts: ReadonlyMap<string, Trees<R>>, host: string): Trees<R> | undefined {
  const exact = hosts.get(host);
  if (exact) return exact;
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const wildcard = hosts.get(`*${host.slice(dot)}`);
    if (wildcard) return wildcard;
  }
  return hosts.get('*');
}

function byMethod<R extends Matchable>(leaf: Leaf<R>, method: string): Leaf<R>[number] | undefined {
  const naming = (wanted: string) => leaf.find(({ route }) => route.match.methods?.includes(wanted));
  return (
    naming(method) ??
    (method === 'HEAD' ? naming('GET') : undefined) ??
    leaf.find(({ route }) => !route.match.methods)
  );
}

function insert<R extends Matchable>(trees: Trees<R>, parts: readonly Part[], entry: Leaf<R>[number]): void {
  const ending = descend(trees.exact, parts);
  if (ending[0]) {
    ending[0].push(entry);
    return;
  }
  const leaf: Leaf<R> = [entry];
  ending.push(leaf);
  descend(trees.folded, fold(parts)).push(leaf);
}

/** The list of leaves that a pattern ends in, its nodes made on the way. */
function descend<R>(root: Node<R>, parts: readonly Part[]): Leaf<R>[] {
  let at = root;
  for (const { kind, text } of parts) {
    if (kind === 'rest') return at.rest;
    if (kind === 'parameter') at = at.parameter ??= node();
    else {
      let next = at.literals.get(text);
      if (!next) at.literals.set(text, (next = node()));
      at = next;
    }
  }
  return at.end;
}

/** The most specific leaf, the values of its parameters, and all leaves that end where it does. */
function find<R>(
  at: Node<R>,
  segments: readonly string[],
  index: number,
  values: readonly string[],
): [Leaf<R>, readonly string[], Leaf<R>[]] | null {
  if (index === segments.length) {
    const leaves = at.end.length > 0 ? at.end : at.rest;
    return leaves[0] ? [leaves[0], values, leaves] : null;
  }
  const segment = segments[index] as string;
  const literal = at.literals.get(segment);
  const byLiteral = literal && find(literal, segments, index + 1, values);
  if (byLiteral) return byLiteral;
  const byParameter =
    segment !== '' && at.parameter && find(at.parameter, segments, index + 1, [...values, segment]);
  if (byParameter) return byParameter;
  return at.rest[0] ? [at.rest[0], values, at.rest] : null;
}

const fold = (parts: readonly Part[]): Part[] =>
  withoutTrailing(parts, ({ text, kind }) => kind === 'literal' && text === '').map((part) =>
    part.kind === 'literal' ? { ...part, text: part.text.toLowerCase() } : part,
  );

// By way of upper case, which `ſ` shares with `s`: an upstream that compares without case may take one for the other.
const foldSegments = (segments: readonly string[]): string[] =>
  withoutTrailing(segments, (segment) => segment === '').map((segment) =>
    segment.toUpperCase().toLowerCase(),
  );

const withoutTrailing = <T>(list: readonly T[], empty: (item: T) => boolean): readonly T[] => {
  const last = list.at(-1);
  return last !== undefined && empty(last) ? list.slice(0, -1) : list;
};
