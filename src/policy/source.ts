/** Where policies come from: a bundle, or a folder whose bundle is built when it is missing or stale. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bundle, BundleError, digests, readBundle } from './bundle.ts';
import { BUNDLE_NAME, compileFolder, readSources } from './compile.ts';
import { findOpa } from './opa.ts';

/**
 * The bundle that `source` stands for. A folder's built bundle is taken when its recorded digests are those of the sources;
 * otherwise the folder is compiled, in memory. Throws BundleError or OpaError, each saying what to do.
 */
export async function bundleFrom(
  source: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Bundle> {
  const kind = await stat(source).catch(() => null);
  if (!kind) throw new BundleError(`there are no policies at ${source}`);
  if (!kind.isDirectory()) return bundleAt(source);

  const file = join(source, BUNDLE_NAME);
  const built = (await stat(file).catch(() => null)) ? await bundleAt(file) : null;
  const changed = built ? changes(built.sources ?? {}, digests(await readSources(source))) : [];
  if (built && changed.length === 0) return built;

  const opa = await findOpa(env);
  if (!opa) {
    const why = built
      ? `${BUNDLE_NAME} was built from other versions of ${changed.join(', ')}`
      : `there is no ${BUNDLE_NAME} in ${source}`;
    throw new BundleError(
      `${why}, and there is no opa to build it with: run \`portcullis policy install-opa\` or set PORTCULLIS_OPA`,
    );
  }
  return readBundle(await compileFolder(source, opa));
}

/** Reads a bundle file; a fault names it. */
async function bundleAt(file: string): Promise<Bundle> {
  try {
    return await readBundle(await readFile(file));
  } catch (error) {
    throw new BundleError(`${file}: ${(error as Error).message}`);
  }
}

/** Paths whose content differs between two sets of digests. */
export const changes = (
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => before[path] !== after[path])
    .toSorted();
