/** A Keycloak of the test's own: a process on loopback, with the realms of keycloak-realm.json, that can be killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { AUTHORITY, SERVER } from './certificates.ts';
import { installKeycloak } from './keycloak-install.ts';

const REALMS = fileURLToPath(new URL('keycloak-realm.json', import.meta.url));
const LOOK_AGAIN_MS = 250;
/** Of the master realm, for the REST API. */
export const ADMINISTRATOR = { username: 'admin', password: 'admin' };
/** Where its certificate says it is; trusted by who trusts AUTHORITY. */
export const CERTIFIED_NAME = 'api.internal';

export type Keycloak = {
  /** The issuer's origin, http://; what it says of itself whatever address it is reached at. */
  readonly url: string;
  /** The same server by TLS, that asks for a client certificate. */
  readonly secureUrl: string;
  readonly issuer: (realm?: string) => string;
  /** Kills it, without a chance to tidy up. */
  readonly kill: () => Promise<void>;
  /** Starts it again at the same address, with what it had stored; resolves when it is ready. */
  readonly start: () => Promise<void>;
};

/**
 * Starts it; it ends with the test, or with this process, however that ends. `jwks` are the keys by which the client `by-key`
 * authenticates. Rejects with the end of its log when it does not come up.
 */
export async function startKeycloak(t: Test, jwks: object): Promise<Keycloak> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-keycloak-'));
  let running: ChildProcess | null = null;
  const kill = async (): Promise<void> => {
    if (running?.exitCode !== null || running.signalCode !== null) return;
    running.stdin?.end();
    await once(running, 'exit');
  };
  t.teardown(async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  });
  await furnish(folder, await installKeycloak(), jwks);
  const [port, securePort, healthPort] = await Promise.all([freePort(1), freePort(2), freePort(3)]);
  const url = `http://127.0.0.1:${port}`;
  const args = [
    'start',
    '--optimized',
    '--import-realm',
    '--cache=local',
    `--hostname=${url}`,
    '--hostname-backchannel-dynamic=true',
    '--http-enabled=true',
    '--http-host=127.0.0.1',
    `--http-port=${port}`,
    `--https-port=${securePort}`,
    `--https-certificate-file=${join(folder, 'server.pem')}`,
    `--https-certificate-key-file=${join(folder, 'server.key')}`,
    `--truststore-paths=${join(folder, 'authority.pem')}`,
    `--http-management-port=${healthPort}`,
    '--http-management-scheme=http',
  ];
  const start = async (): Promise<void> => {
    running = await launch(folder, args);
    while (!(await isReady(healthPort))) {
      if (running.exitCode !== null || running.signalCode !== null)
        throw new Error(`Keycloak ended: ${(await readFile(join(folder, 'log'), 'utf8')).slice(-2_000)}`);
      await pause(LOOK_AGAIN_MS);
    }
  };
  await start();
  return {
    url,
    secureUrl: `https://127.0.0.1:${securePort}`,
    issuer: (realm = 'portcullis') => `${url}/realms/${realm}`,
    kill,
    start,
  };
}

/** A home with data of its own around the program, which it shares with all others. */
async function furnish(folder: string, program: string, jwks: object): Promise<void> {
  for (const part of ['bin', 'conf']) await cp(join(program, part), join(folder, part), { recursive: true });
  for (const part of ['lib', 'providers', 'themes']) await symlink(join(program, part), join(folder, part));
  await mkdir(join(folder, 'data/import'), { recursive: true });
  const realms = (await readFile(REALMS, 'utf8')).replace('"$JWKS"', JSON.stringify(JSON.stringify(jwks)));
  await writeFile(join(folder, 'data/import/realms.json'), realms);
  await writeFile(join(folder, 'server.pem'), SERVER.cert);
  await writeFile(join(folder, 'server.key'), SERVER.key);
  await writeFile(join(folder, 'authority.pem'), AUTHORITY);
}

/**
 * A shell in a process group of its own, which it kills when Keycloak ends, or when its standard input does: by our hand, or since this
 * process is no more. A JVM that is left over would hold half a gigabyte.
 */
async function launch(folder: string, args: readonly string[]): Promise<ChildProcess> {
  const script = '("$0" "$@" </dev/null; kill -KILL 0) & read -r _; kill -KILL 0';
  const log = await open(join(folder, 'log'), 'a');
  const child = spawn('sh', ['-c', script, join(folder, 'bin/kc.sh'), ...args], {
    cwd: folder,
    detached: true,
    stdio: ['pipe', log.fd, log.fd],
    env: {
      ...process.env,
      KC_BOOTSTRAP_ADMIN_USERNAME: ADMINISTRATOR.username,
      KC_BOOTSTRAP_ADMIN_PASSWORD: ADMINISTRATOR.password,
      JAVA_OPTS_KC_HEAP: '-Xms256m -Xmx768m',
    },
  });
  await log.close();
  child.stdin?.on('error', () => {});
  return child;
}

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Below those that systems give to outgoing connections: none of these may have it while Keycloak is away. */
async function freePort(which: number): Promise<number> {
  for (let port = 10_000 + ((process.pid * 3 + which) % 10_000); ; port += 3) {
    const server = createServer().listen(port, '127.0.0.1');
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.close();
    if (free) return port;
  }
}
