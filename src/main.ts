#!/usr/bin/env node
/** The command line: serve, check, routes, and the policy author's commands. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApp } from './app.ts';
import { advise } from './config/advice.ts';
import { ConfigurationError, printable } from './config/fault.ts';
import { jsonOf, listRoutes, tableOf } from './config/listing.ts';
import { environment, loadConfig } from './config/load.ts';
import { publishedSchema } from './config/publish.ts';
import { KeyError, minter } from './oauth/phantom.ts';
import { openLog } from './observe/log.ts';
import { BundleError } from './policy/bundle.ts';
import { BUNDLE_NAME, compileFolder } from './policy/compile.ts';
import { loadPolicies, PolicyLoadError } from './policy/engine.ts';
import { findOpa, installOpa, OPA_VERSION, OpaError } from './policy/opa.ts';
import { bundleFrom } from './policy/source.ts';

const USAGE = `Usage: portcullis <command>

  serve [file]              start the gateway (file: portcullis.yaml)
  check [file]              check a configuration and its policies, without starting
  routes [file]             print who may do what: every route, the most specific first (--json)
  policy build [folder]     compile Rego to ${BUNDLE_NAME} (folder: policies; --output FILE)
  policy install-opa        get the pinned opa into the cache folder
  schema                    print the configuration's JSON Schema

Environment: PORTCULLIS_OPA (path of opa), PORTCULLIS_LOG (trace … fatal, silent), OTEL_* (tracing).
`;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** What was typed or set where the command was started. */
class UsageError extends Error {}

/** How long the last spans may take on their way to the collector. */
const LONGEST_FLUSH_MS = 2_000;

/** Runs the gateway until SIGTERM, SIGINT or SIGHUP. */
async function serve(file: string): Promise<number> {
  const config = loadConfig(file);
  const level = environment['PORTCULLIS_LOG'] || 'info';
  if (!LOG_LEVELS.includes(level))
    throw new UsageError(`PORTCULLIS_LOG is ${level}: expected one of ${LOG_LEVELS.join(', ')}`);
  const { startTelemetry } = await import('./observe/telemetry.ts');
  const telemetry = startTelemetry(environment);
  const log = openLog(level);
  const app = await createApp(config, {
    log,
    telemetry,
    env: environment,
    now: Date.now,
    elapsed: () => performance.now(),
    version,
  });
  const { ready, policies } = app.status();
  // Before anyone can know that it listens: a signal that nobody waits for would end it there and then.
  const signalled = new Promise<string>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(name, resolve);
  });
  log.info(
    { ...(await app.listen()), version, revision: policies.revision, ready },
    'portcullis is listening',
  );
  log.info({ signal: await signalled }, 'draining');
  await app.close();
  // A collector that is down must not keep the process; one that is up ends it sooner.
  setTimeout(() => process.exit(), LONGEST_FLUSH_MS).unref();
  await telemetry.shutdown();
  return 0;
}

/** Says what is wrong with a configuration, by the code that `serve` runs. */
async function check(file: string): Promise<number> {
  const config = loadConfig(file);
  const { routes, phantom } = config;
  if (phantom) await minter(phantom, Date.now);
  if (routes.some(({ policy }) => policy !== null)) {
    const { entrypoints, revision } = await loadPolicies(
      await bundleFrom(config.policies.source, environment),
    );
    const lost = routes.flatMap(({ policy, name }, index) =>
      policy === null || entrypoints.has(policy)
        ? []
        : [`${file} routes[${index}].policy: the route ${name} names ${policy}, which is no entrypoint`],
    );
    if (lost.length > 0)
      throw new PolicyLoadError([...lost, `the policies have ${[...entrypoints].join(', ')}`].join('\n'));
    process.stdout.write(`policies: revision ${revision}, ${entrypoints.size} entrypoints\n`);
  }
  const warnings = advise(config);
  for (const warning of warnings) process.stderr.write(`warning: ${printable(warning)}\n`);
  const verdict = warnings.length === 0 ? 'nothing wrong' : `no faults, warnings: ${warnings.length}`;
  process.stdout.write(`${file}: ${routes.length} routes, ${verdict}\n`);
  return 0;
}

/** Prints who may do what, by the routes in force. */
function printRoutes(file: string, asJson: boolean): number {
  const list = listRoutes(loadConfig(file).routes);
  process.stdout.write(asJson ? jsonOf(list) : tableOf(list));
  return 0;
}

async function build(folder: string, output: string): Promise<number> {
  const opa = await findOpa(environment);
  if (!opa) throw new OpaError('there is no opa: run `portcullis policy install-opa`, or set PORTCULLIS_OPA');
  const bundle = await compileFolder(folder, opa);
  await writeFile(output, bundle);
  process.stdout.write(`${output}: ${bundle.length} bytes\n`);
  return 0;
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
  });
  const [command, argument, folder = 'policies'] = positionals;
  if (values.version) return (process.stdout.write(`${version}\n`), 0);
  if (values.help) return (process.stdout.write(USAGE), 0);
  if (command === 'serve') return serve(argument ?? 'portcullis.yaml');
  if (command === 'check') return check(argument ?? 'portcullis.yaml');
  if (command === 'routes') return printRoutes(argument ?? 'portcullis.yaml', values.json ?? false);
  if (command === 'policy' && argument === 'build')
    return build(folder, values.output ?? join(folder, BUNDLE_NAME));
  if (command === 'policy' && argument === 'install-opa') {
    process.stderr.write(`getting opa ${OPA_VERSION}; built by Go, that takes a minute or three\n`);
    return (process.stdout.write(`${await installOpa(environment)}\n`), 0);
  }
  if (command === 'schema') return (process.stdout.write(publishedSchema()), 0);
  process.stderr.write(USAGE);
  return 2;
}

/** Faults that a user can mend are told in a line; anything else is a bug and shows its stack. */
function explain(error: unknown): string {
  const { code, message, stack, syscall } = error as NodeJS.ErrnoException;
  const mendable = [ConfigurationError, BundleError, OpaError, PolicyLoadError, KeyError, UsageError].some(
    (kind) => error instanceof kind,
  );
  // What the system refused: a port, an address, a file.
  return mendable || code?.startsWith('ERR_PARSE_ARGS') || syscall !== undefined
    ? message
    : (stack ?? message);
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
