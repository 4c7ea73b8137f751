/** `uri.*`: Go's `net/url`. */
import { RegoObject } from '../value.ts';
import { attempt, type Family, operand } from './builtin.ts';
import { ofByteString, textValue } from './go/bytes.ts';
import { parseUrl, splitHost } from './go/url.ts';

export const uri: Family = {
  /** Throws LimitError where what is decoded is no UTF-8. */
  'uri.parse': ([text]) => partsOf(operand(1, text, 'string')),
  'uri.is_valid': ([text]) =>
    typeof text === 'string' && text !== '' && attempt(() => parseUrl(text)) !== null,
};

/** What is empty is not there. */
function partsOf(text: string): RegoObject {
  const url = parseUrl(text);
  const { scheme, path, rawPath, rawQuery, fragment } = url;
  const parts = {
    scheme,
    ...splitHost(url),
    path,
    raw_path: rawPath === '' ? path : rawPath,
    raw_query: rawQuery,
    fragment,
  };
  return new RegoObject(
    Object.entries(parts)
      .filter(([, bytes]) => bytes !== '')
      .map(([name, bytes]) => [name, textValue(ofByteString(bytes))] as const),
  );
}
