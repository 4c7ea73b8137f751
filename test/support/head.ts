/** Flat header fields, as they came over the wire, from lines such as `Host: a`. */
export const head = (...lines: readonly string[]): string[] =>
  lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
