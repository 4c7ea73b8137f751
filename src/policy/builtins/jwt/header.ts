/** What OPA reads of a JWT's header, RFC 7515, section 4.1, and RFC 7519, section 5. */
import type { RegoObject, Value } from '../../value.ts';
import { BuiltinError } from '../builtin.ts';

/** Empty where the header does not have it. */
export type JwtHeader = {
  readonly alg: string;
  readonly kid: string;
  readonly cty: string;
  /** `alg` is there, and all that is critical is known. */
  readonly isValid: boolean;
};

const TEXTS = ['alg', 'kid', 'typ', 'cty'];

/** Throws BuiltinError for members of the wrong type. */
export function readHeader(header: RegoObject): JwtHeader {
  const [alg = '', kid = '', , cty = ''] = TEXTS.map((name) => text(name, header.get(name)));
  const critical = header.get('crit');
  const unknown =
    critical === undefined
      ? []
      : criticalNames(critical).filter((name) => !TEXTS.includes(name) && name !== 'crit');
  return { alg, kid, cty, isValid: alg !== '' && !unknown.some((name) => header.has(name)) };
}

function text(name: string, value: Value | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') throw new BuiltinError(`${name}: must be a string`);
  return value;
}

/** Those before the first that is no string: OPA reads no further. */
function criticalNames(value: Value): readonly string[] {
  if (!Array.isArray(value)) throw new BuiltinError('crit: must be a list');
  const end = value.findIndex((name) => typeof name !== 'string');
  const names: readonly string[] = end < 0 ? value : value.slice(0, end);
  if (names.length === 0) throw new BuiltinError('crit: must be a nonempty list');
  return names;
}
