/** `html`, `js` and `urlquery` of templates (Go's `text/template/funcs.go`). */
import { byteString } from '../go/bytes.ts';
import { isPrintable } from '../go/characters.ts';
import { escape } from '../go/percent.ts';

const HTML: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

/** For text and quoted attributes. */
export const html = (text: string): string =>
  text.replaceAll(/[\0"'&<>]/g, (character) => HTML[character] as string);

const JS: Readonly<Record<string, string>> = { '\\': '\\\\', "'": "\\'", '"': '\\"' };

/** For strings in JavaScript. */
export const js = (text: string): string =>
  text.replaceAll(/[\0-\x1f\\'"<>&=]|[^\0-\x7f]/gu, (character) => {
    const known = JS[character];
    if (known !== undefined) return known;
    const code = character.codePointAt(0) as number;
    // A byte that is of no character stays what it is.
    if (code >= 0x80 && (isPrintable(character) || !character.isWellFormed())) return character;
    return String.raw`\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
  });

/** For a value in a URL's query. */
export const urlquery = (text: string): string => escape(byteString(text), 'query');
