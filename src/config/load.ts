/** From a file to a configuration: read, interpolate, validate, resolve; every fault at once, each with its place. */
import { readFileSync } from 'node:fs';
import { dirname, resolve as resolvePath } from 'node:path';
import { type Document, isScalar } from 'yaml';
import { readDocument } from './document.ts';
import { ConfigurationError, type Fault } from './fault.ts';
import { coerce, interpolate, type Sources } from './interpolate.ts';
import { type Config, resolveConfig, writtenAt } from './resolve.ts';
import { judge } from './rules.ts';
import { completed, shapeFaults } from './shape.ts';

/** The process's environment: the one place where it is read. */
export const environment: Readonly<Record<string, string | undefined>> = process.env;

/**
 * Reads and judges the configuration at `file`, as `portcullis serve` and `portcullis check` both do.
 * Throws ConfigurationError with every fault found.
 */
export function loadConfig(
  file: string,
  env: Readonly<Record<string, string | undefined>> = environment,
): Config {
  const folder = dirname(resolvePath(file));
  return parseConfig(read(file), {
    file,
    folder,
    variable: (name) => (Object.hasOwn(env, name) ? env[name] : undefined),
    readFile: (path) => readFileSync(resolvePath(folder, path), 'utf8'),
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const message = `cannot read the configuration: ${(error as NodeJS.ErrnoException).code ?? 'unreadable'}`;
    throw new ConfigurationError(file, [{ path: [], message, line: 1, column: 1 }]);
  }
}

type Origin = {
  /** How faults name the file. */
  readonly file: string;
  /** What relative paths in it start from. */
  readonly folder: string;
  readonly variable: (name: string) => string | undefined;
  readonly readFile: (path: string) => string;
};

/** As loadConfig, from a text. */
export function parseConfig(text: string, origin: Origin): Config {
  const { document, faults, place } = readDocument(text);
  const refuse = (found: readonly Fault[]): void => {
    if (found.length > 0) throw new ConfigurationError(origin.file, found.map(place));
  };
  refuse(faults);
  refuse(settle(document, { variable: origin.variable, file: origin.readFile }));
  const written = completed(document.toJS());
  const config = resolveConfig(written, origin.folder);
  refuse(judge(config).map((fault) => ({ ...fault, path: writtenAt(written, fault.path) })));
  return config;
}

/** Faults of references and of shape, once values from references have the type that the schema expects of them. */
function settle(document: Document, sources: Sources): Fault[] {
  const { replaced, faults } = interpolate(document, sources);
  const judged = () => shapeFaults(completed(document.toJS()));
  const found = judged();
  const mended = found.filter(({ path, expected }) => {
    const node = document.getIn(path, true);
    return expected !== undefined && isScalar(node) && replaced.has(node) && coerce(node, expected);
  });
  // What a reference could not be replaced by is not judged as a value.
  const unread = new Set(faults.map(({ path }) => JSON.stringify(path)));
  const left = mended.length > 0 ? judged() : found;
  return [...faults, ...left.filter(({ path }) => !unread.has(JSON.stringify(path)))];
}
