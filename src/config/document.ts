/** The configuration's text as a YAML document: what is wrong with its syntax, and where in it a path lies. */
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, ErrorCode, Node, YAMLError } from 'yaml';
import type { Fault, PlacedFault } from './fault.ts';

/** Nodes that aliases may add up to: a few lines of them can stand for billions. */
const MOST_COPIED_NODES = 100_000;

export type ConfigDocument = {
  readonly document: Document;
  /** Faults of syntax. Nothing else can be judged while there are any. */
  readonly faults: readonly Fault[];
  /** Finds a fault's line and column. */
  readonly place: (fault: Fault) => PlacedFault;
};

/** Parses YAML 1.2. Each alias becomes a copy of what it names. */
export function readDocument(text: string): ConfigDocument {
  const source = text.replace(/^\uFEFF/, '');
  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    // Whatever a %YAML directive says: no `yes` for true, no dates, no octal ports.
    schema: 'core',
    resolveKnownTags: false,
    logLevel: 'error',
  });
  const faults = syntaxFaults(document, source);
  return {
    document,
    faults: faults.length > 0 ? faults : expandAliases(document),
    place(fault) {
      const { line, col } = lines.linePos(fault.offset ?? offsetOf(document, fault.path));
      return { ...fault, line, column: col };
    },
  };
}

function syntaxFaults({ errors, warnings }: Document, text: string): Fault[] {
  // After an unexpected token the parser has lost its way: what it says further on is noise.
  const lost = errors.findIndex(({ code }) => code === 'UNEXPECTED_TOKEN');
  const unknownTags = warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED');
  return [...(lost < 0 ? errors : errors.slice(0, lost + 1)), ...unknownTags].map((error) => {
    const [offset] = error.pos;
    const unquoted = /\$\{?$/.test(text.slice(0, offset).trimEnd()) || text.startsWith('${', offset - 1);
    const message = words(error);
    return {
      path: [],
      message: unquoted ? `${message}: inside { } or [ ], quote "\${…}"` : message,
      offset,
    };
  });
}

/** The parser's words, without what it quotes of the text, which may be a secret such as `|x7Gp`. */
const words = ({ code, message }: YAMLError): string => WORDS[code] ?? message.replace(/: [^]*/, '');

const WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_DIRECTIVE: 'not a YAML directive',
  BAD_DQ_ESCAPE: 'not an escape sequence of "double quotes"',
  DUPLICATE_KEY: 'this key is there twice',
  MULTIPLE_DOCS: 'expected one YAML document only',
  NON_STRING_KEY: 'expected a plain key',
  RESOURCE_EXHAUSTION: 'nested too deeply',
  TAG_RESOLVE_FAILED: 'no such tag: quote a value that starts with !',
};

/** Nothing is shared afterwards: a default filled in here must not show up there, and each place has its own type. */
function expandAliases(document: Document): Fault[] {
  const faults: Fault[] = [];
  let copied = 0;
  visit(document, {
    Alias(_key, alias, ancestors) {
      const report = (message: string): void =>
        void faults.push({ path: keysTo(ancestors, alias), message, offset: alias.range?.[0] });
      const named = alias.resolve(document);
      if (!named) return report('no such anchor above: quote a value that starts with *');
      if ((ancestors as readonly unknown[]).includes(named)) {
        report('this alias stands within what it names');
        return visit.BREAK;
      }
      if (copied > MOST_COPIED_NODES) {
        report('aliases add up to too much');
        return visit.BREAK;
      }
      const copy = named.clone() as Node;
      visit(copy, {
        Node(_, node) {
          copied++;
          // So that an alias further on finds the anchor that was written last, not this copy of an earlier one.
          if (!isAlias(node)) delete node.anchor;
        },
      });
      return copy;
    },
  });
  return faults;
}

/** The keys that lead to a node, from its ancestors as `visit` gives them. */
export function keysTo(ancestors: readonly unknown[], node: unknown): (string | number)[] {
  return ancestors.flatMap((ancestor, depth): (string | number)[] => {
    if (isPair(ancestor)) return isScalar(ancestor.key) ? [String(ancestor.key.value)] : [];
    return isSeq(ancestor) ? [ancestor.items.indexOf(ancestors[depth + 1] ?? node)] : [];
  });
}

/** Where a path lies in the text: its key if it has one, else its value, else the nearest thing above it. */
function offsetOf(document: Document, path: Fault['path']): number {
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
