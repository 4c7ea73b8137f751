/** The twins of the builtins' families, in one process: to start one takes longer than most of them (.taprc leaves them out). */
import { globSync } from 'node:fs';

for (const file of globSync('builtins/*.test.ts', { cwd: import.meta.dirname }).toSorted())
  await import(`./${file}`);
