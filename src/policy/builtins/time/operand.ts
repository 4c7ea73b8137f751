/** What the builtins for times take: nanoseconds since the epoch, alone or in an array with a zone and a layout. */
import { RegoNumber } from '../../number.ts';
import { typeName, type Value } from '../../value.ts';
import { BuiltinError, operand } from '../builtin.ts';
import { type Moment, momentOf } from './calendar.ts';
import { int64Of } from './int64.ts';
import { UTC, type Zone, zoneOf } from './zone.ts';

/** The first operand of most: a moment, the zone to show it in, and a layout, '' where none is given. Throws BuiltinError. */
export function timeOperand(value: Value): { moment: Moment; zone: Zone; layout: string } {
  if (value instanceof RegoNumber) return { moment: momentOf(int64Of(value)), zone: UTC, layout: '' };
  if (!Array.isArray(value) || value.length === 0)
    throw new BuiltinError(
      `operand 1 must be either number (ns) or [number (ns), string (tz)] but got ${typeName(value)}`,
    );
  const [nanoseconds, zone = '', layout = ''] = value as readonly Value[];
  return {
    moment: momentOf(int64Of(operand(1, nanoseconds as Value, 'number'))),
    zone: zoneOf(operand(1, zone, 'string')),
    layout: operand(1, layout, 'string'),
  };
}
