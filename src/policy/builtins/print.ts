/** What policies say to whoever runs them (`topdown/print.go`). */
import { RegoSet, typeName, type Value } from '../value.ts';
import { type Family, LimitError, operand } from './builtin.ts';
import { valueString } from './go/value-string.ts';

export const print: Family = {
  /**
   * What `print(a, b)` is compiled to: of each argument the set of its values, empty where it is undefined. One line for each
   * combination of them. It has no result; the module asks for none. Throws LimitError for more than 10,000 lines, or 16 Mi
   * characters.
   */
  'internal.print': ([operands], evaluation) => {
    const choices = operand(1, operands, 'array').map((argument) => {
      if (argument instanceof RegoSet)
        return argument.size === 0 ? ['<undefined>'] : argument.members.map(shown);
      // The compiler makes no such calls; OPA's ends the evaluation too.
      if (typeof argument === 'object' && argument !== null && typeName(argument) !== 'number')
        throw new TypeError(`print: illegal argument type: ${typeName(argument)}`);
      return [shown(argument)];
    });
    printEach(choices, evaluation.print);
    return undefined;
  },

  /** The note that OPA puts into a trace is a line here. */
  trace: ([message], evaluation) => {
    evaluation.print(operand(1, message, 'string'));
    return true;
  },
};

const shown = (value: Value): string => (typeof value === 'string' ? value : valueString(value));

const MOST_LINES = 10_000;
const MOST_CHARACTERS = 2 ** 24;

function printEach(choices: readonly (readonly string[])[], write: (line: string) => void): void {
  const lines = choices.reduce((count, { length }) => count * length, 1);
  if (lines > MOST_LINES) throw new LimitError(`print: more than ${MOST_LINES} lines`);
  const lengths = choices.map((of) => of.reduce((sum, one) => sum + one.length + 1, 0) / of.length);
  if (lengths.reduce((sum, length) => sum + length, 0) * lines > MOST_CHARACTERS)
    throw new LimitError(`print: more than ${MOST_CHARACTERS} characters`);
  for (let line = 0; line < lines; line++) {
    // The last argument's values change first, as the last digits of numbers that are counted up.
    let [rest, after] = [line, lines];
    const chosen = choices.map((of) => {
      after /= of.length;
      const at = Math.floor(rest / after);
      rest %= after;
      return of[at] as string;
    });
    write(chosen.join(' '));
  }
}
