/** `numbers.range_step` and `rand.intn` (`topdown/numbers.go`). */
import { RegoNumber } from '../number.ts';
import { BuiltinError, type Family, LimitError, operand } from './builtin.ts';
import { bigIntOperand, int64Operand } from './go/integer.ts';

/** OPA goes on until the evaluation is cancelled. */
const MOST_NUMBERS = 1_000_000n;
const MOST_DIGITS = 2 ** 25;

export const numbers: Family = {
  /** From the first number to the second, upwards or downwards. Throws LimitError for over a million, or 32 Mi digits. */
  'numbers.range_step': ([from, to, by]) => {
    const first = bigIntOperand(1, from);
    const last = bigIntOperand(2, to);
    const step = bigIntOperand(3, by);
    if (step <= 0n) throw new BuiltinError('numbers.range_step: step must be a positive integer');
    const distance = last - first;
    const count = (distance < 0n ? -distance : distance) / step + 1n;
    if (count > MOST_NUMBERS)
      throw new LimitError(`numbers.range_step: a range of more than ${MOST_NUMBERS} numbers`);
    const digits = Math.max(String(first).length, String(last).length);
    if (Number(count) * digits > MOST_DIGITS)
      throw new LimitError(`numbers.range_step: a range of more than ${MOST_DIGITS} digits`);
    const signed = distance < 0n ? -step : step;
    return Array.from({ length: Number(count) }, (_, at) => RegoNumber.of(first + BigInt(at) * signed));
  },

  /** A number from 0 to n-1; of the same name and n it is the same all through the evaluation. */
  'rand.intn': ([name, n], { kept, randomBytes }) => {
    const called = operand(1, name, 'string');
    const given = int64Operand(2, n);
    const most = given < 0n ? -given : given;
    const key = `rand.intn ${called}-${most}`;
    if (most === 0n) return RegoNumber.of(0);
    let chosen = kept.get(key);
    if (chosen === undefined) {
      // 128 bits: what is left over when they are divided favours no number by more than 2⁻⁶⁴.
      const random = BigInt(`0x${Buffer.from(randomBytes(16)).toString('hex')}`);
      chosen = RegoNumber.of(random % most);
      kept.set(key, chosen);
    }
    return chosen;
  },
};
