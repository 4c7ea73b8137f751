/** How routes that share host, path pattern and method divide by header fields. */
import { type Fields, listOf, spelling } from './headers.ts';

/** A header field that a request must have: its name in canonical spelling, and the values of which it must have one. */
export type HeaderCondition = { readonly name: string; readonly values: readonly string[] };

/** What has conditions, all of which must hold. */
export type Conditioned = { readonly conditions: readonly HeaderCondition[] };

/**
 * Entries by their headers: those with most conditions first. The entries of a group name the same headers, so that a request is
 * looked up by its values, however many entries there are; none is the name of entries without conditions.
 */
export type Division<E> = readonly {
  readonly names: readonly string[];
  readonly byValues: ReadonlyMap<string, E>;
}[];

/** Divides entries. Of two with equally many conditions, both of which hold, the one of the earlier tier is chosen. */
export function divide<E extends Conditioned>(tiers: readonly (readonly E[])[]): Division<E> {
  return tiers
    .flatMap((tier) => {
      const groups = new Map<string, { names: readonly string[]; byValues: Map<string, E> }>();
      for (const entry of tier) {
        const conditions = entry.conditions.toSorted((a, b) => (a.name < b.name ? -1 : 1));
        const names = conditions.map(({ name }) => name);
        const signature = names.join('\n');
        let group = groups.get(signature);
        if (!group) groups.set(signature, (group = { names, byValues: new Map() }));
        for (const key of keys(conditions)) if (!group.byValues.has(key)) group.byValues.set(key, entry);
      }
      return [...groups.values()];
    })
    .toSorted((a, b) => b.names.length - a.names.length);
}

/** Values one after the other, each with a line feed, which no field value has. */
const keys = (conditions: readonly HeaderCondition[]): string[] =>
  conditions.reduce(
    (begun, { values }) => begun.flatMap((key) => values.map((value) => `${key}${value}\n`)),
    [''],
  );

/** The entry that a request's fields lead to, or null. Of a field that is there twice the first counts: see `conditionFault`. */
export function choose<E>(division: Division<E>, fields: Fields): E | null {
  for (const { names, byValues } of division) {
    const entry = byValues.get(names.length === 0 ? '' : keyOf(names, fields));
    if (entry !== undefined) return entry;
  }
  return null;
}

function keyOf(names: readonly string[], fields: Fields): string {
  let key = '';
  for (const name of names) {
    const at = fields.findIndex(
      (field, i) => i % 2 === 0 && field.length === name.length && spelling(field) === name,
    );
    // What is not there equals no value: no condition has an empty one.
    key += `${at < 0 ? '' : fields[at + 1]}\n`;
  }
  return key;
}

/** Do all conditions hold? */
export const holds = ({ conditions }: Conditioned, fields: Fields): boolean =>
  conditions.every(({ name, values }) => values.some((value) => keyOf([name], fields) === `${value}\n`));

/** Can no request hold both: some header would need two values? */
export const exclude = (one: Conditioned, other: Conditioned): boolean =>
  one.conditions.some(({ name, values }) => {
    const same = other.conditions.find((condition) => condition.name === name);
    return same !== undefined && !values.some((value) => same.values.includes(value));
  });

/**
 * Why these fields do not tell routes apart, or null: one of `names`, by which routes differ, is there twice, or written with an
 * underscore or the like, or listed in Connection. The upstream could then see another value than the one that chose the route.
 */
export function conditionFault(names: ReadonlySet<string>, fields: Fields): string | null {
  if (names.size === 0) return null;
  const seen = new Set<string>();
  for (let i = 0; i < fields.length; i += 2) {
    const written = fields[i] as string;
    const name = spelling(written);
    if (!names.has(name)) continue;
    if (written.toLowerCase() !== name) return `${name}, by which routes differ, is not spelled plainly`;
    if (seen.has(name)) return `there are two ${name} headers, by which routes differ`;
    seen.add(name);
  }
  const listed = listOf(fields, 'connection').find((name) => names.has(spelling(name)));
  return listed === undefined ? null : `Connection lists ${spelling(listed)}, by which routes differ`;
}
