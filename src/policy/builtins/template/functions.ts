/** The functions of templates (Go's `text/template/funcs.go`), but for `and` and `or`, which do not evaluate all operands. */
import { rejoined } from '../go/bytes.ts';
import { type Printable, sprint, sprintln } from '../go/print.ts';
import { sprintf } from '../go/printf.ts';
import { index, len, slice } from './collections.ts';
import { eq, lt } from './comparison.ts';
import { html, js, urlquery } from './escapes.ts';
import { type Held, isTrue, RenderError } from './held.ts';

/** A function: how many operands it takes, and what they give. Those that print get a nil for what is not there. */
export type TemplateFunction = {
  readonly least: number;
  readonly most: number;
  readonly run: (operands: readonly Held[]) => Held;
};

const ofTwo = (run: (a: Held, b: Held) => Held): TemplateFunction => ({
  least: 2,
  most: 2,
  run: ([a, b]) => run(a, b),
});
const ofAny = (least: number, run: (operands: readonly Held[]) => Held): TemplateFunction => ({
  least,
  most: Infinity,
  run,
});
const nils = (operands: readonly Held[]): readonly Printable[] => operands.map((operand) => operand ?? null);
/** The operands as an action would show them. */
function shown(operands: readonly Held[]): string {
  const values = operands.map((operand) => operand ?? '<no value>');
  return rejoined(sprint(values, 'int'));
}
const le = (a: Held, b: Held): boolean => lt(a, b) || eq(a, b);

/** By their names. */
export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  [
    'call',
    ofAny(1, () => {
      // Nothing in data is a function.
      throw new RenderError('error calling call: non-function');
    }),
  ],
  ['eq', ofAny(1, ([first, ...others]) => eq(first, ...others))],
  ['ge', ofTwo((a, b) => !lt(a, b))],
  ['gt', ofTwo((a, b) => !le(a, b))],
  ['html', ofAny(0, (operands) => html(shown(operands)))],
  ['index', ofAny(1, ([item, ...places]) => index(item, ...places))],
  ['js', ofAny(0, (operands) => js(shown(operands)))],
  ['le', ofTwo(le)],
  ['len', { least: 1, most: 1, run: ([item]) => len(item) }],
  ['lt', ofTwo(lt)],
  ['ne', ofTwo((a, b) => !eq(a, b))],
  ['not', { least: 1, most: 1, run: ([operand]) => !isTrue(operand) }],
  ['print', ofAny(0, (operands) => rejoined(sprint(nils(operands), 'int')))],
  [
    'printf',
    ofAny(1, ([format, ...operands]) => {
      if (typeof format !== 'string') throw new RenderError('wrong type for value; expected string');
      return rejoined(sprintf(format, nils(operands), 'int'));
    }),
  ],
  ['println', ofAny(0, (operands) => rejoined(sprintln(nils(operands), 'int')))],
  ['slice', ofAny(1, ([item, ...places]) => slice(item, ...places))],
  ['urlquery', ofAny(0, (operands) => urlquery(shown(operands)))],
]);

/** The names that a template may call. */
export const FUNCTION_NAMES: ReadonlySet<string> = new Set([...FUNCTIONS.keys(), 'and', 'or']);
