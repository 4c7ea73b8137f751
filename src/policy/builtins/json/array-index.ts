/** The indexes of arrays in the paths of `json.patch` (OPA's `internal/edittree`). */
import { RegoNumber } from '../../number.ts';
import { typeName, type Value } from '../../value.ts';
import { BuiltinError } from '../builtin.ts';

/**
 * The index that a path's key is, within the array or not; `length` for `-`. What OPA's `util.Atoi64` takes for an integer counts,
 * such as `1.0` and `+1`. Throws BuiltinError.
 */
export function arrayIndex(key: Value, length: number): number {
  if (key === '-') return length;
  if (typeof key !== 'string' && !(key instanceof RegoNumber))
    throw new BuiltinError('invalid type for indexing');
  const text = typeof key === 'string' ? key : key.text;
  const [, sign, digits, fraction = ''] = /^([+-]?)(\d*)(\.0*)?$/.exec(text) ?? [];
  const size = (digits?.length ?? 0) + fraction.length;
  if (digits === undefined || size === 0 || size > 19)
    throw new BuiltinError(`invalid ${typeName(key)} for indexing`);
  if (typeof key === 'string' && key !== '0' && key.startsWith('0'))
    throw new BuiltinError('leading zeros are not allowed in JSON paths');
  return sign === '-' ? -Number(digits) : Number(digits);
}
