/** The `opa` command: where it is, how it is run, and how it is had where it is missing. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The version that bundles are built with and that the tests pin. */
export const OPA_VERSION = '1.22.0';
const DEADLINE_MS = 60_000;
const INSTALL_DEADLINE_MS = 600_000;
const LARGEST_OUTPUT_BYTES = 16_777_216;

/** The process's environment, handed in by the caller. */
type Environment = Readonly<Record<string, string | undefined>>;

/** `opa` failed or is not there; the message is its own, or says how to get it. */
export class OpaError extends Error {}

const executable = async (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** The folder that `portcullis policy install-opa` fills. */
const cacheFolder = (env: Environment): string =>
  join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'portcullis', `opa-${OPA_VERSION}`);

/** Finds `opa`: `$PORTCULLIS_OPA`, else on PATH, else in the cache folder; null when it is nowhere. */
export async function findOpa(env: Environment): Promise<string | null> {
  const named = env['PORTCULLIS_OPA'];
  if (named) {
    if (await executable(named)) return named;
    throw new OpaError(`PORTCULLIS_OPA names ${named}, which cannot be executed`);
  }
  for (const folder of [...(env['PATH'] ?? '').split(delimiter), cacheFolder(env)])
    if (folder !== '' && (await executable(join(folder, 'opa')))) return join(folder, 'opa');
  return null;
}

/**
 * Runs `opa` in `cwd` with an empty environment and a deadline, and gives its standard output. Throws OpaError with what it said,
 * which names file and line.
 */
export async function runOpa(opa: string, args: readonly string[], cwd: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'portcullis-opa-'));
  try {
    const options = {
      cwd,
      env: { HOME: home, TMPDIR: home },
      timeout: DEADLINE_MS,
      maxBuffer: LARGEST_OUTPUT_BYTES,
    };
    return (await run(opa, [...args], options)).stdout;
  } catch (error) {
    const { stderr, stdout, killed, message } = error as {
      stderr?: string;
      stdout?: string;
      killed?: boolean;
      message: string;
    };
    if (killed) throw new OpaError(`opa ${args[0]} took longer than ${DEADLINE_MS / 1_000} s`);
    throw new OpaError((stderr || stdout || message).trim());
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** The version that an `opa` says it is. */
export async function opaVersion(opa: string): Promise<string> {
  const said = /^Version: (\S+)/m.exec(await runOpa(opa, ['version'], tmpdir()))?.[1];
  if (said === undefined) throw new OpaError(`${opa} does not say its version`);
  return said;
}

/**
 * Puts the pinned `opa` into the cache folder and gives its path; at once when it is there. It is built by Go from the pinned module,
 * whose content Go checks against its checksum database.
 */
export async function installOpa(env: Environment): Promise<string> {
  const folder = cacheFolder(env);
  const target = join(folder, 'opa');
  if (await executable(target)) return target;
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'building-'));
  try {
    const goEnv = { ...env, GOBIN: work, CGO_ENABLED: '0', GOFLAGS: '-trimpath' } as NodeJS.ProcessEnv;
    await run('go', ['install', `github.com/open-policy-agent/opa@v${OPA_VERSION}`], {
      cwd: work,
      env: goEnv,
      timeout: INSTALL_DEADLINE_MS,
      maxBuffer: LARGEST_OUTPUT_BYTES,
    });
    // Built aside and renamed, so that two installers at once both end with a whole file.
    await rename(join(work, 'opa'), target);
    return target;
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
    throw new OpaError(
      code === 'ENOENT'
        ? `there is no Go here to build opa with: put opa ${OPA_VERSION} on PATH, or name it in PORTCULLIS_OPA`
        : `opa ${OPA_VERSION} could not be built: ${(stderr || message).trim()}`,
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
