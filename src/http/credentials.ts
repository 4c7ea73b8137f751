/**
 * Where a credential may be in a request (RFC 6750 section 2, and cookies): what is found there, and what is left without it. All that
 * is left stays as it came, byte for byte. What a laxer reader would find in it is told by likeness.ts.
 */
import { type Fields, spelling } from './headers.ts';
import { unescaped } from './unescaped.ts';

/** What was found in a place, in its order, and what is left there. */
export type Taken<Left> = { readonly found: readonly string[]; readonly left: Left };

/** A header by its canonical spelling, however it is written; each field of it is one. */
export function takeHeader(fields: Fields, name: string): Taken<Fields> {
  const found: string[] = [];
  const left: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const [written, value] = [fields[i] as string, fields[i + 1] as string];
    if (spelling(written) === name) found.push(value);
    else left.push(written, value);
  }
  return { found, left: found.length === 0 ? fields : left };
}

/**
 * A parameter of a query or a form: `&` alone separates, names and values are decoded as WHATWG's form parser does. A form's bytes come
 * as latin1, each a character.
 */
export function takeParameter(text: string, name: string): Taken<string> {
  const found: string[] = [];
  const left: string[] = [];
  for (const piece of text.split('&')) {
    const [written, value] = divided(piece);
    if (piece.length >= name.length && decoded(written) === name) found.push(decoded(value));
    else left.push(piece);
  }
  return { found, left: found.length === 0 ? text : left.join('&') };
}

/** A cookie, read as servers do (RFC 6265 section 5.2, backwards): `;` separates, blanks and a pair of quotes are not of the value. */
export function takeCookie(fields: Fields, name: string): Taken<Fields> {
  const found: string[] = [];
  const left: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const [written, value] = [fields[i] as string, fields[i + 1] as string];
    if (spelling(written) !== 'cookie') {
      left.push(written, value);
      continue;
    }
    const cookies = value.split(';');
    const others = cookies.filter((cookie) => !isCookie(cookie, name));
    if (others.length === cookies.length) {
      left.push(written, value);
      continue;
    }
    for (const cookie of cookies) if (isCookie(cookie, name)) found.push(cookieValue(cookie));
    // What was second may be first now, where a blank is not of it.
    const rest = others.join(';').replace(/^[ \t]+/, '');
    if (rest !== '') left.push(written, rest);
  }
  return { found, left: found.length === 0 ? fields : left };
}

const isCookie = (cookie: string, name: string): boolean =>
  cookie.includes('=') && unblanked(divided(cookie)[0]) === name;

const cookieValue = (cookie: string): string =>
  unblanked(divided(cookie)[1]).replace(/^"(.*)"$/, (_, inner: string) => inner);

/** Without the blanks around it. No regular expression: one for those at the end takes time that grows with the square of a run within. */
function unblanked(text: string): string {
  let [start, end] = [0, text.length];
  while (isBlank(text[start])) start++;
  while (end > start && isBlank(text[end - 1])) end--;
  return text.slice(start, end);
}

const isBlank = (character: string | undefined): boolean => character === ' ' || character === '\t';

/** Name and value of a parameter or a cookie, at the first `=`; without one it is all name. */
export function divided(piece: string): [string, string] {
  const equals = piece.indexOf('=');
  return equals < 0 ? [piece, ''] : [piece.slice(0, equals), piece.slice(equals + 1)];
}

/** WHATWG's form decoding of a name or a value: `+` is a space, a bad escape is literal, and the bytes are UTF-8. */
const decoded = (written: string): string =>
  /^[^%+\x80-\xff]*$/.test(written) ? written : unescaped(written, 'latin1').toString();
