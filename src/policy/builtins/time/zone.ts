/**
 * Time zones. Their offsets are those of the tz database that comes with Node; the abbreviations, such as CEST, are those that come
 * with Go 1.26 (`zone-names.json`, tz 2025c), because Intl knows them by locale and for few zones.
 */
import { BuiltinError } from '../builtin.ts';
import zoneNames from './zone-names.json' with { type: 'json' };

/** All times in seconds since the epoch, between the years 1677 and 2262; all offsets in seconds east of UTC. */
export type Zone = {
  readonly offsetAt: (seconds: number) => number;
  /** The abbreviation in force: of those that have none, the offset, such as `+0530`. */
  readonly nameAt: (seconds: number) => string;
  /** The offset that an abbreviation stands for, by preference at a local time; null where the zone has no such abbreviation. */
  readonly offsetOf: (name: string, localSeconds: number) => number | null;
};

export const UTC: Zone = { offsetAt: () => 0, nameAt: () => 'UTC', offsetOf: () => null };

/** In seconds: where there is summer time, it is in force now or then. */
const HALF_YEAR = 183 * 86_400;

/** An abbreviation of an offset, from a time on. */
type Named = { readonly name: string; readonly offset: number; readonly from: number };

/** The abbreviations of each zone as text: `CET+3600 CEST+7200 BST+3600@-37242000`, where the number after the `@` is a time. */
const NAMES = new Map(
  Object.entries(zoneNames).flatMap(([zones, names]) => zones.split(' ').map((zone) => [zone, names])),
);

/** Node's zones may be newer than the abbreviations. */
const KNOWN = new Set([...NAMES.keys(), ...Intl.supportedValuesOf('timeZone')]);

/** There are some six hundred, and no more than that: names that are no zone's do not come here. */
const zones = new Map<string, Zone>();

/**
 * The zone of this name, as Go's `time.LoadLocation` gives it: letters count in their case, `''` is UTC and `Local` the zone of this
 * machine. Throws BuiltinError.
 */
export function zoneOf(name: string): Zone {
  if (name === '' || name === 'UTC') return UTC;
  const known = zones.get(name);
  if (known) return known;
  const zone = name === 'Local' ? localZone() : KNOWN.has(name) ? load(name) : unknown(name);
  zones.set(name, zone);
  return zone;
}

/** The zone of this machine, which the environment's TZ sets. */
function localZone(): Zone {
  const name = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return KNOWN.has(name) ? zoneOf(name) : UTC;
}

function unknown(name: string): never {
  throw new BuiltinError(
    name.includes('..') || name.startsWith('/') || name.startsWith('\\')
      ? 'time: invalid location name'
      : `unknown time zone ${name}`,
  );
}

function load(zone: string): Zone {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const names = parseNames(NAMES.get(zone) ?? '');
  const offsetAt = (seconds: number): number => {
    const shown: Record<string, number> = {};
    for (const { type, value } of clock.formatToParts(seconds * 1_000)) shown[type] = Number(value);
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = shown;
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1_000 - seconds;
  };
  const nameAt = (seconds: number): string => {
    const offset = offsetAt(seconds);
    const named = names.findLast((entry) => entry.offset === offset && entry.from <= seconds);
    return named?.name ?? offsetName(offset);
  };
  const offsetOf = (name: string, localSeconds: number): number | null => {
    const numeric = offsetNamed(name);
    if (numeric !== null) {
      const inUse = [0, -HALF_YEAR, HALF_YEAR].some((by) => nameAt(localSeconds - numeric + by) === name);
      return inUse ? numeric : null;
    }
    const offsets = names.filter((entry) => entry.name === name).map(({ offset }) => offset);
    const inForce = offsets.find((offset) => nameAt(localSeconds - offset) === name);
    return inForce === undefined ? (offsets[0] ?? null) : offsetAt(localSeconds - inForce);
  };
  return { offsetAt, nameAt, offsetOf };
}

const parseNames = (text: string): Named[] =>
  [...text.matchAll(/([^ ]+?)([+-]\d+)(?:@(-?\d+))?(?= |$)/g)].map(([, name = '', offset, from]) => ({
    name,
    offset: Number(offset),
    from: from === undefined ? Number.NEGATIVE_INFINITY : Number(from),
  }));

/** What tz calls an offset without a name of its own: `+01`, `-0330`, `+001608`. */
function offsetName(offset: number): string {
  const pad = (value: number): string => String(value).padStart(2, '0');
  const [minutes, seconds] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const whole = minutes % 60 === 0 && seconds === 0;
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}${whole ? '' : pad(minutes % 60)}${seconds === 0 ? '' : pad(seconds)}`;
}

/** Of `+01` and `-0330`; null for another name. */
function offsetNamed(name: string): number | null {
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d)(\d\d)?$/.exec(name) ?? [];
  if (sign === undefined) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60;
}
