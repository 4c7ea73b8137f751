/**
 * ASN.1's distinguished encoding (X.690), as strictly as the two readers of Go that OPA's certificates and keys go through:
 * `cryptobyte` for certificates, and `encoding/asn1` for requests and keys. Neither minds what follows the members of a sequence
 * that it knows.
 */
import { BuiltinError } from '../builtin.ts';

/** Identifier octets: class, constructed or not, number. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[number]` of the context, without members. */
export const context = (number: number): number => 0x80 | number;
/** `[number]` of the context, with members. */
export const constructed = (number: number): number => 0xa0 | number;

/** One encoded value: its identifier, what it holds, and the whole with its header. */
export type Element = { readonly tag: number; readonly content: Buffer; readonly whole: Buffer };
/** Bits from the first byte's most significant on; those that fill up the last byte are 0. */
export type BitString = { readonly bytes: Buffer; readonly length: number };

/**
 * `highTags`: identifiers of several octets may stand where anything may, and headers are read before they are compared, as
 * `encoding/asn1` does.
 */
type Settings = { readonly highTags: boolean };
type Header = { readonly tag: number; readonly from: number; readonly length: number };

/** What of some bytes is unread. Each method but `isEmpty` and `peek` throws BuiltinError, with the message given here. */
export class DerReader {
  readonly #bytes: Buffer;
  readonly #message: string;
  readonly #settings: Settings;
  #at = 0;

  constructor(bytes: Buffer, message: string, settings: Settings = { highTags: false }) {
    this.#bytes = bytes;
    this.#message = message;
    this.#settings = settings;
  }

  isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The first octet of the next identifier; -1 at the end. */
  peek(): number {
    return this.#bytes[this.#at] ?? -1;
  }

  /** The next value, whatever it is. */
  any(): Element {
    const { tag, from, length } = this.#header();
    if (length > this.#bytes.length - from) this.fail();
    const start = this.#at;
    this.#at = from + length;
    const content = this.#bytes.subarray(from, this.#at);
    return { tag, content, whole: this.#bytes.subarray(start, this.#at) };
  }

  element(tag: number): Element {
    const element = this.any();
    if (element.tag !== tag) this.fail();
    return element;
  }

  content(tag: number): Buffer {
    return this.element(tag).content;
  }

  /** Whether the next value has this tag. */
  isNext(tag: number): boolean {
    if (this.isEmpty()) return false;
    return this.#settings.highTags ? this.#header().tag === tag : this.peek() === tag;
  }

  /** A reader of what the next value holds, with a message of its own or this one's. */
  reader(tag: number = TAG.sequence, message: string = this.#message): DerReader {
    return new DerReader(this.content(tag), message, this.#settings);
  }

  /**
   * Goes behind the header of an explicit tag, if it is next with what is tagged in it, and says so. `encoding/asn1` does not
   * hold it to its length.
   */
  enter(tag: number, tagged: number): boolean {
    if (this.isEmpty()) return false;
    const header = this.#header();
    if (header.from === this.#bytes.length || (header.tag === tag && header.length === 0)) this.fail();
    const before = this.#at;
    this.#at = header.from;
    if (header.tag === tag && this.isNext(tagged)) return true;
    this.#at = before;
    return false;
  }

  /** What is read until the end. */
  all<T>(read: (reader: DerReader) => T): T[] {
    const found: T[] = [];
    while (!this.isEmpty()) found.push(read(this));
    return found;
  }

  boolean(): boolean {
    const content = this.content(TAG.boolean);
    if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) this.fail();
    return content[0] === 0xff;
  }

  /** Of any size. */
  integer(tag: number = TAG.integer): bigint {
    const content = this.content(tag);
    const [first, second = 0] = content;
    if (first === undefined) this.fail();
    // The sign's octet is there only when it must be.
    if (content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)))
      this.fail();
    const value = BigInt(`0x${content.toString('hex')}`);
    return first < 0x80 ? value : value - (1n << BigInt(content.length * 8));
  }

  /** Go's int64. */
  int64(tag: number = TAG.integer): bigint {
    const value = this.integer(tag);
    if (BigInt.asIntN(64, value) !== value) this.fail();
    return value;
  }

  /** In dots and digits; each number is less than 2³¹. */
  oid(): string {
    const content = this.content(TAG.oid);
    if (content.length === 0) this.fail();
    const numbers: number[] = [];
    for (let at = 0; at < content.length;) {
      const { value, next } = this.#base128(content, at);
      if (numbers.length > 0) numbers.push(value);
      else if (value < 80) numbers.push(Math.floor(value / 40), value % 40);
      else numbers.push(2, value - 80);
      at = next;
    }
    return numbers.join('.');
  }

  bitString(): BitString {
    const content = this.content(TAG.bitString);
    const unused = content[0] ?? this.fail();
    const bytes = content.subarray(1);
    const last = bytes.at(-1);
    if (unused > 7 || (last === undefined ? unused > 0 : (last & ((1 << unused) - 1)) !== 0)) this.fail();
    return { bytes, length: bytes.length * 8 - unused };
  }

  fail(): never {
    throw new BuiltinError(this.#message);
  }

  /** Of the next value, whose content may be cut off. */
  #header(): Header {
    const tag = this.#bytes[this.#at] ?? this.fail();
    let at = this.#at + 1;
    if ((tag & 0x1f) === 0x1f) {
      if (!this.#settings.highTags) this.fail();
      const { value, next } = this.#base128(this.#bytes, at);
      if (value < 0x1f) this.fail();
      at = next;
    }
    const first = this.#bytes[at] ?? this.fail();
    at += 1;
    if (first < 0x80) return { tag, from: at, length: first };
    const octets = this.#bytes.subarray(at, at + (first & 0x7f));
    if (octets.length < (first & 0x7f) || octets.length === 0 || octets.length > 4) this.fail();
    const length = octets.readUIntBE(0, octets.length);
    // The length is as short as can be.
    if (length < 0x80 || length < 2 ** (8 * (octets.length - 1)) || length >= 2 ** 31) this.fail();
    return { tag, from: at + octets.length, length };
  }

  #base128(bytes: Buffer, from: number): { readonly value: number; readonly next: number } {
    if (bytes[from] === 0x80) this.fail();
    let value = 0;
    for (let at = from; at < from + 5; at++) {
      const octet = bytes[at] ?? this.fail();
      value = value * 128 + (octet & 0x7f);
      if (value >= 2 ** 31) this.fail();
      if (octet < 0x80) return { value, next: at + 1 };
    }
    return this.fail();
  }
}

/** The bits moved to the end, as OPA shows keys and signatures. */
export function rightAligned({ bytes, length }: BitString): Buffer {
  const shift = (8 - (length % 8)) % 8;
  if (shift === 0) return bytes;
  return Buffer.from(
    bytes.map((byte, at) => (((bytes[at - 1] ?? 0) << (8 - shift)) | (byte >> shift)) & 0xff),
  );
}
