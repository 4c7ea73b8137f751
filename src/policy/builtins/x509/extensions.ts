/** What extensions of certificates say: RFC 5280, section 4.2, as far as Go's `x509` knows them (processExtensions). */
import { BuiltinError } from '../builtin.ts';
import { type AltNames, NO_NAMES, readAltNames } from './alt-names.ts';
import { type BitString, constructed, context, DerReader, TAG } from './der.ts';
import { type NameConstraints, readNameConstraints } from './name-constraints.ts';
import { isPolicyOid } from './policy-oid.ts';

export type Extension = { readonly oid: string; readonly critical: boolean; readonly value: Buffer };

export type Contents = {
  /** A bit for each usage, digitalSignature's the least. */
  readonly keyUsage: number;
  /** `maxPathLength` is -1 where it is not said. */
  readonly basicConstraints: { readonly isCa: boolean; readonly maxPathLength: bigint } | null;
  readonly altNames: AltNames;
  readonly nameConstraints: NameConstraints | null;
  /** Bytes as they came. */
  readonly crlDistributionPoints: readonly Buffer[];
  readonly authorityKeyId: Buffer | null;
  readonly subjectKeyId: Buffer | null;
  readonly requireExplicitPolicy: bigint | null;
  readonly inhibitPolicyMapping: bigint | null;
  readonly inhibitAnyPolicy: bigint | null;
  /** OIDs. */
  readonly extendedKeyUsage: readonly string[];
  /** The DER of OIDs, without header; null without the extension. */
  readonly policies: readonly Buffer[] | null;
  /** The issuer's policy and the subject's. */
  readonly policyMappings: readonly (readonly [Buffer, Buffer])[];
  readonly ocspServers: readonly Buffer[];
  readonly issuingCertificateUrls: readonly Buffer[];
  /** OIDs of critical extensions that Go does not know, or not wholly. */
  readonly unhandled: readonly string[];
};

const NOTHING: Contents = {
  keyUsage: 0,
  basicConstraints: null,
  altNames: NO_NAMES,
  nameConstraints: null,
  crlDistributionPoints: [],
  authorityKeyId: null,
  subjectKeyId: null,
  requireExplicitPolicy: null,
  inhibitPolicyMapping: null,
  inhibitAnyPolicy: null,
  extendedKeyUsage: [],
  policies: null,
  policyMappings: [],
  ocspServers: [],
  issuingCertificateUrls: [],
  unhandled: [],
};

/** What one extension says; `isWhole` is false where there was more that Go does not know. */
type Part = Partial<Contents> & { readonly isWhole?: boolean };

export const SUBJECT_ALT_NAME = '2.5.29.17';
export const NAME_CONSTRAINTS = '2.5.29.30';
const AUTHORITY_INFO_ACCESS = '1.3.6.1.5.5.7.1.1';
const OCSP = '1.3.6.1.5.5.7.48.1';
const CA_ISSUERS = '1.3.6.1.5.5.7.48.2';
/** RFC 5280 forbids that these are critical. */
const NEVER_CRITICAL = new Set(['2.5.29.14', '2.5.29.35', AUTHORITY_INFO_ACCESS]);

/** Throws BuiltinError for an extension that Go knows and that is not right. */
export function readExtensions(extensions: readonly Extension[]): Contents {
  const contents = { ...NOTHING };
  const unhandled: string[] = [];
  for (const { oid, critical, value } of extensions) {
    const read = READERS.get(oid);
    if (critical && NEVER_CRITICAL.has(oid))
      throw new BuiltinError(`x509: extension ${oid} incorrectly marked critical`);
    const { isWhole = true, ...part } = read?.(value) ?? { isWhole: false };
    if (critical && !isWhole) unhandled.push(oid);
    Object.assign(contents, part);
  }
  return { ...contents, unhandled };
}

const READERS: ReadonlyMap<string, (value: Buffer) => Part> = new Map<string, (value: Buffer) => Part>([
  [
    '2.5.29.14',
    (value) => ({ subjectKeyId: readerOf(value, 'subject key identifier').content(TAG.octetString) }),
  ],
  ['2.5.29.15', (value) => ({ keyUsage: usage(readerOf(value, 'key usage').bitString()) })],
  [
    SUBJECT_ALT_NAME,
    (value) => {
      const altNames = readAltNames(value);
      return { altNames, isWhole: Object.values(altNames).some((names) => names.length > 0) };
    },
  ],
  ['2.5.29.19', (value) => ({ basicConstraints: basicConstraints(sequence(value, 'basic constraints')) })],
  [
    NAME_CONSTRAINTS,
    (value) => {
      const nameConstraints = readNameConstraints(value);
      const { permitted, excluded } = nameConstraints;
      return { nameConstraints, isWhole: !permitted.unknown && !excluded.unknown };
    },
  ],
  [
    '2.5.29.31',
    (value) => ({
      crlDistributionPoints: sequence(value, 'CRL distribution points').all(distributionPoint).flat(),
    }),
  ],
  ['2.5.29.32', (value) => ({ policies: policies(sequence(value, 'certificate policies')) })],
  [
    '2.5.29.33',
    (value) => ({ policyMappings: sequence(value, 'policy mappings extension').all(policyMapping) }),
  ],
  [
    '2.5.29.35',
    (value) => ({ authorityKeyId: optional(sequence(value, 'authority key identifier'), context(0)) }),
  ],
  ['2.5.29.36', (value) => policyConstraints(sequence(value, 'policy constraints extension'))],
  [
    '2.5.29.37',
    (value) => ({ extendedKeyUsage: sequence(value, 'extended key usages').all((reader) => reader.oid()) }),
  ],
  ['2.5.29.54', (value) => ({ inhibitAnyPolicy: readerOf(value, 'inhibit any policy extension').int64() })],
  [
    AUTHORITY_INFO_ACCESS,
    (value) => {
      const places = sequence(value, 'authority info access').all(accessDescription);
      const of = (method: string): Buffer[] =>
        places.flatMap(({ oid, uri }) => (oid === method && uri ? [uri] : []));
      return { ocspServers: of(OCSP), issuingCertificateUrls: of(CA_ISSUERS) };
    },
  ],
]);

const readerOf = (value: Buffer, what: string): DerReader => new DerReader(value, `x509: invalid ${what}`);
const sequence = (value: Buffer, what: string): DerReader => readerOf(value, what).reader();
const optional = (reader: DerReader, tag: number): Buffer | null =>
  reader.isNext(tag) ? reader.content(tag) : null;

/** Nine are defined. */
function usage({ bytes, length }: BitString): number {
  const bits = Array.from(
    { length: Math.min(length, 9) },
    (_, at) => ((bytes[at >> 3] ?? 0) >> (7 - (at % 8))) & 1,
  );
  return bits.reduce((sum, bit, at) => sum | (bit << at), 0);
}

function basicConstraints(reader: DerReader): NonNullable<Contents['basicConstraints']> {
  const isCa = reader.isNext(TAG.boolean) && reader.boolean();
  const maxPathLength = reader.isNext(TAG.integer) ? reader.int64() : null;
  if (maxPathLength !== null && maxPathLength < 0n) reader.fail();
  return { isCa, maxPathLength: maxPathLength ?? -1n };
}

/** The URIs at its beginning. */
function distributionPoint(points: DerReader): Buffer[] {
  const point = points.reader();
  if (!point.isNext(constructed(0))) return [];
  const names = point.reader(constructed(0)).reader(constructed(0));
  const uris: Buffer[] = [];
  while (names.isNext(context(6))) uris.push(names.content(context(6)));
  return uris;
}

function policies(reader: DerReader): Buffer[] {
  const found = reader.all((each) => each.reader().content(TAG.oid));
  const distinct = new Set(found.map((der) => der.toString('latin1')));
  if (distinct.size < found.length || !found.every(isPolicyOid)) reader.fail();
  return found;
}

function policyMapping(reader: DerReader): readonly [Buffer, Buffer] {
  const mapping = reader.reader();
  return [mapping.content(TAG.oid), mapping.content(TAG.oid)];
}

function policyConstraints(reader: DerReader): Part {
  const number = (tag: number): bigint | null => (reader.isNext(tag) ? reader.int64(tag) : null);
  return { requireExplicitPolicy: number(context(0)), inhibitPolicyMapping: number(context(1)) };
}

function accessDescription(places: DerReader): { readonly oid: string; readonly uri: Buffer | null } {
  const place = places.reader();
  return { oid: place.oid(), uri: optional(place, context(6)) };
}
