/** What stands before a document or a node: directives, tags, and anchors' names, as go-yaml's scanner reads them. */
import { replacedText } from '../go/bytes.ts';
import { isAlpha, isBlank, isBlankOrEnd, isBreakOrEnd, type Source } from './source.ts';

/** `%YAML 1.1`, or `%TAG ! tag:example.com,2026:`. */
export type Directive =
  | { readonly type: 'version'; readonly version: string }
  | { readonly type: 'tag directive'; readonly handle: string; readonly prefix: string };

/** A tag as it is written; without a handle, the suffix is all of it. */
export type Tag = { readonly handle: string; readonly suffix: string };

const URI = /^[-0-9A-Z_a-z;/?:@&=+$,.!~*'()[\]]$/;

/** At the `%`; all of the line is read. */
export function scanDirective(source: Source): Directive {
  source.skip();
  const name = source.readWhile(isAlpha);
  if (name === '') source.fail('could not find expected directive name');
  if (!isBlankOrEnd(source.char())) source.fail('found unexpected non-alphabetical character');
  const directive = name === 'YAML' ? scanVersion(source) : name === 'TAG' ? scanTagDirective(source) : null;
  if (directive === null) source.fail('found unknown directive name');
  source.skipBlanks();
  if (source.char() === '#') source.skipRest();
  if (!isBreakOrEnd(source.char())) source.fail('did not find expected comment or line break');
  source.skipLine();
  return directive;
}

function scanVersion(source: Source): Directive {
  source.skipBlanks();
  const major = scanNumber(source);
  if (source.char() !== '.') source.fail("did not find expected digit or '.' character");
  source.skip();
  return { type: 'version', version: `${major}.${scanNumber(source)}` };
}

function scanNumber(source: Source): number {
  const digits = source.readWhile((char) => /[0-9]/.test(char));
  if (digits === '') source.fail('did not find expected version number');
  if (digits.length > 2) source.fail('found extremely long version number');
  return Number(digits);
}

function scanTagDirective(source: Source): Directive {
  source.skipBlanks();
  const handle = scanHandle(source);
  if (handle !== '!' && !/^!.*!$/.test(handle)) source.fail("did not find expected '!'");
  if (!isBlank(source.char())) source.fail('did not find expected whitespace');
  source.skipBlanks();
  const prefix = scanUri(source, '');
  if (!isBlankOrEnd(source.char())) source.fail('did not find expected whitespace or line break');
  return { type: 'tag directive', handle, prefix };
}

/** At the `!`: `!<uri>`, `!handle!suffix`, `!suffix` or `!`. */
export function scanTag(source: Source): Tag {
  const tag = source.char(1) === '<' ? { handle: '', suffix: scanVerbatim(source) } : scanShorthand(source);
  if (!isBlankOrEnd(source.char())) source.fail('did not find expected whitespace or line break');
  return tag;
}

function scanVerbatim(source: Source): string {
  source.skip();
  source.skip();
  const uri = scanUri(source, '');
  if (source.char() !== '>') source.fail("did not find the expected '>'");
  source.skip();
  return uri;
}

function scanShorthand(source: Source): Tag {
  const handle = scanHandle(source);
  if (handle.length > 1 && handle.endsWith('!')) return { handle, suffix: scanUri(source, '') };
  const suffix = scanUri(source, handle);
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix };
}

function scanHandle(source: Source): string {
  if (source.char() !== '!') source.fail("did not find expected '!'");
  source.skip();
  const name = source.readWhile(isAlpha);
  if (source.char() !== '!') return `!${name}`;
  source.skip();
  return `!${name}!`;
}

/** A URI that begins with what follows `!` in `head`; where there is no head, it is not empty. */
function scanUri(source: Source, head: string): string {
  const bytes: Buffer[] = [Buffer.from(head.slice(1))];
  const from = source.at;
  for (;;) {
    if (source.char() === '%') bytes.push(scanEscapes(source));
    else if (URI.test(source.char())) bytes.push(Buffer.from(source.readWhile((char) => URI.test(char))));
    else break;
  }
  if (head === '' && source.at === from) source.fail('did not find expected tag URI');
  return replacedText(Buffer.concat(bytes));
}

/** The escaped bytes of a character. */
function scanEscapes(source: Source): Buffer {
  const bytes: number[] = [];
  let width = 1;
  for (; bytes.length < width;) {
    const [, digits] = /^%([0-9A-Fa-f]{2})/.exec(source.text.slice(source.at, source.at + 3)) ?? [];
    if (digits === undefined) source.fail('did not find URI escaped octet');
    const byte = Number.parseInt(digits, 16);
    if (bytes.length === 0) {
      width = byte < 0x80 ? 1 : byte < 0xc0 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf8 ? 4 : 0;
      if (width === 0) source.fail('found an incorrect leading UTF-8 octet');
    } else if ((byte & 0xc0) !== 0x80) source.fail('found an incorrect trailing UTF-8 octet');
    bytes.push(byte);
    for (let at = 0; at < 3; at++) source.skip();
  }
  return Buffer.from(bytes);
}

/** At the `&` or `*`. */
export function scanAnchor(source: Source): string {
  source.skip();
  const name = source.readWhile(isAlpha);
  const next = source.char();
  if (name === '' || !(isBlankOrEnd(next) || '?:,]}%@`'.includes(next)))
    source.fail('did not find expected alphabetic or numeric character');
  return name;
}
