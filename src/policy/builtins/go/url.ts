/** URLs as Go's `net/url` reads and writes them, whose rules are not WHATWG's. */
import { isIPv4, isIPv6 } from 'node:net';
import { BuiltinError } from '../builtin.ts';
import { byteString, ofByteString } from './bytes.ts';
import { escape, unescape } from './percent.ts';
import { quote } from './quote.ts';

/** Go's `url.URL`. All are byte strings (`byteString`); what is not there is empty. */
export type Url = {
  readonly scheme: string;
  /** What follows the scheme where that is no path: `mailto:` has such. */
  readonly opaque: string;
  readonly user: { readonly name: string; readonly password: string | null } | null;
  /** With its port; an address of IPv6 in brackets. */
  readonly host: string;
  /** It has a scheme and a path, and no `//`. */
  readonly omitHost: boolean;
  readonly path: string;
  /** As it was written, where that is not how Go would write it. */
  readonly rawPath: string;
  /** It ends in `?`. */
  readonly forceQuery: boolean;
  readonly rawQuery: string;
  readonly fragment: string;
  readonly rawFragment: string;
};

/** `url.Parse`. Throws BuiltinError with Go's words: `parse "…": why`. */
export function parseUrl(text: string): Url {
  const bytes = byteString(text);
  const [before, written] = cut(bytes, '#');
  const url = named(before, () => parseBeforeFragment(before));
  const fragment = named(bytes, () => unescape(written, 'fragment'));
  return { ...url, fragment, rawFragment: written === escape(fragment, 'fragment') ? '' : written };
}

/** An error names what could not be parsed. */
function named<T>(bytes: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof BuiltinError) fail(`parse ${quote(ofByteString(bytes))}: ${error.message}`);
    throw error;
  }
}

function fail(reason: string): never {
  throw new BuiltinError(reason);
}

const EMPTY: Url = {
  scheme: '',
  opaque: '',
  user: null,
  host: '',
  omitHost: false,
  path: '',
  rawPath: '',
  forceQuery: false,
  rawQuery: '',
  fragment: '',
  rawFragment: '',
};

function parseBeforeFragment(bytes: string): Url {
  if (/[\0-\u001f\u007f]/.test(bytes)) fail('net/url: invalid control character in URL');
  if (bytes === '*') return { ...EMPTY, path: '*' };
  if (bytes[0] === ':') fail('missing protocol scheme');
  const written = /^([A-Za-z][-+.0-9A-Za-z]*):/.exec(bytes)?.[1];
  const scheme = (written ?? '').toLowerCase();
  const [hierarchy, rawQuery] = cut(bytes.slice(written === undefined ? 0 : written.length + 1), '?');
  const start = { ...EMPTY, scheme, rawQuery, forceQuery: rawQuery === '' && bytes.endsWith('?') };
  if (hierarchy[0] !== '/') {
    if (scheme !== '') return { ...start, opaque: hierarchy };
    if (/^[^/]*:/.test(hierarchy)) fail('first path segment in URL cannot contain colon');
  }
  if (!hierarchy.startsWith('//') || (scheme === '' && hierarchy.startsWith('///')))
    return { ...start, omitHost: scheme !== '', ...parsePath(hierarchy) };
  const slash = hierarchy.indexOf('/', 2);
  const authority = hierarchy.slice(2, slash < 0 ? undefined : slash);
  return {
    ...start,
    ...parseAuthority(scheme, authority),
    ...parsePath(slash < 0 ? '' : hierarchy.slice(slash)),
  };
}

function parsePath(written: string): Pick<Url, 'path' | 'rawPath'> {
  const path = unescape(written, 'path');
  return { path, rawPath: written === escape(path, 'path') ? '' : written };
}

function parseAuthority(scheme: string, authority: string): Pick<Url, 'host' | 'user'> {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  if (at < 0) return { host, user: null };
  const userinfo = authority.slice(0, at);
  if (!/^[-A-Za-z0-9._:~!$&'()*+,;=%@]*$/.test(userinfo)) fail('net/url: invalid userinfo');
  const [name, password] = cut(userinfo, ':').map((part) => unescape(part, 'userinfo')) as [string, string];
  return { host, user: { name, password: userinfo.includes(':') ? password : null } };
}

function parseHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) fail('invalid IP-literal');
  if (bracket === 0) return parseLiteral(host);
  // Some databases' URLs have several hosts with ports. Those of HTTP may not.
  const colon = /^https?$/.test(scheme) ? host.indexOf(':') : host.lastIndexOf(':');
  if (colon >= 0) checkPort(host.slice(colon));
  return unescape(host, 'host');
}

/** `[…]` and perhaps a port. */
function parseLiteral(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) fail("missing ']' in host");
  checkPort(host.slice(close + 1));
  const literal = host.slice(1, close);
  const zoneAt = literal.indexOf('%25');
  const name =
    zoneAt < 0
      ? unescape(literal, 'host')
      : unescape(literal.slice(0, zoneAt), 'host') + unescape(literal.slice(zoneAt), 'zone');
  if (isIPv4(name)) fail('invalid IP-literal');
  const [address, zone] = cut(name, '%');
  if (!isIPv6(address) || (name.includes('%') && zone === ''))
    fail(`invalid host: ParseAddr(${quote(ofByteString(name))}): unable to parse IP`);
  return `[${name}]${host.slice(close + 1)}`;
}

function checkPort(colonPort: string): void {
  if (!/^(?::[0-9]*)?$/.test(colonPort)) fail(`invalid port ${quote(ofByteString(colonPort))} after host`);
}

/** Before and after the first `separator`. */
function cut(bytes: string, separator: string): readonly [string, string] {
  const at = bytes.indexOf(separator);
  return at < 0 ? [bytes, ''] : [bytes.slice(0, at), bytes.slice(at + 1)];
}

/** `URL.Hostname` and `URL.Port`. What follows the last colon is a port only when it is digits. */
export function splitHost({ host }: Url): { readonly hostname: string; readonly port: string } {
  const [, name = host, port = ''] = /^([^]*):([0-9]*)$/.exec(host) ?? [];
  return { hostname: name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name, port };
}

/** What may stay as it was written. */
const KEPT = {
  path: /^[-!$%&'()*+,./0-9:;=@A-Z[\]_a-z~]*$/,
  fragment: /^[-!$%&'()*+,./0-9:;=?@A-Z[\]_a-z~]*$/,
};

const escaped = (raw: string, bytes: string, part: keyof typeof KEPT): string =>
  raw !== '' && KEPT[part].test(raw) ? raw : escape(bytes, part);

/** `URL.EscapedPath`: as it was written, where that is well-formed. */
export const escapedPath = ({ path, rawPath }: Url): string =>
  path === '*' ? path : escaped(rawPath, path, 'path');

/** `URL.String`. */
export function urlText(url: Url): string {
  const start = url.scheme === '' ? '' : `${url.scheme}:`;
  const query = url.forceQuery || url.rawQuery !== '' ? `?${url.rawQuery}` : '';
  const end = url.fragment === '' ? query : `${query}#${escaped(url.rawFragment, url.fragment, 'fragment')}`;
  if (url.opaque !== '') return ofByteString(start + url.opaque + end);
  const path = escapedPath(url);
  const authority = authorityText(url);
  // What begins with a colon's segment would read as a scheme.
  const dotted = start + authority === '' && /^[^/]*:/.test(path) ? './' : '';
  return ofByteString(start + authority + dotted + path + end);
}

function authorityText({ scheme, host, user, path, omitHost }: Url): string {
  if (host === '' && user === null && (scheme === '' || omitHost || path === '')) return '';
  const password = user?.password == null ? '' : `:${escape(user.password, 'userinfo')}`;
  return `//${user ? `${escape(user.name, 'userinfo')}${password}@` : ''}${escape(host, 'host')}`;
}
