/** Via (RFC 9110 section 7.6.3): who passed a message on, and how a request is known that goes in a circle. */
import { type Fields, field, listOf } from './headers.ts';

/** Several gateways of one name may stand in a row; so many do not. */
const MOST_TIMES = 10;

/** The field by which a gateway of this name says that it passed a message on. */
export const viaField = (name: string): readonly string[] => ['Via', `1.1 ${name}`];

/**
 * Was this request here so often that it goes in a circle? Counted are members such as `1.1 name` and `HTTP/1.1 name:8080 (comment)`.
 * A client that invents them refuses its own request.
 */
export function isLoop(fields: Fields, name: string): boolean {
  if (field(fields, 'via') === undefined) return false;
  const own = name.toLowerCase();
  const times = listOf(fields, 'via').filter((member) => {
    const receivedBy = member.split(/[\t ]+/, 2)[1]?.toLowerCase() ?? '';
    return receivedBy === own || receivedBy.replace(/:\d*$/, '') === own;
  });
  return times.length >= MOST_TIMES;
}
