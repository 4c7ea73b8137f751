/** Rego's values, for properties. */
import * as fc from 'fast-check';
import { RegoNumber } from '../../src/policy/number.ts';
import { RegoObject, RegoSet, type Value } from '../../src/policy/value.ts';

/** Values of every kind, not too deep. */
export const values = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Value>(null, true, false),
    fc.integer().map((integer) => RegoNumber.of(integer)),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((double) => RegoNumber.of(double)),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 4 }).map((members) => new RegoSet(members)),
    fc
      .array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 })
      .map((entries) => new RegoObject(entries)),
  ),
})).value;
