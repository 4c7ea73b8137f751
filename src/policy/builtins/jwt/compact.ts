/** JWTs in compact serialization (RFC 7515, section 7.1), as OPA takes them apart. */
import { RegoObject, type Value } from '../../value.ts';
import { decodeBase64 } from '../go/base64.ts';
import { BuiltinError, operand } from '../builtin.ts';
import { unmarshalJson } from '../go/unmarshal-json.ts';
import { replacedText } from '../go/bytes.ts';

/** The three parts, still encoded. */
export type Compact = { readonly header: string; readonly payload: string; readonly signature: string };

/** Of a builtin's first operand. Throws BuiltinError for what is no string of three parts. */
export function splitCompact(token: Value): Compact {
  const text = operand(1, token, 'string');
  const parts = text.split('.', 4);
  const [header = '', payload = '', signature = ''] = parts;
  if (parts.length === 1) throw new BuiltinError('encoded JWT had no period separators');
  if (parts.length !== 3)
    throw new BuiltinError(`encoded JWT must have 3 sections, found ${text.split('.').length}`);
  return { header, payload, signature };
}

/** What is signed. */
export const signingInput = ({ header, payload }: Compact): string => `${header}.${payload}`;

/** The bytes of a part, which may be padded or not. Throws BuiltinError that names the part. */
export function decodePart(jwt: Compact, part: keyof Compact): Buffer {
  const text = jwt[part];
  const padded = text.endsWith('=') ? text : text.padEnd(Math.ceil(text.length / 4) * 4, '=');
  const bytes = decodeBase64(padded, 'base64url', 'padded');
  if (bytes === null) throw new BuiltinError(`JWT ${part} had invalid encoding`);
  return bytes;
}

/** The object whose JSON these bytes are. Throws BuiltinError. */
export function objectOf(bytes: Uint8Array): RegoObject {
  const value = unmarshalJson(replacedText(bytes));
  if (value instanceof RegoObject) return value;
  throw new BuiltinError('decoded JSON type was not an Object');
}

/** The header. Throws BuiltinError, also for a JWE (RFC 7516, section 9). */
export function decodeHeader(jwt: Compact): RegoObject {
  const bytes = decodePart(jwt, 'header');
  const header = named('bad JWT header', () => objectOf(bytes));
  if (header.has('enc')) throw new BuiltinError('JWT is a JWE object, which is not supported');
  return header;
}

function named<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof BuiltinError) throw new BuiltinError(`${what}: ${error.message}`);
    throw error;
  }
}
