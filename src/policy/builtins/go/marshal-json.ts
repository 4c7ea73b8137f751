/** JSON as Go's `encoding/json` writes it. */
import { RegoNumber } from '../../number.ts';
import { RegoObject, RegoSet, type Value } from '../../value.ts';
import { LimitError } from '../builtin.ts';

/** What every line but the first begins with, and what is added to it for each level. */
export type Layout = { readonly prefix: string; readonly indent: string };

/** Go has no bound; a layout comes as often as a value has members, times their depth. */
const LONGEST = 1 << 26;
/** Go has no bound; a key's JSON is escaped once more for each key that it is in. */
const DEEPEST_KEYS = 8;
const ESCAPED = /[<>&\u2028\u2029]/g;
const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A string, with `<`, `>`, `&` and Unicode's line separators escaped as `json.Marshal` does. */
export const goJsonString = (text: string): string => JSON.stringify(text).replace(ESCAPED, escape);

/** What a key of an object is called in JSON: a key that is no string, by its own JSON (`ast.JSON`). Throws LimitError as `goJson`. */
export const keyName = (key: Value): string => nameOf(key, 0);

/** `around`: keys that this one is in. */
function nameOf(key: Value, around: number): string {
  if (typeof key === 'string') return key;
  if (around >= DEEPEST_KEYS)
    throw new LimitError(`the JSON has keys within keys deeper than ${DEEPEST_KEYS}`);
  return written(key, null, around + 1);
}

type Named = readonly (readonly [name: string, member: Value])[];

/** An object's members by their names in JSON, in order; of two keys with the same name the later counts. Throws LimitError as `goJson`. */
export const namedMembers = (object: RegoObject): Named => namedWithin(object, 0);

function namedWithin(object: RegoObject, around: number): Named {
  const areNamed = object.entries.every(([key]) => typeof key === 'string');
  const named = areNamed
    ? object
    : new RegoObject(object.entries.map(([key, member]) => [nameOf(key, around), member]));
  return named.entries as Named;
}

/**
 * A value as `json.Marshal` writes it, or with a layout as `json.MarshalIndent` does. Sets are arrays. Throws LimitError for
 * what gets longer than 64 Mi characters, and for keys that are no strings in each other, more than 8.
 */
export const goJson = (value: Value, layout: Layout | null = null): string => written(value, layout, 0);

function written(value: Value, layout: Layout | null, around: number): string {
  const pieces: string[] = [];
  let length = 0;
  write(value, layout === null ? '' : `\n${layout.prefix}`);
  return pieces.join('');

  function write(part: Value, line: string): void {
    if (part === null || typeof part === 'boolean') put(String(part));
    else if (typeof part === 'string') put(goJsonString(part));
    else if (part instanceof RegoNumber) put(part.text);
    else if (part instanceof RegoObject) writeObject(part, line);
    else writeArray(part instanceof RegoSet ? part.members : part, line);
  }

  function writeObject(object: RegoObject, line: string): void {
    const deeper = layout === null ? '' : line + layout.indent;
    let before = `{${deeper}`;
    for (const [name, member] of namedWithin(object, around)) {
      put(`${before}${goJsonString(name)}${layout === null ? ':' : ': '}`);
      write(member, deeper);
      before = `,${deeper}`;
    }
    put(object.size === 0 ? '{}' : `${line}}`);
  }

  function writeArray(members: readonly Value[], line: string): void {
    const deeper = layout === null ? '' : line + layout.indent;
    let before = `[${deeper}`;
    for (const member of members) {
      put(before);
      write(member, deeper);
      before = `,${deeper}`;
    }
    put(members.length === 0 ? '[]' : `${line}]`);
  }

  function put(piece: string): void {
    length += piece.length;
    if (length > LONGEST) throw new LimitError('the JSON is longer than 64 Mi characters');
    pieces.push(piece);
  }
}
