/** The timestamps of go-yaml (`resolve.go`), read by the rules of Go's `time.Parse`. */

/** A moment. `json` is what `time.Time` is in JSON; null where Go has none for it. */
export class Timestamp {
  readonly json: string | null;

  constructor(json: string | null) {
    this.json = json;
  }

  toString(): string {
    return String(this.json);
  }
}

const DATE = String.raw`(\d{4})-(\d{1,2})-(\d{1,2})`;
const TIME = String.raw`(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?`;
const FORMATS = [
  new RegExp(`^${DATE}[Tt]${TIME}(?:Z|([-+])(\\d\\d):(\\d\\d))$`),
  new RegExp(`^${DATE} +${TIME}$`),
  new RegExp(`^${DATE}$`),
];

/** Null for what is no timestamp. */
export function parseTimestamp(text: string): Timestamp | null {
  for (const format of FORMATS) {
    const [matched, ...parts] = format.exec(text) ?? [];
    if (matched !== undefined) return timestamp(parts);
  }
  return null;
}

function timestamp(parts: readonly (string | undefined)[]): Timestamp | null {
  const [year = '', month = '', day = '', hour = '0', minute = '0', second = '0', fraction = ''] = parts;
  const [sign = '+', zoneHour = '0', zoneMinute = '0'] = parts.slice(7);
  if (Number(month) < 1 || Number(month) > 12) return null;
  if (Number(day) < 1 || Number(day) > daysOf(Number(year), Number(month))) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  // Go takes 24 hours and 60 minutes, as some write them, though JSON does not.
  if (Number(zoneHour) > 24 || Number(zoneMinute) > 60) return null;
  const zone = Number(zoneHour) * 60 + Number(zoneMinute);
  if (zone >= 24 * 60) return new Timestamp(null);
  const digits = fraction.slice(0, 9).replace(/0+$/, '');
  const date = [year, two(month), two(day)].join('-');
  const time = [two(hour), two(minute), two(second)].join(':') + (digits === '' ? '' : `.${digits}`);
  const offset = zone === 0 ? 'Z' : `${sign}${two(Math.floor(zone / 60))}:${two(zone % 60)}`;
  return new Timestamp(`${date}T${time}${offset}`);
}

const two = (part: string | number): string => String(part).padStart(2, '0');

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
