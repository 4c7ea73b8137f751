/** JSON as Go's `encoding/json` reads it, where a builtin of OPA is given JSON in a string. */
import { RegoNumber } from '../../number.ts';
import { RegoObject, type Value } from '../../value.ts';
import { BuiltinError, LimitError } from '../builtin.ts';

/** As deep as values are that come to a policy in another way. */
const DEEPEST = 2_000;
/** Go's limit (maxNestingDepth). */
const DEEPEST_OF_GO = 10_000;

/**
 * The value of a JSON text, numbers as they are written. Of members with the same name the last counts; half a surrogate pair is
 * U+FFFD. Throws BuiltinError for what is not JSON, and, unless they may be `unbounded`, for numbers beyond 2^±100,000, which OPA
 * refuses to work with. Throws LimitError for what is nested deeper than 2,000; BuiltinError where it is deeper than 10,000, which
 * is too deep for Go.
 */
export function unmarshalJson(text: string, numbers: 'bounded' | 'unbounded' = 'bounded'): Value {
  const depths = new Map<Value, number>();
  const depthOf = (members: readonly Value[]): number =>
    members.reduce<number>((most, member) => Math.max(most, depths.get(member) ?? 0), 0) + 1;
  try {
    return JSON.parse(text, (_, parsed: unknown, context?: { readonly source?: string }) => {
      const value = valueOf(parsed, context?.source);
      if (numbers === 'bounded' && value instanceof RegoNumber) checkBounds(value);
      if (!Array.isArray(value) && !(value instanceof RegoObject)) return value;
      const depth = depthOf(Array.isArray(value) ? value : value.entries.map(([, member]) => member));
      if (depth > DEEPEST) throw new RangeError();
      depths.set(value, depth);
      return value;
    }) as Value;
  } catch (error) {
    // What JSON.parse says of either would quote the text, or be of the stack.
    if (error instanceof SyntaxError) throw new BuiltinError('invalid JSON');
    if (!(error instanceof RangeError)) throw error;
    if (nesting(text) > DEEPEST_OF_GO) throw new BuiltinError('exceeded max depth');
    throw new LimitError(`the JSON is nested deeper than ${DEEPEST}`);
  }
}

/** How deep arrays and objects are within each other, in text that is JSON. */
function nesting(text: string): number {
  let [depth, deepest] = [0, 0];
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isInString && character === '\\') at++;
    else if (character === '"') isInString = !isInString;
    else if (isInString) continue;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth--;
  }
  return deepest;
}

/** Of what JSON.parse has made, whose members are values already. `source` is a number's text. */
function valueOf(parsed: unknown, source = ''): Value {
  if (typeof parsed === 'number') return new RegoNumber(source);
  if (typeof parsed === 'string') return parsed.toWellFormed();
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return parsed as Value;
  return new RegoObject(
    Object.entries(parsed).map(([name, member]) => [name.toWellFormed(), member as Value]),
  );
}

/** Decimal places from the point to the first digit, in numbers of 2^-100,000 and 2^100,000. */
const FARTHEST = 30_103;

function checkBounds({ text }: RegoNumber): void {
  const [, whole = '', fraction = '', power] = /^-?(\d+)(?:\.(\d+))?[eE](.+)$/.exec(text) ?? [];
  const zeros = /^0*/.exec(whole + fraction)?.[0].length ?? 0;
  const isZero = zeros === whole.length + fraction.length;
  if (power !== undefined && !isZero && Math.abs(Number(power) + whole.length - zeros) > FARTHEST)
    throw new BuiltinError('invalid number: number too big');
}
