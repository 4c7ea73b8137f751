/** Keycloak's own distribution, fetched by Maven and built once a machine: an authorization server that nobody here wrote. */
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const VERSION = '26.7.3';
const OLDEST_JAVA = 17;
const DEADLINE_MS = 600_000;

const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'portcullis');
const target = join(folder, `keycloak-${VERSION}`);

/** What is missing here to run it, in words for whoever skips a test; null when nothing is. */
export async function missingForKeycloak(): Promise<string | null> {
  // "17.0.15", and "1.8.0" for what everybody calls 8.
  const java = /version "(\d+)/.exec(await said('java', '-version'))?.[1];
  if (java === undefined) return `no Java here: Keycloak ${VERSION} needs ${OLDEST_JAVA} or newer`;
  if (Number(java) < OLDEST_JAVA)
    return `Java ${java} is here: Keycloak ${VERSION} needs ${OLDEST_JAVA} or newer`;
  if (await isThere(target)) return null;
  return (await said('mvn', '-version')) === '' ? `no Maven here to fetch Keycloak ${VERSION} with` : null;
}

/** The folder of Keycloak, which nothing may write to; fetched and built if it is not in the cache. Rejects with what Maven or Keycloak said. */
export async function installKeycloak(): Promise<string> {
  if (await isThere(target)) return target;
  await mkdir(folder, { recursive: true });
  // Made aside and renamed, so that whoever finds it finds it whole.
  const work = await mkdtemp(join(folder, 'keycloak-building-'));
  try {
    const artifact = `-Dartifact=org.keycloak:keycloak-quarkus-dist:${VERSION}:tar.gz`;
    await tool('mvn', ['-q', '-B', 'dependency:copy', artifact, `-DoutputDirectory=${work}`]);
    await tool('tar', ['-xzf', join(work, `keycloak-quarkus-dist-${VERSION}.tar.gz`), '-C', work]);
    const made = join(work, `keycloak-${VERSION}`);
    // What cannot be said any more when it starts; a third of every start is spared so. Where these change, the folder's name has to.
    const options = ['--db=dev-file', '--health-enabled=true', '--https-client-auth=request'];
    await tool(join(made, 'bin/kc.sh'), ['build', ...options]);
    await rename(made, target);
  } catch (error) {
    // Another one came first.
    if (!(await isThere(target))) throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return target;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** What a command says of its version, on whichever output; empty when it is not there. */
const said = (command: string, argument: string): Promise<string> =>
  run(command, [argument]).then(
    ({ stdout, stderr }) => stdout + stderr,
    () => '',
  );

async function tool(command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, [...args], { timeout: DEADLINE_MS, maxBuffer: 16_777_216 });
  } catch (error) {
    const { stderr, stdout, message } = error as { stderr?: string; stdout?: string; message: string };
    throw new Error(`${command}: ${(stderr || stdout || message).trim()}`, { cause: error });
  }
}
