/** Where the paths of routes overlap: which requests one leaf of a table takes that another one would have, and examples of them. */
import { type Conditioned, exclude, holds } from './header-conditions.ts';
import type { Fields } from './headers.ts';
import { covering, leaves, overlaps, type Part } from './path-pattern.ts';
import { type Entry, entryOf, index, type Leaf, type Matchable, type RouteTable } from './route-table.ts';

/** A path at a host, as a request has them, and as it is shown: without the host where any will do. */
export type Place = { readonly host: string; readonly segments: readonly string[]; readonly shown: string };

/** Two leaves that both cover a place: `first` is final there, and `second` would be without it. Or one leaf of several routes, twice. */
export type Rivals<R> = { readonly first: Leaf<R>; readonly second: Leaf<R>; readonly place: Place };

/** What a table's examples are made of: names that none of its routes has. */
export type Examples = {
  readonly method: string;
  /** Places that these parts cover at this host or wildcard; with one segment for `/**`, without, with as many as no other pattern has. */
  readonly places: (host: string, parts: readonly Part[]) => Place[];
};

/** All leaves of a table. */
export const leavesOf = <R>({ hosts }: RouteTable<R>): Leaf<R>[] =>
  [...hosts.values()].flatMap((tree) => [...leaves(tree)]);

/** Finds the names for examples of a table. */
export function examplesOf<R>(table: RouteTable<R>): Examples {
  const taken = new Set<string>();
  let longest = 0;
  for (const { host, parts, byMethod } of leavesOf(table)) {
    for (const label of host.split('.')) taken.add(label);
    for (const { kind, text } of parts) if (kind === 'literal') taken.add(text.toLowerCase());
    for (const method of byMethod.keys()) taken.add(method.toLowerCase());
    longest = Math.max(longest, parts.length);
  }
  let fresh = 'x';
  while (taken.has(fresh)) fresh += 'x';
  const rests = [1, 0, ...Array.from({ length: longest }, (_, more) => more + 2)];
  return {
    method: fresh.toUpperCase(),
    places(written, parts) {
      const host = written.startsWith('*') ? `${fresh}${written.slice(1)}` : written;
      const begin = parts
        .filter(({ kind }) => kind !== 'rest')
        .map(({ kind, text }) => (kind === 'literal' ? text : fresh));
      return (begin.length === parts.length ? [0] : rests).map((count) => {
        const segments = [...begin, ...Array<string>(count).fill(fresh)];
        return { host, segments, shown: `${written === '*' ? '' : host}/${segments.join('/')}` };
      });
    },
  };
}

/** All rivals of a table, in time that grows with how much of it overlaps, not with the pairs of routes. */
export function* rivals<R>(table: RouteTable<R>, { places }: Examples): Generator<Rivals<R>> {
  for (const first of leavesOf(table)) {
    const [{ host }] = places(first.host, first.parts) as [Place];
    const trees = covers(host).flatMap((name) => table.hosts.get(name) ?? []);
    const regions = new Map([[shape(first.parts), first.parts]]);
    for (const tree of trees)
      for (const { parts, whole } of overlaps(tree, first.parts))
        // A pattern of the same host that covers no more than this one is the more specific of the two.
        if (!whole || tree !== trees[0]) regions.set(shape(parts), parts);
    const seen = new Set<Leaf<R>>();
    for (const region of regions.values())
      for (const place of places(first.host, region)) {
        if (table.leaf(place.host, place.segments) !== first) continue;
        const [, next] = trees.flatMap((tree) => [...covering(tree, place.segments)]);
        for (const second of first.entries.length > 1 ? [first, next] : [next]) {
          if (second === undefined || seen.has(second)) continue;
          seen.add(second);
          yield { first, second, place };
        }
      }
  }
}

const shape = (parts: readonly Part[]): string =>
  parts.map(({ kind, text }) => (kind === 'parameter' ? '{}' : text)).join('/');

/** The names under which a table may have a host, from the most specific to the least. */
function covers(host: string): string[] {
  const labels = host.split('.');
  return [host, ...labels.slice(1).map((_, i) => `*.${labels.slice(i + 1).join('.')}`), '*'];
}

/** Flat fields by which all of these conditions hold. */
export const fieldsOf = ({ conditions }: Conditioned): Fields =>
  conditions.flatMap(({ name, values }) => [name, values[0] as string]);

/** Flat fields by which the conditions of both hold; null where they exclude each other. */
export function fieldsOfBoth(one: Conditioned, other: Conditioned): Fields | null {
  if (exclude(one, other)) return null;
  const shared = one.conditions.map(({ name, values }) => {
    const same = other.conditions.find((condition) => condition.name === name);
    return { name, values: same ? values.filter((value) => same.values.includes(value)) : values };
  });
  const more = other.conditions.filter(({ name }) => one.conditions.every((mine) => mine.name !== name));
  return fieldsOf({ conditions: [...shared, ...more] });
}

/** As entryOf, if this route were not there. */
export function entryWithout<R extends Matchable>(
  leaf: Leaf<R>,
  route: R,
  method: string,
  fields: Fields,
): Entry<R> | null {
  const entries = leaf.entries.filter((entry) => entry.route !== route && holds(entry, fields));
  const without: Leaf<R> = { ...leaf, entries, byMethod: new Map() };
  index(without);
  return entryOf(without, method, fields);
}
