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
  if (!kind.isDirectory()) return readBundle(await readFile(source));

  const built = await readFile(join(source, BUNDLE_NAME)).then(readBundle, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  const changed = built ? changes(built.sources ?? {}, digests(await readSources(source))) : [];
  if (built && changed.length === 0) return built;

  const opa = await findOpa(env);
  if (!opa) {
    const why = built
      ? `${BUNDLE_NAME} is older than ${changed.join(', ')}`
      : `there is no ${BUNDLE_NAME} in ${source}`;
    throw new BundleError(
      `${why}, and no opa to build it with: run \`portcullis policy install-opa\` or set PORTCULLIS_OPA`,
    );
  }
  return readBundle(await compileFolder(source, opa));
}

/** Paths whose content differs between two sets of digests. */
export const changes = (
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => before[path] !== after[path])
    .toSorted();
