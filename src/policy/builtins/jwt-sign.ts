/** `io.jwt.encode_sign` and `io.jwt.encode_sign_raw`: JWS in compact serialization, signed with a JWK. RFC 7515, section 5.1. */
import { BuiltinError, type Family, operand } from './builtin.ts';
import { goJson } from './go/marshal-json.ts';
import { parseJwks } from './jwt/jwk.ts';
import { ALGORITHMS, signatureOf } from './jwt/jws.ts';

export const jwtSign: Family = {
  'io.jwt.encode_sign': ([header, payload, key]) => signed(goJson(header), goJson(payload), goJson(key)),
  'io.jwt.encode_sign_raw': ([header, payload, key]) =>
    signed(operand(1, header, 'string'), operand(2, payload, 'string'), operand(3, key, 'string')),
};

/** Of JSON: header, payload (any text where `typ` is neither missing nor `JWT`), and a JWK or a JWK set, whose first key signs. */
function signed(header: string, payload: string, jwk: string): string {
  const [key] = parseJwks(jwk);
  if (!key) throw new BuiltinError('no keys found in JWK set');
  const parameters = textMembers(header);
  const [alg, typ] = [parameters.get('alg'), parameters.get('typ')];
  if (alg == null) throw new BuiltinError("missing or invalid 'alg' header");
  const algorithm = ALGORITHMS.get(alg);
  if (!algorithm) throw new BuiltinError(`unknown JWS algorithm: ${alg}`);
  if ((typ == null || typ === 'JWT') && !isJson(payload))
    throw new BuiltinError('type is JWT but payload is not JSON');
  const input = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${input}.${signatureOf(algorithm, key.key(), input).toString('base64url')}`;
}

/**
 * A header's members; null for those that are no text. Of those with the same name the first counts, where of a token that is read it
 * is the last: OPA uses another parser here. Throws BuiltinError for what is not JSON.
 */
function textMembers(header: string): ReadonlyMap<string, string | null> {
  if (!isJson(header)) throw new BuiltinError("missing or invalid 'alg' header: cannot parse JSON");
  const members = new Map<string, string | null>();
  let depth = 0;
  let [name, previous] = ['', ''];
  for (const token of tokens(header)) {
    const text = token[0] === '"' ? (JSON.parse(token) as string) : null;
    if (depth === 1 && previous === ':' && !members.has(name)) members.set(name, text);
    if (depth === 1 && previous !== ':') name = text ?? name;
    if (token === '{' || token === '[') depth++;
    if (token === '}' || token === ']') depth--;
    previous = token;
  }
  return members;
}

/** Strings, and what gives JSON its structure; numbers and words are left out. */
function* tokens(json: string): Iterable<string> {
  for (let at = 0; at < json.length; at++) {
    const start = at;
    if (json[start] === '"') at = stringEnd(json, start);
    if ('"{}[]:,'.includes(json[start] as string)) yield json.slice(start, at + 1);
  }
}

/** Where the string that begins here ends. */
function stringEnd(json: string, start: number): number {
  for (let end = start; ;) {
    end = json.indexOf('"', end + 1);
    let escapes = end;
    while (json[escapes - 1] === '\\') escapes--;
    if ((end - escapes) % 2 === 0) return end;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
