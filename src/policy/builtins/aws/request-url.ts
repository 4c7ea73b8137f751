/** What is signed of a request's URL, read as Go's `net/url` reads it. */
import { ofByteString, textValue } from '../go/bytes.ts';
import { escapedPath, parseUrl } from '../go/url.ts';

export type RequestUrl = {
  /** With its port. */
  readonly host: string;
  /** Go's EscapedPath: as it is written, where that is well-formed. */
  readonly path: string;
  readonly query: string;
};

/** Throws BuiltinError for what is no URL to Go, LimitError for a host that is no UTF-8. */
export function readRequestUrl(text: string): RequestUrl {
  const url = parseUrl(text);
  return {
    host: textValue(ofByteString(url.host)),
    path: escapedPath(url),
    query: ofByteString(url.rawQuery),
  };
}
