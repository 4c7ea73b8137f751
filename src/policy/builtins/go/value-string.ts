/** A value as OPA's `String()` writes it: as `writeValue` does, but with strings quoted as Go quotes them. */
import { RegoNumber } from '../../number.ts';
import { RegoObject, RegoSet, type Value } from '../../value.ts';
import { quote } from './quote.ts';

/** For what `print` and `sprintf` show: a string in it is `"\x00"` where JSON has `"\u0000"`. */
export function valueString(value: Value): string {
  const pieces: string[] = [];
  write(pieces, value);
  return pieces.join('');
}

/** One frame for each level: values are up to 2,000 deep. */
function write(pieces: string[], value: Value): void {
  if (typeof value === 'string') pieces.push(quote(value));
  else if (value instanceof RegoNumber) pieces.push(value.text);
  else if (value instanceof RegoObject) {
    pieces.push('{');
    for (const [at, [key, member]] of value.entries.entries()) {
      if (at > 0) pieces.push(', ');
      write(pieces, key);
      pieces.push(': ');
      write(pieces, member);
    }
    pieces.push('}');
  } else if (value instanceof RegoSet && value.size === 0) pieces.push('set()');
  else if (value instanceof RegoSet || Array.isArray(value)) {
    const isSet = value instanceof RegoSet;
    const members = isSet ? value.members : (value as readonly Value[]);
    pieces.push(isSet ? '{' : '[');
    for (const [at, member] of members.entries()) {
      if (at > 0) pieces.push(', ');
      write(pieces, member);
    }
    pieces.push(isSet ? '}' : ']');
  } else pieces.push(`${value as boolean | null}`);
}
