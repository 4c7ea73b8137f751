/** `hex.*` and `base64url.encode_no_pad`: Go's `encoding/hex` and `encoding/base64`. */
import { BuiltinError, type Family, operand } from './builtin.ts';
import { fromBytes, textValue } from './go/bytes.ts';
import { formatUnicode, noFlags } from './go/verb.ts';

export const encoding: Family = {
  'base64url.encode_no_pad': ([text]) => Buffer.from(operand(1, text, 'string')).toString('base64url'),
  'hex.encode': ([text]) => Buffer.from(operand(1, text, 'string')).toString('hex'),
  /** Throws LimitError for what is no UTF-8. */
  'hex.decode': ([text]) => textValue(fromBytes(decodeHex(operand(1, text, 'string')))),
};

/** Digits of either case. Throws BuiltinError with Go's words. */
function decodeHex(text: string): Uint8Array {
  const [bad] = /[^0-9A-Fa-f]/u.exec(text) ?? [];
  if (bad !== undefined) throw new BuiltinError(`encoding/hex: invalid byte: ${named(bad)}`);
  if (text.length % 2 === 1) throw new BuiltinError('encoding/hex: odd length hex string');
  return Buffer.from(text, 'hex');
}

/** Go's `%#U` of the first byte: `U+0067 'g'`, and without the character where it cannot be printed. */
const named = (character: string): string =>
  formatUnicode({ ...noFlags(), sharp: true }, BigInt(Buffer.from(character)[0] as number));
