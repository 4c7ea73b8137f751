/** From a folder of Rego to a bundle. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { digests, sealBundle } from './bundle.ts';
import { capabilitiesOf } from './capabilities.ts';
import { OpaError, opaVersion, runOpa } from './opa.ts';

/** Beside its sources, the built bundle has this name. */
export const BUNDLE_NAME = 'bundle.tar.gz';

/**
 * The files that make a bundle, by path relative to the folder with `/`: Rego without tests, and data. Links are not followed.
 * Throws OpaError when the folder cannot be read.
 */
export async function readSources(folder: string): Promise<Map<string, Uint8Array>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: Error) => {
    throw new OpaError(`the policies cannot be read: ${error.message}`);
  });
  const paths = entries
    .filter((entry) => entry.isFile() && isSource(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted();
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path))] as const)),
  );
}

/** What `opa build -b` takes in, without tests. */
const isSource = (name: string): boolean =>
  (name.endsWith('.rego') && !name.endsWith('_test.rego')) || /^data\.(?:json|ya?ml)$/.test(name);

/**
 * Compiles a folder. Entrypoints are the rules annotated `entrypoint: true`. At -O0: optimised modules decide wrongly when data
 * arrives at run time. Throws OpaError with OPA's own file and line.
 */
export async function compileFolder(folder: string, opa: string): Promise<Uint8Array> {
  const sources = await readSources(folder);
  if (![...sources.keys()].some((path) => path.endsWith('.rego')))
    throw new OpaError(`there is no Rego in ${folder}`);
  const work = await mkdtemp(join(tmpdir(), 'portcullis-build-'));
  try {
    // A copy, so that what is compiled is what is digested, whatever else is in the folder or changes meanwhile.
    const copy = join(work, 'sources');
    await writeFiles(copy, sources);
    const capabilities = join(work, 'capabilities.json');
    await writeFile(capabilities, await capabilitiesOf(opa));
    const output = join(work, BUNDLE_NAME);
    // From inside: opa writes the path it is given into the module, which would make each machine's bundle another.
    const args = ['build', '-t', 'wasm', '-O0', '-b', '.', '--capabilities', capabilities, '-o', output];
    await runOpa(opa, args, copy).catch((error: Error) => {
      throw error.message.includes('at least one entrypoint')
        ? new OpaError(`no rule in ${folder} is an entrypoint: annotate one with \`entrypoint: true\``)
        : error;
    });
    return await sealBundle(await readFile(output), digests(sources), await opaVersion(opa));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function writeFiles(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}
