/** The `opa` command: where it is, how it is run, and how it is had where it is missing. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The version that bundles are built with and that the tests pin. */
export const OPA_VERSION = '1.22.0';
const DEADLINE_MS = 60_000;
const INSTALL_DEADLINE_MS = 600_000;
/** How often an installer looks whether the one before it is done. */
const LOCK_POLL_MS = 200;
const LARGEST_OUTPUT_BYTES = 16_777_216;

/** The process's environment, handed in by the caller. */
type Environment = Readonly<Record<string, string | undefined>>;

/** `opa` failed or is not there; the message is its own, or says how to get it. */
export class OpaError extends Error {}

/** Can this file be executed? To `access` alone, a folder named `opa` on PATH could. */
async function executable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

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
 * Runs `opa` in `cwd` with an empty environment and a deadline in milliseconds, and gives its standard output. Throws OpaError with
 * what it said, which names file and line.
 */
export async function runOpa(
  opa: string,
  args: readonly string[],
  cwd: string,
  deadline = DEADLINE_MS,
): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'portcullis-opa-'));
  try {
    const options = {
      cwd,
      env: { HOME: home, TMPDIR: home },
      timeout: deadline,
      killSignal: 'SIGKILL' as const,
      maxBuffer: LARGEST_OUTPUT_BYTES,
    };
    return (await run(opa, [...args], options)).stdout;
  } catch (error) {
    const { code, stderr, stdout, killed, message } = error as Error & {
      code?: unknown;
      stderr?: string;
      stdout?: string;
      killed?: boolean;
    };
    if (killed) throw new OpaError(`opa ${args[0]} took longer than ${deadline / 1_000} s`);
    if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
      throw new OpaError(`opa ${args[0]} said more than ${LARGEST_OUTPUT_BYTES} bytes`);
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
 * whose content Go checks against its checksum database. Throws OpaError.
 */
export async function installOpa(env: Environment): Promise<string> {
  const folder = cacheFolder(env);
  const target = join(folder, 'opa');
  if (await executable(target)) return target;
  await mkdir(folder, { recursive: true });
  const lock = join(folder, 'lock');
  await takeLock(lock);
  try {
    if (!(await executable(target))) await buildOpa(target, folder, env);
    return target;
  } finally {
    await rm(lock, { force: true });
  }
}

/** Builds aside and renames, so that whoever finds the target finds it whole, whatever became of the lock. */
async function buildOpa(target: string, folder: string, env: Environment): Promise<void> {
  const work = await mkdtemp(join(folder, 'building-'));
  try {
    await run('go', ['install', `github.com/open-policy-agent/opa@v${OPA_VERSION}`], {
      cwd: work,
      env: { ...env, GOBIN: work, CGO_ENABLED: '0', GOFLAGS: '-trimpath' },
      timeout: INSTALL_DEADLINE_MS,
      maxBuffer: LARGEST_OUTPUT_BYTES,
    });
    await rename(join(work, 'opa'), target);
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
    throw new OpaError(
      code === 'ENOENT' && stderr === ''
        ? `there is no Go here to build opa with: put opa ${OPA_VERSION} on PATH, or name it in PORTCULLIS_OPA`
        : `opa ${OPA_VERSION} could not be built: ${(stderr || message).trim()}`,
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Waits for the installer that holds the lock, and takes it. The file holds its owner's process id, so that a dead one's does not
 * count. It spares the second of two installers the work; it is not needed for either to end well.
 */
async function takeLock(lock: string): Promise<void> {
  for (let waited = 0; waited < INSTALL_DEADLINE_MS; waited += LOCK_POLL_MS) {
    try {
      return await writeFile(lock, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
    else await sleep(LOCK_POLL_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
