/** Certificates as OPA shows them: the JSON of Go's `x509.Certificate`, all its fields. */
import { RegoNumber } from '../../number.ts';
import { RegoObject, type Value } from '../../value.ts';
import { BuiltinError } from '../builtin.ts';
import { replacedText } from '../go/bytes.ts';
import { altNamesMembers } from './alt-names.ts';
import type { Certificate } from './certificate.ts';
import { type Contents, type Extension, NAME_CONSTRAINTS } from './extensions.ts';
import { addressText, type Network } from './ip.ts';
import { listValue, nameValue, oidValue } from './name.ts';
import type { Subtrees } from './name-constraints.ts';
import { policyOidText, shortOidText } from './policy-oid.ts';
import { publicKeyValue } from './public-key.ts';
import type { Time } from './time.ts';
import { usageNumber } from './usages.ts';

type Members = Readonly<Record<string, Value>>;

/** With members that OPA adds. Throws BuiltinError for a time that has no JSON. */
export const certificateValue = (certificate: Certificate, added: Members = {}): RegoObject =>
  RegoObject.of({
    Raw: base64(certificate.raw),
    RawTBSCertificate: base64(certificate.rawTbs),
    RawSubjectPublicKeyInfo: base64(certificate.rawPublicKey),
    RawSubject: base64(certificate.rawSubject),
    RawIssuer: base64(certificate.rawIssuer),
    Signature: base64(certificate.signature),
    SignatureAlgorithm: RegoNumber.of(certificate.signatureAlgorithm),
    PublicKeyAlgorithm: RegoNumber.of(certificate.publicKeyAlgorithm),
    PublicKey: publicKeyValue(certificate.publicKey),
    Version: RegoNumber.of(certificate.version),
    SerialNumber: RegoNumber.of(certificate.serial),
    Issuer: nameValue(certificate.issuer),
    Subject: nameValue(certificate.subject),
    NotBefore: timeValue(certificate.notBefore),
    NotAfter: timeValue(certificate.notAfter),
    Extensions: listValue(certificate.extensions.map(extensionValue)),
    ExtraExtensions: null,
    ...contentsMembers(certificate.contents),
    PermittedDNSDomainsCritical: certificate.extensions.some(
      ({ oid, critical }) => oid === NAME_CONSTRAINTS && critical,
    ),
    ...added,
  });

export const base64 = (bytes: Buffer): string => bytes.toString('base64');

/** Throws BuiltinError for a time that has no JSON. */
export function timeValue({ text }: Time): string {
  if (text === null) throw new BuiltinError('Time.MarshalJSON: timezone hour outside of range [0,23]');
  return text;
}

export const extensionValue = ({ oid, critical, value }: Extension): RegoObject =>
  RegoObject.of({ Id: oidValue(oid), Critical: critical, Value: base64(value) });

function contentsMembers(contents: Contents): Members {
  const { basicConstraints } = contents;
  const usages = contents.extendedKeyUsage;
  return {
    UnhandledCriticalExtensions: listValue(contents.unhandled.map(oidValue)),
    KeyUsage: RegoNumber.of(contents.keyUsage),
    ExtKeyUsage: listValue(
      usages.flatMap((oid) => usageNumber(oid) ?? []).map((number) => RegoNumber.of(number)),
    ),
    UnknownExtKeyUsage: listValue(usages.filter((oid) => usageNumber(oid) === null).map(oidValue)),
    BasicConstraintsValid: basicConstraints !== null,
    IsCA: basicConstraints?.isCa ?? false,
    MaxPathLen: RegoNumber.of(basicConstraints?.maxPathLength ?? 0n),
    MaxPathLenZero: basicConstraints?.maxPathLength === 0n,
    SubjectKeyId: contents.subjectKeyId && base64(contents.subjectKeyId),
    AuthorityKeyId: contents.authorityKeyId && base64(contents.authorityKeyId),
    OCSPServer: listValue(contents.ocspServers.map(replacedText)),
    IssuingCertificateURL: listValue(contents.issuingCertificateUrls.map(replacedText)),
    CRLDistributionPoints: listValue(contents.crlDistributionPoints.map(replacedText)),
    ...altNamesMembers(contents.altNames),
    ...subtreesMembers('Permitted', contents.nameConstraints?.permitted),
    ...subtreesMembers('Excluded', contents.nameConstraints?.excluded),
    ...policiesMembers(contents),
  };
}

const subtreesMembers = (kind: 'Permitted' | 'Excluded', subtrees: Subtrees | undefined): Members => ({
  [`${kind}DNSDomains`]: listValue(subtrees?.dns ?? []),
  [`${kind}IPRanges`]: listValue((subtrees?.networks ?? []).map(networkValue)),
  [`${kind}EmailAddresses`]: listValue(subtrees?.emails ?? []),
  [`${kind}URIDomains`]: listValue(subtrees?.uriDomains ?? []),
});

const networkValue = ({ address, mask }: Network): RegoObject =>
  RegoObject.of({ IP: addressText(address), Mask: base64(mask) });

function policiesMembers(contents: Contents): Members {
  const { policies, policyMappings } = contents;
  const number = (name: string, value: bigint | null): Members => ({
    [name]: RegoNumber.of(value ?? 0n),
    [`${name}Zero`]: value === 0n,
  });
  return {
    Policies: listValue((policies ?? []).map(policyOidText)),
    // Not those with numbers of more than 31 bits; an extension without any leaves a list.
    PolicyIdentifiers: policies && policies.flatMap((der) => shortOidText(der) ?? []).map(oidValue),
    PolicyMappings: listValue(
      policyMappings.map(([issuer, subject]) =>
        RegoObject.of({
          IssuerDomainPolicy: policyOidText(issuer),
          SubjectDomainPolicy: policyOidText(subject),
        }),
      ),
    ),
    ...number('RequireExplicitPolicy', contents.requireExplicitPolicy),
    ...number('InhibitPolicyMapping', contents.inhibitPolicyMapping),
    ...number('InhibitAnyPolicy', contents.inhibitAnyPolicy),
  };
}
