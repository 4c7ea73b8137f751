/** Certificates: RFC 5280, section 4.1, read as strictly and as leniently as Go's `x509` (ParseCertificate). */
import { BuiltinError } from '../builtin.ts';
import { type BitString, constructed, context, DerReader, rightAligned, TAG } from './der.ts';
import { type Contents, type Extension, readExtensions } from './extensions.ts';
import { type Attribute, readName } from './name.ts';
import { parsePublicKey, type PublicKey, publicKeyAlgorithm, readAlgorithm } from './public-key.ts';
import { signatureAlgorithm } from './signature.ts';
import { readTime, type Time } from './time.ts';

export type Certificate = {
  /** DER of the whole, and of its parts. */
  readonly raw: Buffer;
  readonly rawTbs: Buffer;
  readonly rawIssuer: Buffer;
  readonly rawSubject: Buffer;
  readonly rawPublicKey: Buffer;
  readonly signature: Buffer;
  /** Go's numbers; 0 is unknown. */
  readonly signatureAlgorithm: number;
  readonly publicKeyAlgorithm: number;
  /** Null where its algorithm is unknown. */
  readonly publicKey: PublicKey | null;
  /** 1 to 3, save for what goes round in Go's int64. */
  readonly version: bigint;
  readonly serial: bigint;
  readonly issuer: readonly Attribute[];
  readonly subject: readonly Attribute[];
  readonly notBefore: Time;
  readonly notAfter: Time;
  readonly extensions: readonly Extension[];
  /** What the extensions say. */
  readonly contents: Contents;
};

/** Of one, with nothing after it. Throws BuiltinError. */
export function parseCertificate(der: Buffer): Certificate {
  const reader = new DerReader(der, 'x509: malformed certificate');
  const certificate = readCertificate(reader);
  if (!reader.isEmpty()) throw new BuiltinError('x509: trailing data');
  return certificate;
}

/** Of any number, with nothing between them. Throws BuiltinError. */
export function parseCertificates(der: Buffer): readonly Certificate[] {
  return new DerReader(der, 'x509: malformed certificate').all(readCertificate);
}

function readCertificate(reader: DerReader): Certificate {
  const { whole: raw, content } = reader.element(TAG.sequence);
  const outer = new DerReader(content, 'x509: malformed certificate');
  const { whole: rawTbs, content: tbsContent } = outer.element(TAG.sequence);
  const tbs = new DerReader(tbsContent, 'x509: malformed tbs certificate');

  const version = readVersion(tbs);
  const serial = tbs.integer();
  if (serial < 0n) throw new BuiltinError('x509: negative serial number');
  const algorithm = tbs.content(TAG.sequence);
  if (!outer.content(TAG.sequence).equals(algorithm))
    throw new BuiltinError("x509: inner and outer signature algorithm identifiers don't match");
  const issuer = readRawName(tbs);
  const validity = tbs.reader(TAG.sequence, 'x509: malformed validity');
  const [notBefore, notAfter] = [readTime(validity), readTime(validity)];
  const subject = readRawName(tbs);
  const key = readPublicKey(tbs);
  const extensions = readRawExtensions(tbs, version);
  return {
    raw,
    rawTbs,
    rawIssuer: issuer.raw,
    rawSubject: subject.raw,
    rawPublicKey: key.raw,
    signature: rightAligned(outer.bitString()),
    signatureAlgorithm: signatureAlgorithm(
      readAlgorithm(new DerReader(algorithm, 'x509: malformed algorithm')),
    ),
    publicKeyAlgorithm: publicKeyAlgorithm(key.algorithm),
    publicKey: parsePublicKey(key.algorithm, key.bits),
    version,
    serial,
    issuer: issuer.attributes,
    subject: subject.attributes,
    notBefore,
    notAfter,
    extensions,
    contents: readExtensions(extensions),
  };
}

function readVersion(tbs: DerReader): bigint {
  if (!tbs.isNext(constructed(0))) return 1n;
  const reader = tbs.reader(constructed(0), 'x509: malformed version');
  const written = reader.int64();
  if (!reader.isEmpty()) reader.fail();
  // Go adds 1 and does not see that the greatest number becomes the least.
  const version = BigInt.asIntN(64, written + 1n);
  if (written < 0n || version > 3n) throw new BuiltinError('x509: invalid version');
  return version;
}

function readRawName(tbs: DerReader): { readonly raw: Buffer; readonly attributes: readonly Attribute[] } {
  const raw = tbs.element(TAG.sequence).whole;
  return { raw, attributes: readName(new DerReader(raw, 'x509: invalid RDNSequence')) };
}

type RawKey = {
  readonly raw: Buffer;
  readonly algorithm: ReturnType<typeof readAlgorithm>;
  readonly bits: BitString;
};

function readPublicKey(tbs: DerReader): RawKey {
  const { whole: raw, content } = tbs.element(TAG.sequence);
  const reader = new DerReader(content, 'x509: malformed public key');
  return { raw, algorithm: readAlgorithm(reader.reader()), bits: reader.bitString() };
}

/** Each may be there once. */
function readRawExtensions(tbs: DerReader, version: bigint): readonly Extension[] {
  if (version < 2n) return [];
  for (const uniqueId of [context(1), context(2)]) if (tbs.isNext(uniqueId)) tbs.any();
  if (version === 2n || !tbs.isNext(constructed(3))) return [];
  const extensions = new Map<string, Extension>();
  const reader = tbs.reader(constructed(3), 'x509: malformed extensions').reader();
  while (!reader.isEmpty()) {
    const extension = readExtension(reader);
    if (extensions.has(extension.oid))
      throw new BuiltinError(`x509: certificate contains duplicate extension with OID "${extension.oid}"`);
    extensions.set(extension.oid, extension);
  }
  return [...extensions.values()];
}

/** Throws BuiltinError with the reader's message. */
export function readExtension(extensions: DerReader): Extension {
  const reader = extensions.reader();
  const oid = reader.oid();
  const critical = reader.isNext(TAG.boolean) && reader.boolean();
  return { oid, critical, value: reader.content(TAG.octetString) };
}
