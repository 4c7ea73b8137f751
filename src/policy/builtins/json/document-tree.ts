/**
 * A document that `json.patch` changes in many places before it is a value again. Its behaviour is that of OPA's
 * `internal/edittree`, where that tells one from another: what an array's index finds is said at `arrayPlace`.
 */
import { equal, type Entry, RegoObject, RegoSet, type Value } from '../../value.ts';
import { writeValue } from '../../value-text.ts';
import { BuiltinError, LimitError } from '../builtin.ts';
import { placeOf } from '../go/binary-search.ts';
import { arrayIndex } from './array-index.ts';
import { extentOf } from './extent.ts';

/**
 * Keys from the document's root on: of objects, of sets (the member), of arrays (an index as number or text, `-` for what follows
 * the last).
 */
export type Path = readonly Value[];

/** All of its functions throw BuiltinError for what is not there, LimitError for what gets too deep or too large. */
export type DocumentTree = {
  readonly valueAt: (path: Path) => Value;
  /** Puts a value in the place of what is there, in an array before it. */
  readonly insert: (path: Path, value: Value) => void;
  /** Inserts a value that is in the document already. */
  readonly copy: (path: Path, value: Value) => void;
  readonly remove: (path: Path) => void;
  /** Undefined after the root was removed. */
  readonly whole: () => Value | undefined;
};

/** As deep as values from a module get. */
const DEEPEST = 2_000;
/** A document that is copied into itself doubles each time. OPA has no bound. */
const MOST_COPIED = 1 << 24;
/** Each time a part is changed and then moved as a whole, all of its members are gone through. OPA has no bound. */
const MOST_MEMBERS = 1 << 22;

/** Counts members that are gone through. Throws LimitError. */
type Spend = (members: number) => void;

export function documentTree(document: Value): DocumentTree {
  let spent = 0;
  const spend = (members: number): void => {
    spent += members;
    if (spent > MOST_MEMBERS)
      throw new LimitError(`json.patch: the operations go through more than ${MOST_MEMBERS} members`);
  };
  let root: Place | null = placeFor(document, spend);
  let copied = 0;
  return { valueAt, insert, copy, remove, whole: () => root?.value() };

  function valueAt(path: Path): Value {
    const key = path.at(-1);
    return key === undefined ? enter(path).value() : enter(path.slice(0, -1)).read(key);
  }

  function copy(path: Path, value: Value): void {
    copied += extentOf(value).characters;
    if (copied > MOST_COPIED)
      throw new LimitError(`json.patch: what is copied has more than ${MOST_COPIED} characters`);
    insert(path, value);
  }

  function insert(path: Path, value: Value): void {
    const key = path.at(-1);
    if (key === undefined) root = placeFor(value, spend);
    else {
      const place = enter(path.slice(0, -1));
      if (path.length + extentOf(value).depth > DEEPEST)
        throw new LimitError(`json.patch: the document is nested deeper than ${DEEPEST}`);
      place.insert(key, value);
    }
  }

  function remove(path: Path): void {
    const key = path.at(-1);
    const place = enter(path.slice(0, -1));
    if (key === undefined) root = null;
    else place.remove(key);
  }

  function enter(path: Path): Place {
    if (root === null) throw new BuiltinError('deleted node encountered');
    if (path.length > DEEPEST) throw new BuiltinError('path does not exist');
    return path.reduce((place: Place, key) => place.member(key), root);
  }
}

/** What stands for a value once a path has led through it. */
type Place = {
  /** The member as a place, to be changed. */
  readonly member: (key: Value) => Place;
  /** The member's value with all changes so far. A member that is only read does not become a place, which takes as long as it is large. */
  readonly read: (key: Value) => Value;
  readonly insert: (key: Value, value: Value) => void;
  readonly remove: (key: Value) => void;
  /** With all changes so far. */
  readonly value: () => Value;
};

/** A member: its value, until it is entered. */
type Member = { readonly was: Value; place: Place | null };
type KeyedMember = Member & { readonly key: Value };

const entered = (member: Member, spend: Spend): Place => (member.place ??= placeFor(member.was, spend));
const now = (member: Member): Value => (member.place === null ? member.was : member.place.value());
const keyed = (key: Value, was: Value): KeyedMember => ({ key, was, place: null });
const keyOf = (member: KeyedMember): Value => member.key;

/** Keys are compared when they are put in order: long ones count as several members. */
const lengthOf = (key: Value): number => 1 + extentOf(key).characters / 8;

function existing(members: readonly KeyedMember[], key: Value): number {
  const { at, found } = placeOf(members, key, keyOf);
  if (!found) throw new BuiltinError(`path ${writeValue(key)} does not exist`);
  return at;
}

function placeFor(value: Value, spend: Spend): Place {
  if (value instanceof RegoObject) return objectPlace(value, spend);
  if (value instanceof RegoSet) return setPlace(value, spend);
  return Array.isArray(value) ? arrayPlace(value, spend) : scalarPlace(value);
}

function scalarPlace(scalar: Value): Place {
  const fail = (): never => {
    throw new BuiltinError(`expected composite type, found value: ${writeValue(scalar)}`);
  };
  return { member: fail, read: fail, insert: fail, remove: fail, value: () => scalar };
}

function objectPlace(object: RegoObject, spend: Spend): Place {
  spend(object.size);
  const members = object.entries.map(([key, value]) => keyed(key, value));
  let value: RegoObject | null = object;
  return {
    member: (key) => {
      value = null;
      return entered(members[existing(members, key)] as KeyedMember, spend);
    },
    read: (key) => now(members[existing(members, key)] as KeyedMember),
    insert: (key, inserted) => {
      value = null;
      const { at, found } = placeOf(members, key, keyOf);
      members.splice(at, found ? 1 : 0, keyed(key, inserted));
    },
    remove: (key) => {
      value = null;
      members.splice(existing(members, key), 1);
    },
    value: () => {
      if (value !== null) return value;
      const entries: Entry[] = [];
      for (const member of members) {
        spend(lengthOf(member.key));
        entries.push([member.key, now(member)]);
      }
      return (value = new RegoObject(entries));
    },
  };
}

/** Its members are their own keys. One that was entered has its old key until the set is used again. */
function setPlace(set: RegoSet, spend: Spend): Place {
  spend(set.size);
  const members = set.members.map((member) => keyed(member, member));
  let changing: KeyedMember | null = null;
  const settle = (): void => {
    if (changing === null) return;
    const value = now(changing);
    members.splice(existing(members, changing.key), 1);
    add(value);
    changing = null;
  };
  const add = (value: Value): void => {
    const { at, found } = placeOf(members, value, keyOf);
    if (!found) members.splice(at, 0, keyed(value, value));
  };
  return {
    member: (key) => {
      settle();
      changing = members[existing(members, key)] as KeyedMember;
      return entered(changing, spend);
    },
    read: (key) => {
      settle();
      return (members[existing(members, key)] as KeyedMember).key;
    },
    insert: (key, value) => {
      if (!equal(key, value))
        throw new BuiltinError(
          `set key ${writeValue(key)} does not equal value to be inserted ${writeValue(value)}`,
        );
      settle();
      add(value);
    },
    remove: (key) => {
      settle();
      members.splice(existing(members, key), 1);
    },
    value: () => {
      settle();
      for (const member of members) spend(lengthOf(member.key));
      return new RegoSet(members.map(keyOf));
    },
  };
}

/**
 * An index counts the members as they are now for what is inserted and removed. To enter a member that was in the array from the
 * beginning, OPA takes the one which had this index **then**, and puts it in the place of the one which has it now; so does this.
 */
function arrayPlace(array: readonly Value[], spend: Spend): Place {
  spend(array.length);
  const members = array.map((was): Member & { readonly own: boolean } => ({ was, place: null, own: false }));
  const own = (was: Value): (typeof members)[number] => ({ was, place: null, own: true });
  const index = (key: Value, last: number): number => {
    const at = arrayIndex(key, members.length);
    if (at < 0 || at > last) throw new BuiltinError('index for array out of bounds');
    return at;
  };
  const existingMember = (key: Value): Member => {
    const at = arrayIndex(key, members.length);
    const member = members[at];
    if (member?.own === true) return member;
    const first = array[at];
    if (member === undefined || first === undefined)
      throw new BuiltinError(`path ${at} does not exist in array term`);
    return (members[at] = own(first));
  };
  return {
    member: (key) => entered(existingMember(key), spend),
    read: (key) => now(existingMember(key)),
    insert: (key, value) => void members.splice(index(key, members.length), 0, own(value)),
    remove: (key) => void members.splice(index(key, members.length - 1), 1),
    value: () => {
      spend(members.length);
      const values: Value[] = [];
      for (const member of members) values.push(now(member));
      return values;
    },
  };
}
