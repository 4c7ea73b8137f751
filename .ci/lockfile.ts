// Completes package-lock.json: run it after `npm install` has changed the lock file (`npm run lockfile`).
//
// The binaries of oxlint, oxfmt and knip's parser are optional dependencies, one for each platform. A registry mirror
// that has only this platform's makes npm (11.16 and later, npm/cli#9846) drop the others from the lock file, and
// `npm ci` then refuses the file anywhere. Their versions are pinned exactly by the package that names them, and
// their platform is in their name, so the entries can be written back; only their integrity is not known here.
import { readFileSync, writeFileSync } from 'node:fs';

interface Entry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
const exactVersion = /^\d+\.\d+\.\d+$/;
const platform =
  /\b(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(arm64|arm|ia32|ppc64|riscv64|s390x|x64)\b/;

let added = 0;
for (const parent of Object.values({ ...lock.packages })) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    const [, os, cpu] = platform.exec(name) ?? [];
    if (lock.packages[key] !== undefined || !exactVersion.test(version) || !os || !cpu) continue;
    const libc = /-(gnu|musl)/.exec(name)?.[1];
    lock.packages[key] = {
      version,
      cpu: [cpu],
      ...(parent.dev && { dev: true }),
      ...(libc && { libc: [libc === 'gnu' ? 'glibc' : 'musl'] }),
      optional: true,
      os: [os],
    };
    added++;
  }
}
const sorted = Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries(sorted);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} platform packages added to package-lock.json`);
