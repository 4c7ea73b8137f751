/** `uuid.*`: random UUIDs of version 4, and what google/uuid (OPA's library) reads out of others. RFC 4122. */
import { fromPlain, writeValue } from '../value-text.ts';
import type { RegoObject, Value } from '../value.ts';
import { type Evaluation, type Family, operand } from './builtin.ts';

export const uuid: Family = {
  'uuid.rfc4122': ([key], evaluation) => random(key, evaluation),
  'uuid.parse': ([text]) => {
    const bytes = parse(operand(1, text, 'string'));
    return bytes === null ? undefined : describe(bytes);
  },
};

/** The same for the same key, all through the evaluation. */
function random(key: Value, { kept, randomBytes }: Evaluation): Value {
  const name = `uuid.rfc4122 ${writeValue(key)}`;
  const before = kept.get(name);
  if (before !== undefined) return before;
  const bytes = Buffer.from(randomBytes(16));
  bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x40;
  bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
  const made = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  kept.set(name, made);
  return made;
}

const DASHED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * 16 bytes; null for what is no UUID. Besides the usual form: as a URN, as 32 digits, and between two bytes that may be anything,
 * which ought to be braces.
 */
function parse(text: string): Buffer | null {
  // Lengths count bytes.
  const bytes = Buffer.from(text).toString('latin1');
  if (/^[0-9a-f]{32}$/i.test(bytes)) return Buffer.from(bytes, 'hex');
  const bare = bytes.length === 38 ? bytes.slice(1, 37) : /^urn:uuid:/i.test(bytes) ? bytes.slice(9) : bytes;
  return DASHED.test(bare) ? Buffer.from(bare.replaceAll('-', ''), 'hex') : null;
}

/** Hundreds of nanoseconds from 1582-10-15 to 1970-01-01. */
const GREGORIAN = 122_192_928_000_000_000n;
const DOMAINS = ['Person', 'Group', 'Org'];

/** Versions 1 and 2 tell more than version and variant. */
function describe(bytes: Buffer): RegoObject {
  const version = bytes.readUInt8(6) >> 4;
  const basics = { version, variant: variant(bytes.readUInt8(8)) };
  if (version !== 1 && version !== 2) return fromPlain(basics) as RegoObject;
  const time =
    (BigInt(bytes.readUInt16BE(6) & 0x0fff) << 48n) |
    (BigInt(bytes.readUInt16BE(4)) << 32n) |
    BigInt(bytes.readUInt32BE(0));
  const node = bytes.subarray(10);
  const domain = bytes.readUInt8(9);
  return fromPlain({
    ...basics,
    // Nanoseconds since 1970, in Go's int64, which goes round in the year 2262.
    time: BigInt.asIntN(64, (time - GREGORIAN) * 100n),
    nodeid: [...node].map((byte) => byte.toString(16).padStart(2, '0')).join('-'),
    macvariables: `${(node.readUInt8(0) & 2) === 0 ? 'global' : 'local'}:${(node.readUInt8(0) & 1) === 0 ? 'unicast' : 'multicast'}`,
    clocksequence: bytes.readUInt16BE(8) & 0x3fff,
    ...(version === 2 && { id: bytes.readUInt32BE(0), domain: DOMAINS[domain] ?? `Domain${domain}` }),
  }) as RegoObject;
}

function variant(byte: number): string {
  if (byte >> 6 === 0b10) return 'RFC4122';
  if (byte >> 5 === 0b110) return 'Microsoft';
  return byte >> 5 === 0b111 ? 'Future' : 'Reserved';
}
