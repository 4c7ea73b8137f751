/** `crypto.parse_private_keys` and `crypto.x509.parse_rsa_private_key`, which reads any kind: keys as Go's `x509` reads them. */
import type { Value } from '../value.ts';
import { decodeBase64 } from './go/base64.ts';
import { BuiltinError, type Family, operand } from './builtin.ts';
import { fromBase64, pemBlocks } from './x509/encoded.ts';
import { parsePkcs8, parseSec1, type PrivateKey, privateJwk, privateKeyValue } from './x509/private-key.ts';
import { parsePkcs1 } from './x509/rsa-private-key.ts';

export const keys: Family = {
  'crypto.parse_private_keys': ([text]) => {
    const pem = operand(1, text, 'string');
    return pem === '' ? null : readPrivateKeys(pem).map(privateKeyValue);
  },
  'crypto.x509.parse_rsa_private_key': ([text]) => firstJwk(operand(1, text, 'string')),
};

function firstJwk(text: string): Value {
  if (text === '') throw new BuiltinError('input PEM data was empty');
  const pem = text.startsWith('-----BEGIN') ? text : fromBase64(text).toString('latin1');
  const [key] = readPrivateKeys(pem);
  return key ? privateJwk(key) : null;
}

/** By PEM's types; blocks of others are passed over. */
const PARSERS: ReadonlyMap<string, (der: Buffer) => PrivateKey> = new Map<
  string,
  (der: Buffer) => PrivateKey
>([
  ['RSA PRIVATE KEY', parsePkcs1],
  ['PRIVATE KEY', parsePkcs8],
  ['EC PRIVATE KEY', (der) => parseSec1(der)],
]);

/** PEM, or base64 of PEM. Throws BuiltinError when one of the keys is not right. */
function readPrivateKeys(text: string): readonly PrivateKey[] {
  const pem = decodeBase64(text, 'base64', 'padded')?.toString('latin1') ?? text;
  return pemBlocks(pem).flatMap(({ type, der }) => PARSERS.get(type)?.(der) ?? []);
}
