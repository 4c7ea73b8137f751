/** What kind of URL a setting wants. */

export type UrlRule = { readonly expected: string; readonly test: (url: string) => boolean };

const parses = (url: string, pattern: RegExp): boolean => pattern.test(url) && URL.canParse(url);

/** Backslashes, blanks and user:password@ would be read differently by different readers. */
export const IDENTIFIER: UrlRule = {
  expected: 'expected a URL without query, fragment and credentials (RFC 8414 section 2)',
  test: (url) => parses(url, /^https?:\/\/[^/?#@\\\s]+(?:\/[^?#\\\s]*)?$/),
};
export const ENDPOINT: UrlRule = {
  expected: 'expected a URL without fragment and credentials',
  test: (url) => parses(url, /^https?:\/\/[^/?#@\\\s]+(?:[/?][^#\\\s]*)?$/),
};
export const ORIGIN: UrlRule = {
  expected: 'expected an origin such as https://accounts:4000, without a path',
  test: (url) => parses(url, /^https?:\/\/[^/?#@\\\s]+\/?$/),
};
