/** `package` and `import`. */
import {
  type Import,
  isRootDocument,
  type Package,
  type Ref,
  ref,
  string,
  type Term,
  variable,
} from './ast.ts';
import {
  advance,
  advanceToSpace,
  fail,
  isAt,
  keep,
  mayBeName,
  type Parser,
  reclassify,
  unexpected,
} from './parser.ts';
import { FUTURE, IN_IMPORTS, type Keyword, V1_KEYWORDS, V1_ONLY } from './scanner.ts';
import { parseTerm } from './terms.ts';

/** To the name behind `package` or `import`; false where it is none, with a fault noted unless the keyword begins a reference. */
function toName(p: Parser): boolean {
  advanceToSpace(p);
  if (isAt(p, '.') || isAt(p, '[')) return false;
  if (isAt(p, 'whitespace')) advance(p);
  if (isAt(p, 'identifier')) return true;
  if (mayBeName(p, p.place.kind)) {
    reclassify(p, 'identifier');
    return true;
  }
  unexpected(p);
  return false;
}

/** At `package`. Null where it is none. */
export function parsePackage(p: Parser): Package | null {
  if (!toName(p)) return null;
  const term = parseTerm(p);
  if (term === null) return fail(p, 'expected path');
  if (term.kind !== 'var' && term.kind !== 'ref') return unexpected(p);
  const [first, ...rest] = term.kind === 'var' ? [term] : term.terms;
  if (first?.kind !== 'var') return fail(p, 'expecting var');
  if (rest.some(({ kind }) => kind !== 'string')) return fail(p, 'expecting string');
  return { kind: 'package', path: [variable('data'), string(first.name), ...rest] };
}

/** At `import`. Null where it is none. */
export function parseImport(p: Parser): Import | null {
  if (!toName(p)) return null;
  const path = parsePath(p);
  if (path === null) return null;
  const [root] = path.terms as [Term];
  const isLanguage = isNamed(root, 'future') || isNamed(root, 'rego');
  if (!isLanguage && !isRootDocument(root))
    return fail(p, 'unexpected import path, must begin with one of: data, future, input, rego');
  if (isAt(p, 'as')) return parseAlias(p, path);
  const last = path.terms.at(-1) as Term;
  const name =
    last.kind === 'var' ? last.name : last.kind === 'string' && !isNamed(root, 'future') ? last.value : '';
  if (V1_KEYWORDS.has(name)) fail(p, `unexpected import path, must not end with a keyword, got: ${name}`);
  return { kind: 'import', path, alias: null };
}

const isOneOf = (keywords: readonly string[], name: string): boolean => keywords.includes(name);
const isNamed = (term: Term, name: string): boolean => term.kind === 'var' && term.name === name;

/** The path may have keywords in it that are no older than Rego v1. */
function parsePath(p: Parser): Ref | null {
  const { keywords, known } = p;
  p.place = keep(p);
  p.keywords = IN_IMPORTS;
  p.known = null;
  const term = parseTerm(p);
  p.keywords = keywords;
  p.known = known;
  if (term?.kind === 'var') return ref([term]);
  if (term?.kind !== 'ref') return fail(p, 'expected path');
  return term.terms.slice(1).some(({ kind }) => kind !== 'string') ? fail(p, 'expecting string') : term;
}

/** At `as`. */
function parseAlias(p: Parser, path: Ref): Import | null {
  advance(p);
  if (!isAt(p, 'identifier')) return unexpected(p, 'expected var');
  const alias = parseTerm(p);
  return alias?.kind === 'var' ? { kind: 'import', path, alias: alias.name } : unexpected(p, 'expected var');
}

/** What an import changes in the language. Notes what is wrong with it. */
export function applyImport(p: Parser, { path, alias }: Import): void {
  const [root, second, third] = path.terms as [Term, Term?, Term?];
  const version = second?.kind === 'string' ? second.value : '';
  if (isNamed(root, 'rego')) {
    if ((version !== 'v1' && version !== 'v2') || third)
      fail(p, 'invalid import, must be one of: rego.v1, rego.v2');
    if (alias !== null) fail(p, '`rego` imports cannot be aliased');
    if (version === 'v2') useFuture(p, FUTURE);
    afterImport(p);
  } else if (isNamed(root, 'future')) {
    if (version !== 'keywords') fail(p, 'invalid import, must be `future.keywords`');
    if (alias !== null) fail(p, '`future` imports cannot be aliased');
    const keyword = third?.kind === 'string' && path.terms.length === 3 ? third.value : null;
    if (keyword === null) useFuture(p, FUTURE);
    else if (isOneOf(FUTURE, keyword)) useFuture(p, [keyword]);
    else if (!isOneOf(V1_ONLY, keyword)) fail(p, `unexpected keyword ${keyword}`);
    afterImport(p);
  }
}

function useFuture(p: Parser, keywords: readonly string[]): void {
  p.keywords = new Set([...p.keywords, ...keywords]);
  p.hasNotBodies ||= keywords.includes('not');
}

/** The token behind an import was read before its keywords were known. */
function afterImport(p: Parser): void {
  const { kind, text } = p.place;
  if (kind === 'identifier' && p.keywords.has(text)) reclassify(p, text as Keyword);
}
