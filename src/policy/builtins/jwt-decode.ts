/** `io.jwt.decode` and `io.jwt.decode_verify`: JWTs (RFC 7519) taken apart, without and with all that makes them trustworthy. */
import { RegoObject, type Value } from '../value.ts';
import { BuiltinError, type Evaluation, type Family, operand } from './builtin.ts';
import { type Compact, decodeHeader, decodePart, objectOf, splitCompact } from './jwt/compact.ts';
import { areClaimsRight, isSigned, readConstraints } from './jwt/constraints.ts';
import { readHeader } from './jwt/header.ts';

export const jwtDecode: Family = {
  'io.jwt.decode': ([token]) => decode(token),
  'io.jwt.decode_verify': ([token, constraints], evaluation) =>
    decodeVerify(token, operand(2, constraints, 'object'), evaluation),
};

/** Header, payload and signature (in hexadecimal) of the innermost token: the payload of one may be another. */
function decode(token: Value): Value {
  let jwt = splitCompact(token);
  let header = decodeHeader(jwt);
  while (holdsToken(header)) {
    jwt = splitCompact(withoutQuotes(payloadText(jwt)));
    header = decodeHeader(jwt);
  }
  const payload = objectOf(decodePart(jwt, 'payload'));
  return [header, payload, decodePart(jwt, 'signature').toString('hex')];
}

/** OPA's Go panics at a content type that is no string, which is an error as good as any. */
function holdsToken(header: RegoObject): boolean {
  const type = header.get('cty');
  if (type === undefined || typeof type === 'string') return type === 'JWT';
  throw new BuiltinError('cty: must be a string');
}

/** What is no ASCII is no part of a token either, so that it may become anything but that. */
const payloadText = (jwt: Compact): string => decodePart(jwt, 'payload').toString('latin1');

/** Some make tokens that hold another as a string of JSON. */
function withoutQuotes(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isQuote(text[start])) start++;
  while (end > start && isQuote(text[end - 1])) end--;
  return text.slice(start, end);
}

const isQuote = (character: string | undefined): boolean => character === '"' || character === "'";

const UNVERIFIED: Value = [false, new RegoObject([]), new RegoObject([])];

/** Whether all is right, with header and payload of the innermost token if it is. Every token around it has to be signed too. */
function decodeVerify(token: Value, object: RegoObject, evaluation: Evaluation): Value {
  const constraints = readConstraints(object, evaluation);
  for (let held = token; ;) {
    const jwt = splitCompact(held);
    const decoded = decodeHeader(jwt);
    const header = readHeader(decoded);
    if (!header.isValid || (constraints.alg !== '' && constraints.alg !== header.alg)) return UNVERIFIED;
    if (!isSigned(constraints, header, jwt, decodePart(jwt, 'signature'))) return UNVERIFIED;
    if (header.cty.toUpperCase() === 'JWT') {
      held = payloadText(jwt);
      continue;
    }
    const payload = objectOf(decodePart(jwt, 'payload'));
    return areClaimsRight(constraints, payload) ? [true, decoded, payload] : UNVERIFIED;
  }
}
