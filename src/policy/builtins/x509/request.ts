/** Certificate signing requests: PKCS #10, RFC 2986, as Go's `x509` reads them (ParseCertificateRequest) and OPA shows them. */
import { RegoNumber } from '../../number.ts';
import { RegoObject, type Value } from '../../value.ts';
import { attempt, BuiltinError } from '../builtin.ts';
import { altNamesMembers, NO_NAMES, readAltNames } from './alt-names.ts';
import { readAny } from './any.ts';
import { readExtension } from './certificate.ts';
import { base64, extensionValue } from './certificate-value.ts';
import { constructed, DerReader, rightAligned, TAG } from './der.ts';
import { type Extension, SUBJECT_ALT_NAME } from './extensions.ts';
import { type Attribute, listValue, nameValue, oidValue } from './name.ts';
import { parsePublicKey, publicKeyAlgorithm, publicKeyValue, readAlgorithm } from './public-key.ts';
import { signatureAlgorithm } from './signature.ts';

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

const readerOf = (bytes: Buffer): DerReader =>
  new DerReader(bytes, 'asn1: structure error: malformed certificate request', { highTags: true });

/** The JSON of Go's `x509.CertificateRequest`. Throws BuiltinError. */
export function certificateRequest(der: Buffer): RegoObject {
  const outermost = readerOf(der);
  const { whole: raw, content } = outermost.element(TAG.sequence);
  if (!outermost.isEmpty()) throw new BuiltinError('asn1: syntax error: trailing data');
  const outer = readerOf(content);
  const { whole: rawTbs, content: tbsContent } = outer.element(TAG.sequence);
  const tbs = readerOf(tbsContent);
  const version = tbs.int64();
  const rawSubject = tbs.any().whole;
  const { whole: rawPublicKey, content: keyContent } = tbs.element(TAG.sequence);
  const key = readerOf(keyContent);
  const keyAlgorithm = readAlgorithm(key.reader());
  const publicKey = parsePublicKey(keyAlgorithm, key.bitString());
  const attributes = tbs.reader(constructed(0)).all((reader) => reader.any().whole);
  const algorithm = signatureAlgorithm(readAlgorithm(outer.reader()));
  const signature = rightAligned(outer.bitString());
  const extensions = requestedExtensions(attributes);
  const altNames = extensions.find(({ oid }) => oid === SUBJECT_ALT_NAME);
  return RegoObject.of({
    Raw: base64(raw),
    RawTBSCertificateRequest: base64(rawTbs),
    RawSubjectPublicKeyInfo: base64(rawPublicKey),
    RawSubject: base64(rawSubject),
    Version: RegoNumber.of(version),
    Signature: base64(signature),
    SignatureAlgorithm: RegoNumber.of(algorithm),
    PublicKeyAlgorithm: RegoNumber.of(publicKeyAlgorithm(keyAlgorithm)),
    PublicKey: publicKeyValue(publicKey),
    Subject: nameValue(readSubject(readerOf(rawSubject))),
    Attributes: listValue(attributes.flatMap((attribute) => attempt(() => attributeValue(attribute)) ?? [])),
    Extensions: listValue(extensions.map(extensionValue)),
    ExtraExtensions: null,
    ...altNamesMembers(altNames ? readAltNames(altNames.value) : NO_NAMES),
  });
}

const readSubject = (reader: DerReader): readonly Attribute[] =>
  reader
    .reader()
    .all((sets) => sets.reader(TAG.set).all(readAttribute))
    .flat();

function readAttribute(set: DerReader): Attribute {
  const reader = set.reader();
  return { type: reader.oid(), ...readAny(reader) };
}

/** Of attributes whose values look like names, as extensions do unless one is critical. Throws BuiltinError for others. */
function attributeValue(attribute: Buffer): Value {
  const reader = readerOf(attribute).reader();
  const type = oidValue(reader.oid());
  const values = reader.reader(TAG.set).all((set) => set.reader().all(readAttribute));
  const shown = values.map((value) =>
    value.map((one) => RegoObject.of({ Type: oidValue(one.type), Value: one.value })),
  );
  return RegoObject.of({ Type: type, Value: shown });
}

/** Each may be there once. Attributes that are not right are none. */
function requestedExtensions(attributes: readonly Buffer[]): readonly Extension[] {
  const extensions = attributes.flatMap((attribute) => {
    const value = attempt(() => requestValue(attribute));
    return value ? readerOf(value).reader().all(readExtension) : [];
  });
  if (new Set(extensions.map(({ oid }) => oid)).size < extensions.length)
    throw new BuiltinError('x509: certificate request contains duplicate requested extensions');
  return extensions;
}

/** The first value of an attribute that requests extensions; null for another's, and for none. */
function requestValue(attribute: Buffer): Buffer | null {
  const reader = readerOf(attribute).reader();
  const oid = reader.oid();
  const values = reader.reader(TAG.set).all((set) => set.any().whole);
  return oid === EXTENSION_REQUEST ? (values[0] ?? null) : null;
}
