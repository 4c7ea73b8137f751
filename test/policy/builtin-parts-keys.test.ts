/** The twins of these parts of builtins, in one process: to start one takes longer than most of them (.taprc leaves them out). */
import { globSync } from 'node:fs';

const FOLDERS = ['aws', 'jwt', 'x509'];

for (const folder of FOLDERS)
  for (const file of globSync(`builtins/${folder}/*.test.ts`, { cwd: import.meta.dirname }).toSorted())
    await import(`./${file}`);
