/** Times of claims, for people. */
import { LAST_SECOND } from '../oauth/facts.ts';

/** Seconds since the epoch as a date, and how far from `now` (milliseconds since the epoch) that is; what is no such time, as it is. */
export function moment(value: unknown, now: number): string {
  if (typeof value !== 'number' || !(value >= 0 && value <= LAST_SECOND))
    return value === undefined || value === null ? 'absent' : JSON.stringify(value);
  const away = Math.round(value - now / 1_000);
  const distance = away < 0 ? `${-away} s ago` : `in ${away} s`;
  return `${new Date(value * 1_000).toISOString()}, ${distance}`;
}
