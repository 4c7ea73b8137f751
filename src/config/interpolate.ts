/** `${VAR}`, `${VAR:-default}` and `${file:path}` in the scalars of a parsed YAML document. */
import { type Document, type Scalar, visit } from 'yaml';
import { keysTo } from './document.ts';
import type { Fault } from './fault.ts';

/** Where values come from: the environment's variables, and files read as text (throws when unreadable). */
export type Sources = {
  readonly variable: (name: string) => string | undefined;
  readonly file: (path: string) => string;
};

const REFERENCE = /\$\$\{|\$\{(?<inner>[^{}]*)\}|\$\{/g;
const VARIABLE = /^(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<fallback>[\s\S]*))?$/;

/**
 * Replaces the references in place; `$${` stands for a literal `${`. Acting on scalars that are parsed already, it cannot
 * change the document's shape. Values that came from a reference as a whole are returned, so that a number or boolean can be
 * read where the schema asks for one. Faults: an unset variable, an unreadable file, a malformed reference.
 */
export function interpolate(
  document: Document,
  sources: Sources,
): { replaced: Set<Scalar>; faults: Fault[] } {
  const replaced = new Set<Scalar>();
  const faults: Fault[] = [];
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return;
      const text = node.value;
      node.value = text.replace(REFERENCE, (match, inner: string | undefined) => {
        if (match === '$${') return '${';
        const answer = resolve(inner, sources);
        if ('value' in answer) return answer.value;
        faults.push({ path: keysTo(ancestors, node), message: answer.fault, offset: node.range?.[0] });
        return match;
      });
      if (/^\$\{[^{}]*\}$/.test(text)) replaced.add(node);
    },
  });
  return { replaced, faults };
}

function resolve(inner: string | undefined, sources: Sources): { value: string } | { fault: string } {
  if (inner?.startsWith('file:')) {
    try {
      return { value: sources.file(inner.slice('file:'.length)).replace(/\r?\n$/, '') };
    } catch (error) {
      return { fault: `cannot read this file: ${(error as NodeJS.ErrnoException).code ?? 'unreadable'}` };
    }
  }
  const { name, fallback } = VARIABLE.exec(inner ?? '')?.groups ?? {};
  if (name === undefined) return { fault: 'expected ${NAME}, ${NAME:-default} or ${file:path}' };
  const found = sources.variable(name);
  const value = found || fallback;
  if (value !== undefined) return { value };
  return { fault: `environment variable ${name} is ${found === '' ? 'empty' : 'not set'}` };
}

/** Reads a replaced scalar as the number or boolean that the schema expects there, or leaves it as it is. */
export function coerce(node: Scalar, expected: string): boolean {
  if (typeof node.value !== 'string') return false;
  if (expected === 'boolean' && /^(true|false)$/.test(node.value)) node.value = node.value === 'true';
  else if (/^(integer|number)$/.test(expected) && /^-?\d+$/.test(node.value)) node.value = Number(node.value);
  else return false;
  return true;
}
