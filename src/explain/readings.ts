/** What readers may make of a text by decoding it, and where in the text each character came from. */

/** As somebody may read a text: a place in the reading is at `origin(place)` in the text. */
export type Reading = { readonly reading: string; readonly origin: (place: number) => number };

/** How often a text may have been encoded, one time over the other. */
const MOST_DECODINGS = 3;
/** As a URL or a form writes a character, and as JSON does. Not at once: what is an escape to the one may be text to the other. */
const ESCAPES = [/%([0-9a-f]{2})/gi, /\\(?:u([0-9a-f]{4})|(.))/gis];

/** The text as it is, and decoded, and decoded again; each with the way back to where it stands in the text. */
export function readings(text: string, level = 0): Reading[] {
  const deeper = ESCAPES.flatMap((escape) => {
    const next = level < MOST_DECODINGS ? decoded(text, escape) : null;
    if (next === null) return [];
    return readings(next.reading, level + 1).map(({ reading, origin }) => ({
      reading,
      origin: (place: number) => next.origin(origin(place)),
    }));
  });
  return [{ reading: text, origin: (place) => place }, ...deeper];
}

/** Null when there is nothing to decode. */
function decoded(text: string, escape: RegExp): Reading | null {
  let [reading, at] = ['', 0];
  const origins: number[] = [];
  const take = (piece: string, from: number): void => {
    for (let i = 0; i < piece.length; i++) origins.push(from + i);
    reading += piece;
  };
  for (const { 0: written, 1: code, 2: plain = '', index } of text.matchAll(escape)) {
    take(text.slice(at, index), at);
    take(code === undefined ? plain : String.fromCharCode(Number.parseInt(code, 16)), index);
    at = index + written.length;
  }
  if (at === 0) return null;
  take(text.slice(at), at);
  return { reading, origin: (place) => origins[place] ?? text.length };
}
