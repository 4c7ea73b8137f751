/** The formats of gojsonschema (`format_checkers.go`), which are those of Go's packages rather than of the RFCs. */
import { isIPv4, isIPv6 } from 'node:net';
import { attempt } from '../builtin.ts';
import { parseUrl, type Url } from '../go/url.ts';
import { compilePattern } from '../regex/pattern.ts';
import { isMailAddress } from './mail-address.ts';

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  time: isTime,
  'date-time': (text) => isDate(text) || isTime(text) || isDateTime(text),
  hostname: (text) => text.length < 256 && text.split('.').every((label) => LABEL.test(label)),
  email: isMailAddress,
  'idn-email': isMailAddress,
  // IPv6 may end in IPv4's notation.
  ipv4: (text) => isAddress(text) && text.includes('.'),
  ipv6: (text) => isAddress(text) && text.includes(':'),
  uri: isUri,
  'uri-reference': (text) => reference(text) !== null,
  iri: isUri,
  'iri-reference': (text) => reference(text) !== null,
  'uri-template': isTemplate,
  uuid: (text) => /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(text),
  regex: (text) => isPattern(text),
  'json-pointer': (text) => /^(?:\/(?:[^~/]|~0|~1)*)*$/.test(text),
  'relative-json-pointer': (text) => /^(?:0|[1-9][0-9]*)(?:#|(?:\/(?:[^~/]|~0|~1)*)*)$/.test(text),
};

/** True for every text when the format is not known. */
export const hasFormat = (text: string, format: string): boolean =>
  Object.hasOwn(FORMATS, format) ? (FORMATS[format]?.(text) ?? true) : true;

const LABEL = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/;
const TIME = /^(\d|\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d))?$/;

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined || Number(month) < 1 || Number(month) > 12) return false;
  // The zeroth of the month after is the last of this one. The year 2000 has its leap years where the year 0 has them.
  const last = new Date(Date.UTC(Number(year) + 2000, Number(month), 0)).getUTCDate();
  return Number(day) >= 1 && Number(day) <= last;
}

/** Go takes an hour of one digit, fractions behind a comma, and zones that are 24 hours or 60 minutes off. */
function isTime(text: string): boolean {
  const [matched, ...parts] = TIME.exec(text) ?? [];
  const [hour = 0, minute = 0, second = 0, zoneHours = 0, zoneMinutes = 0] = parts.map((part) =>
    Number(part ?? 0),
  );
  return (
    matched !== undefined && hour < 24 && minute < 60 && second < 60 && zoneHours <= 24 && zoneMinutes <= 60
  );
}

const isDateTime = (text: string): boolean =>
  text[10] === 'T' &&
  isDate(text.slice(0, 10)) &&
  isTime(text.slice(11)) &&
  /(?:Z|[-+]\d\d:\d\d)$/.test(text);

const isAddress = (text: string): boolean => isIPv4(text) || (isIPv6(text) && !text.includes('%'));

/** Null for what Go's `url.Parse` does not take, and for what has a backslash. */
function reference(text: string): Url | null {
  return text.includes('\\') ? null : attempt(() => parseUrl(text));
}

function isUri(text: string): boolean {
  const scheme = reference(text)?.scheme ?? '';
  return scheme !== '';
}

/** Each brace of its path that is opened is closed, whatever is between. */
function isTemplate(text: string): boolean {
  const path = reference(text)?.path;
  return path !== undefined && path.lastIndexOf('{') <= path.lastIndexOf('}');
}

/**
 * What it costs to look whether the text has the format, in characters of a failure. A pattern is compiled, and what it repeats
 * as often as it says.
 */
export function formatCost(text: string, format: string): number {
  if (format !== 'regex') return 0;
  let most = 1;
  for (const [, least, last] of text.matchAll(/\{(\d+),?(\d*)\}/g))
    most = Math.max(most, Number(least), Number(last));
  return 16 * most * text.length;
}

const isPattern = (text: string): boolean => attempt(() => compilePattern(text)) !== null;
