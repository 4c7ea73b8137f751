/** The templates of `regex.template_match`: text with regular expressions between delimiters, as gorilla/mux has them. */
import { BuiltinError } from '../builtin.ts';
import { quote } from '../go/quote.ts';
import { compilePattern, type Pattern } from './pattern.ts';

/** The pattern that matches all of a text. Delimiters are one byte each, and may nest. Throws BuiltinError. */
export function compileTemplate(template: string, open: string, close: string): Pattern {
  let [source, end] = ['^', 0];
  for (const [from, to] of delimited(template, open, close)) {
    const expression = template.slice(from + 1, to - 1);
    // Each has to be a pattern by itself: `a)(b` is none.
    compilePattern(`^${expression}$`);
    source += `${quoteMeta(template.slice(end, from))}(${expression})`;
    end = to;
  }
  return compilePattern(`${source}${quoteMeta(template.slice(end))}$`);
}

/** Where the outermost pairs of delimiters begin and end. Delimiters that are the same only open. */
function delimited(template: string, open: string, close: string): [number, number][] {
  const found: [number, number][] = [];
  let [level, from] = [0, 0];
  for (let at = 0; at < template.length && level >= 0; at++)
    if (template[at] === open) {
      if (++level === 1) from = at;
    } else if (template[at] === close && --level === 0) found.push([from, at + 1]);
  if (level !== 0) throw new BuiltinError(`unbalanced braces in ${quote(template)}`);
  return found;
}

/** Go's `regexp.QuoteMeta`. */
const quoteMeta = (text: string): string => text.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&');
