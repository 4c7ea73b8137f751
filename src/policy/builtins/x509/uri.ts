/** URIs of certificates as OPA shows them: the fields of Go's `net/url` URL. */
import { RegoObject } from '../../value.ts';
import { BuiltinError } from '../builtin.ts';
import { ofByteString } from '../go/bytes.ts';
import { parseUrl, type Url } from '../go/url.ts';
import { quote } from '../go/quote.ts';

/** Throws BuiltinError with Go's words. */
export function parseUri(text: string): Url {
  try {
    return parseUrl(text);
  } catch (error) {
    if (error instanceof BuiltinError)
      throw new BuiltinError(`x509: cannot parse URI ${quote(text)}: ${error.message}`);
    throw error;
  }
}

/** As Go's JSON of a URL: user and password do not show, and bytes that are no UTF-8 are U+FFFD. */
export const uriValue = (uri: Url): RegoObject =>
  RegoObject.of({
    Scheme: uri.scheme,
    Opaque: shown(uri.opaque),
    User: uri.user && RegoObject.of({}),
    Host: shown(uri.host),
    Path: shown(uri.path),
    RawPath: shown(uri.rawPath),
    OmitHost: uri.omitHost,
    ForceQuery: uri.forceQuery,
    RawQuery: shown(uri.rawQuery),
    Fragment: shown(uri.fragment),
    RawFragment: shown(uri.rawFragment),
  });

const shown = (bytes: string): string => ofByteString(bytes).toWellFormed();
