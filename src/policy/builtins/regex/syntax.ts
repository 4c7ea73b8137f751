/**
 * Where re2js takes other patterns than Go's `regexp/syntax` (1.26) does: groups of one name, and the names of Unicode's
 * classes.
 */
import { BuiltinError, LimitError } from '../builtin.ts';

/**
 * What is quoted, a Unicode class, an escape, a class, or the beginning of a group with a name: whichever comes first hides the
 * others.
 */
const TOKENS =
  /\\Q[^]*?(?:\\E|$)|\\[pP](?:\{[^}]{0,64}\}|[^{])|\\[^]|\[\^?\]?(?:\[:\^?[a-z]{1,9}:\]|\\[^]|[^\]\\])*(?:\]|\\?$)|\(\?P?<(\w+)>/g;
/** Each has up to some 700 ranges. */
const MOST_CLASSES = 1_000;
/** In a class: the escapes, and the brackets that may begin a class's name. */
const IN_CLASS = /\\[pP](?:\{[^}]{0,64}\}|[^{])|\\[^]|(?!^)\[(?=:)/g;

/**
 * A pattern of Go's as re2js takes it. `names` are the named groups' in order; the groups themselves are named g1, g2 … Throws
 * BuiltinError for a class that Go does not know; LimitError for more than 1,000 classes of Unicode.
 */
export function translateSyntax(source: string): { source: string; names: readonly string[] } {
  if ((source.match(/\\[pP]/g)?.length ?? 0) > MOST_CLASSES)
    throw new LimitError(`a regular expression has more than ${MOST_CLASSES} classes of Unicode`);
  const names: string[] = [];
  const lastName = source.lastIndexOf(':]');
  const translated = source.replaceAll(TOKENS, (token, name: string | undefined, at: number) => {
    if (name !== undefined) return `(?P<g${names.push(name)}>`;
    if (token[0] !== '[') return translateEscape(token);
    // To Go `[:` begins a class's name if there is a `:]` further on. To re2js `[:]` is one too, and it looks for each through
    // all of the rest.
    return token.replaceAll(IN_CLASS, (inner, within: number) => {
      if (inner !== '[') return translateEscape(inner);
      return at + within + 2 <= lastName ? '[' : '\\[';
    });
  });
  return { source: translated, names };
}

function translateEscape(escape: string): string {
  const [, letter, not = '', braced, bare] = /^\\([pP])(?:\{(\^?)([^}]*)\}|([^]))$/.exec(escape) ?? [];
  if (letter === undefined) return escape;
  const name = canonical(braced ?? (bare as string));
  if (UNKNOWN.has(name))
    throw new BuiltinError(`error parsing regexp: invalid character class range: \`${escape}\``);
  return `\\${letter}{${not}${ALIASES.get(name) ?? name}}`;
}

/** Go's canonicalName. A script of several words has no name that is looked up. */
function canonical(name: string): string {
  const bare = name.replaceAll(/[-_ ]/g, '');
  return bare.slice(0, 1).toUpperCase() + bare.slice(1).toLowerCase();
}

/** What re2js has and Go has not: properties that are no categories, and scripts after Unicode 15. */
const UNKNOWN: ReadonlySet<string> = new Set(
  'Alphabetic Dash Emoji Lowercase Math Uppercase Unknown Garay Sidetic Sunuwar Todhri'.split(' '),
);

/** Long names of the categories, canonical. */
const ALIASES: ReadonlyMap<string, string> = new Map(
  `Casedletter LC, Closepunctuation Pe, Combiningmark M, Connectorpunctuation Pc, Control Cc, Currencysymbol Sc,
   Dashpunctuation Pd, Decimalnumber Nd, Enclosingmark Me, Finalpunctuation Pf, Format Cf, Initialpunctuation Pi, Letter
   L, Letternumber Nl, Lineseparator Zl, Lowercaseletter Ll, Mark M, Mathsymbol Sm, Modifierletter Lm, Modifiersymbol Sk,
   Nonspacingmark Mn, Number N, Openpunctuation Ps, Other C, Otherletter Lo, Othernumber No, Otherpunctuation Po,
   Othersymbol So, Paragraphseparator Zp, Privateuse Co, Punctuation P, Separator Z, Spaceseparator Zs, Spacingmark Mc,
   Surrogate Cs, Symbol S, Titlecaseletter Lt, Unassigned Cn, Uppercaseletter Lu, Cntrl Cc, Digit Nd, Punct P`
    .split(/,\s+/)
    .map((pair) => pair.split(/\s+/) as [string, string]),
);
