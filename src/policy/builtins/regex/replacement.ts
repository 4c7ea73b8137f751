/** The replacements of `regex.replace`, by the rules of Go's `Regexp.Expand`. */

/** Text as it is, or the numbers of groups: the text of the first of them that matched is put in. */
export type Piece = string | readonly number[];

/** After `$`: a name in braces or bare, which takes all the letters, digits and underlines that follow. */
const REFERENCE = /^(?:\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/u;

/**
 * The pieces of a replacement. `$1` and `${1}` are groups by number, `$name` and `${name}` by name, `$$` is a dollar, and so is
 * a `$` that begins nothing of these. A group that there is not is empty. `names` are the groups' numbers by their names.
 */
export function parseReplacement(
  replacement: string,
  names: ReadonlyMap<string, readonly number[]>,
): readonly Piece[] {
  const [first = '', ...rest] = replacement.split('$');
  const pieces: Piece[] = [first];
  for (let at = 0; at < rest.length; at++) {
    const text = rest[at] as string;
    const [whole, braced, bare] = REFERENCE.exec(text) ?? [];
    if (whole !== undefined) {
      pieces.push(groupNumbers((braced ?? bare) as string, names), text.slice(whole.length));
    } else if (text === '' && at + 1 < rest.length) {
      // The second dollar begins nothing.
      pieces.push(`$${rest[++at]}`);
    } else pieces.push(`$${text}`);
  }
  return pieces.filter((piece) => piece.length > 0);
}

/** A number has no zeros before it; Go's has at most nine digits, which is more than a pattern has groups. */
const groupNumbers = (name: string, names: ReadonlyMap<string, readonly number[]>): readonly number[] =>
  /^(?:0|[1-9][0-9]{0,8})$/.test(name) ? [Number(name)] : (names.get(name) ?? []);
