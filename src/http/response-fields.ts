/** What every answer's fields go through before they are written: some are removed, some are said by the gateway itself. */
import { spelling } from './headers.ts';

/** Names to remove, in canonical spelling, and flat fields to add after that. */
export type Dressing = { readonly removes: ReadonlySet<string>; readonly adds: readonly string[] };

/** The dressing that `server.response_headers` asks for: a value replaces what is there, false removes it. Null for none. */
export function configuredDressing(headers: Readonly<Record<string, string | false>>): Dressing | null {
  const names = Object.keys(headers);
  if (names.length === 0) return null;
  return {
    removes: new Set(names.map(spelling)),
    adds: Object.entries(headers).flatMap(([name, value]) => (value === false ? [] : [name, value])),
  };
}

/** The fields of an answer, dressed. The array given stays as it is. */
export function dressed(fields: readonly string[], { removes, adds }: Dressing): string[] {
  const kept: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (!removes.has(spelling(name))) kept.push(name, fields[i + 1] as string);
  }
  kept.push(...adds);
  return kept;
}
