/** References between schemas, as Go's `net/url` and the modules gojsonreference and gojsonpointer have them. */
import { RegoObject, type Value } from '../../value.ts';
import { BuiltinError } from '../builtin.ts';
import { fromBytes } from '../go/bytes.ts';
import { unescape } from '../go/percent.ts';
import { escapedPath, parseUrl, type Url, urlText } from '../go/url.ts';

/** A URL or a part of one, its fragment perhaps a JSON Pointer. */
export type Reference = Url;

/** Throws BuiltinError with Go's words. */
export const parseReference = (text: string): Reference => parseUrl(text);

/** What the same references have the same of. An empty fragment is none. */
export const referenceText = (reference: Reference): string => urlText(reference);

export const withoutFragment = (reference: Reference): Reference => ({ ...reference, fragment: '' });

/** Whether it tells where a document is by itself. */
export const isCanonical = ({ scheme, host, path }: Reference): boolean =>
  scheme === 'file' ? path.startsWith('/') : scheme !== '' && host !== '';

/** What the reference means in a document at `base` (`URL.ResolveReference`). Throws BuiltinError. */
export const resolved = (base: Reference, reference: Reference): Reference =>
  parseReference(urlText(resolve(withoutFragment(base), reference)));

function resolve(base: Reference, reference: Reference): Reference {
  if (reference.scheme !== '' || reference.host !== '' || reference.user !== null)
    return {
      ...reference,
      scheme: reference.scheme || base.scheme,
      ...pathOf(joined(escapedPath(reference), '')),
    };
  const there = { ...reference, scheme: base.scheme };
  const query =
    reference.path === '' && !reference.forceQuery && reference.rawQuery === ''
      ? base.rawQuery
      : reference.rawQuery;
  if (reference.path === '' && base.opaque !== '') return { ...there, opaque: base.opaque, rawQuery: query };
  return {
    ...there,
    host: base.host,
    user: base.user,
    rawQuery: query,
    ...pathOf(joined(escapedPath(base), escapedPath(reference))),
  };
}

const pathOf = (raw: string): Pick<Url, 'path' | 'rawPath'> => ({
  path: unescape(raw, 'path'),
  rawPath: raw,
});

/** A path in the place of another's last segment, with a slash at its beginning and without segments of dots. */
function joined(base: string, path: string): string {
  const full = path === '' ? base : path[0] === '/' ? path : base.slice(0, base.lastIndexOf('/') + 1) + path;
  if (full === '') return '';
  const segments = full.split('/');
  const last = segments.at(-1) as string;
  let made = '/';
  let isFirst = true;
  for (const segment of segments) {
    if (segment === '..') {
      made = made.slice(0, Math.max(made.lastIndexOf('/'), 1));
      isFirst = made === '/';
    } else {
      if (segment !== '.') made += isFirst ? segment : `/${segment}`;
      isFirst = false;
    }
  }
  if (last === '.' || last === '..') made += '/';
  return made.startsWith('//') ? made.slice(1) : made;
}

/**
 * The part of the document that the fragment points to, as RFC 6901; the whole where the fragment is no pointer. Throws
 * BuiltinError where there is nothing.
 */
export function pointedAt(document: Value, { fragment }: Reference): Value {
  if (!fragment.startsWith('/')) return document;
  return fromBytes(Buffer.from(fragment.slice(1), 'latin1'))
    .split('/')
    .reduce(member, document);
}

function member(value: Value, token: string): Value {
  if (value instanceof RegoObject) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    const found = value.get(name);
    if (found === undefined) throw new BuiltinError(`Object has no key '${name.toWellFormed()}'`);
    return found;
  }
  if (!Array.isArray(value)) throw new BuiltinError(`Invalid token reference '${token.toWellFormed()}'`);
  if (!/^[+-]?\d+$/.test(token)) throw new BuiltinError(`Invalid array index '${token.toWellFormed()}'`);
  const index = Number(token);
  const found = index < 0 ? undefined : (value as readonly Value[])[index];
  if (found === undefined) throw new BuiltinError(`Out of bound array[0,${value.length}] index '${index}'`);
  return found;
}
