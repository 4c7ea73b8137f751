/** Distinguished names: RFC 5280, section 4.1.2.4, and Go's `pkix.Name`. */
import { isUtf8 } from 'node:buffer';
import { RegoNumber } from '../../number.ts';
import { RegoObject, type Value } from '../../value.ts';
import { type DerReader, TAG } from './der.ts';

export type Attribute = {
  /** An OID. */
  readonly type: string;
  readonly value: Value;
  /** It is in certificates; in requests, what is text here may be bytes or a time. */
  readonly isText: boolean;
};

const SINGLE: Readonly<Record<string, string>> = { '2.5.4.3': 'CommonName', '2.5.4.5': 'SerialNumber' };
const LISTS: Readonly<Record<string, string>> = {
  '2.5.4.6': 'Country',
  '2.5.4.7': 'Locality',
  '2.5.4.8': 'Province',
  '2.5.4.9': 'StreetAddress',
  '2.5.4.10': 'Organization',
  '2.5.4.11': 'OrganizationalUnit',
  '2.5.4.17': 'PostalCode',
};

/** The attributes in their order, of a reader at a Name. Throws BuiltinError. */
export function readName(reader: DerReader): readonly Attribute[] {
  return reader
    .reader(TAG.sequence, 'x509: invalid RDNSequence')
    .all((sets) => sets.reader(TAG.set).all(readAttribute))
    .flat();
}

function readAttribute(set: DerReader): Attribute {
  const reader = set.reader();
  const type = reader.oid();
  const { tag, content } = reader.any();
  return { type, value: decodeString(tag, content) ?? reader.fail(), isText: true };
}

const PRINTABLE = /^[-A-Za-z0-9'()+,./ :=?*&]*$/;

/** Of ASN.1's strings that Go reads; null for another type, and for what a string of the type cannot hold. */
export function decodeString(tag: number, content: Buffer): string | null {
  const latin1 = content.toString('latin1');
  switch (tag) {
    case TAG.t61String:
      return latin1;
    case TAG.printableString:
      return PRINTABLE.test(latin1) ? latin1 : null;
    case TAG.utf8String:
      return isUtf8(content) ? content.toString() : null;
    case TAG.ia5String:
      return /^[\0-\u007f]*$/.test(latin1) ? latin1 : null;
    case TAG.numericString:
      return /^[0-9 ]*$/.test(latin1) ? latin1 : null;
    case TAG.bmpString:
      return decodeBmp(content);
    default:
      return null;
  }
}

/** UCS-2, which has neither surrogates nor non-characters; perhaps with a zero at the end. */
function decodeBmp(content: Buffer): string | null {
  if (content.length % 2 === 1) return null;
  const text = Buffer.from(content).swap16().toString('utf16le').replace(/\0$/, '');
  return /[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]/.test(text) ? null : text;
}

/** As Go's JSON of it: what OPA knows by name, then all attributes. */
export function nameValue(attributes: readonly Attribute[]): RegoObject {
  const ofType = (type: string): Value[] =>
    attributes.filter((one) => one.type === type && one.isText).map(({ value }) => value);
  const single = Object.entries(SINGLE).map(([type, name]) => [name, ofType(type).at(-1) ?? ''] as const);
  const lists = Object.entries(LISTS).map(([type, name]) => [name, listValue(ofType(type))] as const);
  const names = attributes.map(({ type, value }) => RegoObject.of({ Type: oidValue(type), Value: value }));
  return new RegoObject([...single, ...lists, ['Names', listValue(names)], ['ExtraNames', null]]);
}

/** Go's JSON of a list that was never begun is null. */
export const listValue = (members: readonly Value[]): Value => (members.length === 0 ? null : members);

/** An array of its numbers. */
export const oidValue = (oid: string): Value => oid.split('.').map((number) => new RegoNumber(number));
