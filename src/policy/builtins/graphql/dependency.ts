/** What depends on each other, in order. */

/**
 * The names, each after those that it depends on; null when one depends on itself, by whatever way. Names that are not among these
 * are left out.
 */
export function inDependencyOrder(
  names: readonly string[],
  dependencies: (name: string) => readonly string[],
): readonly string[] | null {
  const dependents = new Map<string, string[]>(names.map((name) => [name, []]));
  const open = new Map<string, number>();
  for (const name of dependents.keys()) {
    const known = dependencies(name).filter((dependency) => dependents.has(dependency));
    for (const dependency of known) dependents.get(dependency)?.push(name);
    open.set(name, known.length);
  }
  const order = [...dependents.keys()].filter((name) => open.get(name) === 0);
  // The list grows while it is read.
  for (const name of order)
    for (const dependent of dependents.get(name) ?? []) {
      const left = (open.get(dependent) as number) - 1;
      open.set(dependent, left);
      if (left === 0) order.push(dependent);
    }
  return order.length === dependents.size ? order : null;
}
