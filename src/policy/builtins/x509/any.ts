/** Values of any type, as Go's `encoding/asn1` reads them into an `interface{}` and its `encoding/json` writes them. */
import { RegoNumber } from '../../number.ts';
import { RegoObject, type Value } from '../../value.ts';
import { base64, timeValue } from './certificate-value.ts';
import { DerReader, type Element, TAG } from './der.ts';
import { decodeString, oidValue } from './name.ts';
import { decodeTime } from './time.ts';

/** `isText` is false for what is text in JSON alone. */
type Any = { readonly value: Value; readonly isText: boolean };

/** The next value; null for types that Go leaves out, such as sequences. Throws BuiltinError. */
export function readAny(reader: DerReader): Any {
  const element = reader.any();
  const isText = STRINGS.has(element.tag);
  const value = isText ? (decodeString(element.tag, element.content) ?? reader.fail()) : otherValue(element);
  return { value, isText };
}

const STRINGS: ReadonlySet<number> = new Set([
  TAG.utf8String,
  TAG.numericString,
  TAG.printableString,
  TAG.t61String,
  TAG.ia5String,
  TAG.bmpString,
]);

function otherValue({ tag, content, whole }: Element): Value {
  const reader = new DerReader(whole, 'asn1: syntax error: malformed value');
  switch (tag) {
    case TAG.boolean:
      return reader.boolean();
    case TAG.integer:
      return RegoNumber.of(reader.int64());
    case TAG.oid:
      return oidValue(reader.oid());
    case TAG.octetString:
      return base64(content);
    case TAG.bitString: {
      const { bytes, length } = reader.bitString();
      return RegoObject.of({ Bytes: base64(bytes), BitLength: RegoNumber.of(length) });
    }
    case TAG.utcTime:
    case TAG.generalizedTime:
      return timeValue(decodeTime(tag, content, { fraction: true }) ?? reader.fail());
    default:
      return null;
  }
}
