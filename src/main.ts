#!/usr/bin/env node
/** The command line: serve, check, routes, and the policy author's commands. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApp, explainOnce } from './app.ts';
import { advise } from './config/advice.ts';
import { ConfigurationError, printable } from './config/fault.ts';
import { jsonOf, listRoutes, tableOf } from './config/listing.ts';
import { environment, loadConfig } from './config/load.ts';
import { publishedSchema } from './config/publish.ts';
import { ArgumentError, readArguments, tokenFile, tokenIn, tokenStream } from './explain/arguments.ts';
import { explainedText } from './explain/text.ts';
import { KeyError, minter } from './oauth/phantom.ts';
import { openLog } from './observe/log.ts';
import { BundleError } from './policy/bundle.ts';
import { capabilitiesOf } from './policy/capabilities.ts';
import { BUNDLE_NAME, compileFolder } from './policy/compile.ts';
import { PolicyLoadError } from './policy/engine.ts';
import { loadPolicies } from './policy/policies.ts';
import { findOpa, installOpa, OPA_VERSION, OpaError } from './policy/opa.ts';
import { bundleFrom } from './policy/source.ts';

const USAGE = `Usage: portcullis <command>

  serve [file]              start the gateway
  check [file]              check a configuration and its policies, without starting
  routes [file]             print who may do what: every route, the most specific first (--json)
  explain METHOD TARGET     run one request through every stage but the last, and say what each learnt (--token -|FILE,
                            --header 'Name: value', --from ADDRESS, --json; TARGET: /path or https://host/path)
  policy build [folder]     compile Rego to ${BUNDLE_NAME} (folder: policies; --output FILE)
  policy capabilities       print what Rego may use here, for opa's --capabilities
  policy install-opa        get the pinned opa into the cache folder
  schema                    print the configuration's JSON Schema

The configuration is portcullis.yaml, [file], or --config FILE, which all four of the first take.
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

/** Runs one request through the chain, and says what came of it: 0 when it would be forwarded, 1 when refused. */
async function explainRequest(args: readonly string[]): Promise<number> {
  const { file, asJson, tokenFrom, asked } = readArguments(args);
  const config = loadConfig(file);
  if (tokenFrom === '-' && process.stdin.isTTY) process.stderr.write('the token, then Ctrl-D: ');
  const written = tokenFrom === '-' ? await tokenStream(process.stdin) : tokenFrom && tokenFile(tokenFrom);
  const token = written === null ? null : tokenIn(written);
  const explained = await explainOnce(
    config,
    { ...asked, token },
    { log: openLog('silent'), env: environment, now: Date.now },
  );
  process.stdout.write(asJson ? jsonOf(explained) : explainedText(explained));
  return explained.outcome.result === 'refused' ? 1 : 0;
}

/** Throws OpaError with what to do. */
async function opaFound(): Promise<string> {
  const opa = await findOpa(environment);
  if (opa) return opa;
  throw new OpaError('there is no opa: run `portcullis policy install-opa`, or set PORTCULLIS_OPA');
}

async function build(folder: string, output: string): Promise<number> {
  const bundle = await compileFolder(folder, await opaFound());
  await writeFile(output, bundle);
  process.stdout.write(`${output}: ${bundle.length} bytes\n`);
  return 0;
}

/** The commands that `run` knows, and of how many words they are at most. */
const MOST_WORDS: ReadonlyMap<string, number> = new Map([
  ['serve', 2],
  ['check', 2],
  ['routes', 2],
  ['schema', 1],
  ['policy build', 3],
  ['policy capabilities', 2],
  ['policy install-opa', 2],
]);

async function run(args: readonly string[]): Promise<number> {
  if (args[0] === 'explain' && !args.some((one) => one === '--help' || one === '-h'))
    return explainRequest(args.slice(1));
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      output: { type: 'string', short: 'o' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
  });
  const [command = '', argument, folder = 'policies'] = positionals;
  if (values.version) return (process.stdout.write(`${version}\n`), 0);
  if (values.help) return (process.stdout.write(USAGE), 0);
  const named = command === 'policy' ? `policy ${argument ?? ''}`.trimEnd() : command;
  const most = MOST_WORDS.get(named);
  if (named === 'explain') throw new UsageError('explain stands first, and its options after it');
  if (most === undefined) {
    process.stderr.write(named === '' ? USAGE : `unknown command ${printable(named)}\n\n${USAGE}`);
    return 2;
  }
  const surplus = positionals.slice(most);
  if (surplus.length > 0)
    throw new UsageError(`${named} takes no ${printable(surplus.join(' '))}: see portcullis --help`);
  const file = (): string => {
    if (values.config !== undefined && argument !== undefined)
      throw new UsageError('the configuration is named twice: as an argument, and by --config');
    return values.config ?? argument ?? 'portcullis.yaml';
  };
  switch (named) {
    case 'serve':
      return serve(file());
    case 'check':
      return check(file());
    case 'routes':
      return printRoutes(file(), values.json ?? false);
    case 'policy build':
      return build(folder, values.output ?? join(folder, BUNDLE_NAME));
    case 'policy capabilities':
      return (process.stdout.write(await capabilitiesOf(await opaFound())), 0);
    case 'policy install-opa':
      process.stderr.write(`getting opa ${OPA_VERSION}; built by Go, that takes a minute or three\n`);
      return (process.stdout.write(`${await installOpa(environment)}\n`), 0);
    default:
      return (process.stdout.write(publishedSchema()), 0);
  }
}

/**
 * Faults that a user can mend are told in a line; anything else is a bug and shows its stack: of `explain` without the message, which may
 * hold the token.
 */
function told(error: unknown): string {
  const { code, message, stack, syscall } = error as NodeJS.ErrnoException;
  const mendable = [
    ArgumentError,
    ConfigurationError,
    BundleError,
    OpaError,
    PolicyLoadError,
    KeyError,
    UsageError,
  ].some((kind) => error instanceof kind);
  // What the system refused: a port, an address, a file.
  if (mendable || code?.startsWith('ERR_PARSE_ARGS') || syscall !== undefined) return message;
  if (process.argv[2] !== 'explain') return stack ?? message;
  const frames = (stack ?? '').split('\n').filter((line) => FRAME.test(line));
  return [
    'this is a bug of Portcullis; its message is left out, since it may hold the token',
    ...frames,
  ].join('\n');
}

/** A line of a stack that names a place in the code. */
const FRAME = /^ {4}at (?:[\w$.<> [\]]+ \()?(?:file|node):[^\s()]+:\d+:\d+\)?$/;

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${told(error)}\n`);
  // Of `explain`, 1 is a verdict.
  process.exitCode = process.argv[2] === 'explain' ? 2 : 1;
}
