/** The options of `crypto.x509.parse_and_verify_certificates_with_options`. */
import { RegoNumber } from '../../number.ts';
import { RegoSet, type RegoObject, type Value } from '../../value.ts';
import { BuiltinError } from '../builtin.ts';
import { int64 } from '../go/integer.ts';
import { USAGES } from './usages.ts';

/** Null for what is not said. */
export type VerifyOptions = {
  readonly host: string | null;
  /** Nanoseconds since the epoch. */
  readonly now: bigint | null;
  /** OIDs. */
  readonly usages: readonly string[];
};

export const NO_OPTIONS: VerifyOptions = { host: null, now: null, usages: [] };

/** Throws BuiltinError. Keys that are no strings are passed over, as OPA does. */
export function readOptions(options: RegoObject): VerifyOptions {
  const read = { ...NO_OPTIONS };
  for (const [key, value] of options.entries) {
    if (typeof key !== 'string') continue;
    const reader = READERS.get(key);
    if (!reader) throw new BuiltinError('invalid key option');
    Object.assign(read, reader(value));
  }
  return read;
}

const READERS: ReadonlyMap<string, (value: Value) => Partial<VerifyOptions>> = new Map<
  string,
  (value: Value) => Partial<VerifyOptions>
>([
  ['DNSName', (value) => ({ host: readHost(value) })],
  ['CurrentTime', (value) => ({ now: readInt64('CurrentTime', value) })],
  [
    'MaxConstraintComparisons',
    (value) => {
      // Go has stopped to count them: looking a name up takes logarithmic time now.
      readInt64('MaxConstraintComparisons', value);
      return {};
    },
  ],
  ['KeyUsages', (value) => ({ usages: readUsages(value) })],
]);

const unquoted = (text: string): string => text.replace(/^"+/, '').replace(/"+$/, '');

function readHost(value: Value): string {
  if (typeof value !== 'string') throw new BuiltinError("'DNSName' should be a string");
  return unquoted(value);
}

function readInt64(name: string, value: Value): bigint {
  if (!(value instanceof RegoNumber)) throw new BuiltinError(`'${name}' should be a number`);
  const number = int64(value);
  if (number === null) throw new BuiltinError(`'${name}' should be a valid int64 number`);
  return number;
}

/** Members that are no strings are passed over. */
function readUsages(value: Value): readonly string[] {
  const members = value instanceof RegoSet ? value.members : value;
  if (!Array.isArray(members)) throw new BuiltinError("'KeyUsages' should be an Array or Set");
  const names = (members as readonly Value[]).filter((member) => typeof member === 'string').map(unquoted);
  const unknown = names.filter((name) => !USAGES.has(name));
  if (unknown.length > 0)
    throw new BuiltinError(`invalid entries for 'KeyUsages' found: [${unknown.join(' ')}]`);
  return names.flatMap((name) => USAGES.get(name) ?? []);
}
