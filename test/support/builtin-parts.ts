/** The twins of builtins run many in one process: to start one takes longer than most of them. .taprc leaves them out for that. */
import { globSync } from 'node:fs';
import { join } from 'node:path';

export const BUILTIN_TWINS = join(import.meta.dirname, '../policy/builtins');

/** The folders of each process. */
export const PARTS = {
  documents: ['graphql', 'json', 'json-schema', 'yaml'],
  keys: ['aws', 'jwt', 'x509'],
  text: ['cidr', 'globs-match', 'go', 'regex', 'rego', 'template', 'time'],
} as const;

/** Runs all twins of these folders, one after the other. */
export async function runTwins(folders: readonly string[]): Promise<void> {
  for (const folder of folders)
    for (const file of globSync(`${folder}/*.test.ts`, { cwd: BUILTIN_TWINS }).toSorted())
      await import(join(BUILTIN_TWINS, file));
}
