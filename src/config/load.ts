/** From a file to a configuration: read, interpolate, validate, resolve; every fault at once, each with its place. */
import { readFileSync } from 'node:fs';
import { dirname, resolve as resolvePath } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument, type Document as YamlDocument, type Node } from 'yaml';
import { ConfigurationError, type Fault, type PlacedFault } from './fault.ts';
import { coerce, interpolate } from './interpolate.ts';
import { type Config, resolveConfig } from './resolve.ts';
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
    variable: (name) => env[name],
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
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (fault: Fault): PlacedFault => {
    const { line, col } = lines.linePos(fault.offset ?? offsetOf(document, fault.path));
    return { ...fault, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const refuse = (faults: readonly Fault[]): void => {
    if (faults.length > 0) throw new ConfigurationError(origin.file, faults.map(place));
  };

  // After an unexpected token the parser has lost its way: what it says further on is noise.
  const lost = document.errors.findIndex(({ code }) => code === 'UNEXPECTED_TOKEN');
  const errors = lost < 0 ? document.errors : document.errors.slice(0, lost + 1);
  refuse(
    errors.map(({ message, pos: [offset] }) => {
      const unquoted = /\$\{?$/.test(text.slice(0, offset).trimEnd()) || text.startsWith('${', offset - 1);
      return {
        path: [],
        message: unquoted ? `${message}: inside { } or [ ], quote "\${…}"` : message,
        offset,
      };
    }),
  );
  const { replaced, faults } = interpolate(document, { variable: origin.variable, file: origin.readFile });
  refuse([...faults, ...settle(document, replaced)]);
  const config = resolveConfig(completed(document.toJS()), origin.folder);
  refuse(judge(config));
  return config;
}

/** Shape faults of the document, after reading interpolated scalars as the type that the schema expects of them. */
function settle(document: YamlDocument, replaced: ReadonlySet<unknown>): Fault[] {
  const faults = shapeFaults(completed(document.toJS()));
  const mended = faults.filter(({ path, expected }) => {
    const node = document.getIn(path, true);
    return expected !== undefined && replaced.has(node) && coerce(node, expected);
  });
  return mended.length > 0 ? shapeFaults(completed(document.toJS())) : faults;
}

/** Where a path lies in the text: its key if it has one, else its value, else the nearest thing above it. */
function offsetOf(document: YamlDocument, path: Fault['path']): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && key.value === path[depth - 1]);
      const range = (pair?.key as Node | undefined)?.range;
      if (range) return range[0];
    }
    const node = document.getIn(path.slice(0, depth), true) as Node | undefined;
    if (node?.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}
