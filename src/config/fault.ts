/** A fault of the configuration, and the error that carries all of them at once. */

export type Fault = {
  /** Keys from the document's root to the place: `['routes', 0, 'scopes']`. */
  readonly path: readonly (string | number)[];
  /** What was expected there. Never the value, which may be a secret. */
  readonly message: string;
  /** Offset in the file's text, in UTF-16 units, where the path alone does not lead to it. */
  readonly offset?: number | undefined;
};

/** A fault with its place in the file, both counted from 1. */
export type PlacedFault = Fault & { readonly line: number; readonly column: number };

/** All that is wrong with a configuration; its message has one line `file:line:column path: message` for each fault. */
export class ConfigurationError extends Error {
  readonly code = 'PORTCULLIS_CONFIGURATION';
  readonly faults: readonly PlacedFault[];
  constructor(file: string, unsorted: readonly PlacedFault[]) {
    const byLine = new Map<string, PlacedFault>();
    for (const fault of unsorted.toSorted((a, b) => a.line - b.line || a.column - b.column)) {
      const { line, column, path, message } = fault;
      const place = path.length > 0 ? `${show(path)}: ` : '';
      byLine.set(printable(`${file}:${line}:${column} ${place}${message}`), fault);
    }
    super([...byLine.keys()].join('\n'));
    this.name = 'ConfigurationError';
    this.faults = [...byLine.values()];
  }
}

const show = (path: Fault['path']): string =>
  path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index > 0 ? `.${key}` : key)).join('');

/** A line for a terminal: keys and values of the file are shown, and may hold what it would obey. */
export const printable = (line: string): string =>
  line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
