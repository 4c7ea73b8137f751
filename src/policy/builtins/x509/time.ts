/** The times of ASN.1, as Go's `cryptobyte` and `encoding/asn1` read them. */
import type { DerReader } from './der.ts';
import { TAG } from './der.ts';

export type Time = {
  /** Nanoseconds since the epoch. */
  readonly instant: bigint;
  /** RFC 3339, in the zone that it was written in; null for a zone that Go's JSON does not write: 24 hours off. */
  readonly text: string | null;
};

/** `fraction`: whether a GeneralizedTime may have a fraction of a second. */
type Settings = { readonly fraction: boolean };

const UTC = /^(?<year>\d\d)(?<rest>\d{8})(?<seconds>\d\d)?(?<fraction>)(?<zone>Z|[-+]\d{4})$/;
const GENERALIZED =
  /^(?<year>\d{4})(?<rest>\d{8})(?<seconds>\d\d)(?<fraction>\.\d{0,8}[1-9])?(?<zone>Z|[-+]\d{4})$/;

/** A UTCTime is of 1950 to 2049, and may be without seconds. Throws BuiltinError with the reader's message. */
export function readTime(reader: DerReader): Time {
  const { tag, content } = reader.any();
  return decodeTime(tag, content) ?? reader.fail();
}

/** Null for what is no time. */
export function decodeTime(
  tag: number,
  content: Buffer,
  { fraction }: Settings = { fraction: false },
): Time | null {
  const pattern = tag === TAG.utcTime ? UTC : tag === TAG.generalizedTime ? GENERALIZED : null;
  const parts = pattern?.exec(content.toString('latin1'))?.groups;
  if (!parts || (parts['fraction'] && !fraction)) return null;
  const { year: written = '', rest = '', seconds = '00', fraction: decimals = '', zone = '' } = parts;
  const year = written.length === 4 ? written : `${Number(written) < 50 ? '20' : '19'}${written}`;
  const [, month, day, hour, minute] = /^(..)(..)(..)(..)$/.exec(rest) as readonly string[];
  const local = `${year}-${month}-${day}T${hour}:${minute}:${seconds}`;
  const milliseconds = Date.parse(`${local}.000Z`);
  // Date.parse takes 24:00 and, in some months, a day too many.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString().slice(0, 19) !== local) return null;
  const offset = minutes(zone);
  if (offset === null) return null;
  const nanoseconds = Number(decimals.slice(1).padEnd(9, '0'));
  const instant = BigInt(milliseconds - offset * 60_000) * 1_000_000n + BigInt(nanoseconds);
  const shown = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  return { instant, text: Math.abs(offset) < 24 * 60 ? `${local}${decimals}${shown}` : null };
}

/** Of a zone; null where Go would write it in another way: as Z, or with the hour that the minutes make. */
function minutes(zone: string): number | null {
  if (zone === 'Z') return 0;
  const [hours, rest] = [Number(zone.slice(1, 3)), Number(zone.slice(3))];
  if (hours > 24 || rest > 59 || hours + rest === 0) return null;
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + rest);
}
