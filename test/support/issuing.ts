/** Certificates that tests make as they need them, with extensions of any kind. Valid from 2020 to 2049 unless told otherwise. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { bits, boolean, der, integer, octets, oid, sequence, set, utf8 } from './der.ts';

/** Whatever signs for others, and what it signed. */
export type Issued = { readonly name: string; readonly key: KeyObject; readonly der: Buffer };

type Wish = {
  readonly name: string;
  /** Itself where there is none. */
  readonly by?: { readonly name: string; readonly key: KeyObject };
  readonly key?: KeyObject;
  readonly extensions?: readonly Buffer[];
  /** Of UTCTime. */
  readonly from?: string;
  readonly to?: string;
  /** Of `node:crypto`'s; null for Ed25519's own. */
  readonly hash?: 'sha256' | 'sha1' | null;
  /** The serial number is made of what is in the certificate, where it is not said. */
  readonly serial?: bigint;
};

export const ecKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
export const ed25519Key = (): KeyObject => generateKeyPairSync('ed25519').privateKey;

const SIGNATURES = {
  sha256: sequence(oid('1.2.840.10045.4.3.2')),
  sha1: sequence(oid('1.2.840.10045.4.1')),
  ed25519: sequence(oid('1.3.101.112')),
};

/** A Name of nothing but this common name. */
export const nameOf = (name: string): Buffer => sequence(set(sequence(oid('2.5.4.3'), utf8(name))));

/** The SubjectPublicKeyInfo. */
export const publicKeyOf = (key: KeyObject): Buffer => {
  const jwk = key.export({ format: 'jwk' });
  const [x, y] = [jwk.x, jwk.y].map((part) => Buffer.from(part ?? '', 'base64url'));
  return jwk.kty === 'OKP'
    ? sequence(SIGNATURES.ed25519, bits(x ?? ''))
    : sequence(
        sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
        bits(Buffer.concat([Buffer.from([4]), x ?? Buffer.alloc(0), y ?? Buffer.alloc(0)])),
      );
};

export function issue(wish: Wish): Issued {
  const { name, extensions = [], from = '200101000000Z', to = '491231235959Z', hash = 'sha256' } = wish;
  const key = wish.key ?? ecKey();
  const { name: issuer, key: signer } = wish.by ?? { name, key };
  const algorithm = SIGNATURES[hash ?? 'ed25519'];
  const contents = [
    algorithm,
    nameOf(issuer),
    sequence(der(0x17, from), der(0x17, to)),
    nameOf(name),
    publicKeyOf(key),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  ];
  const digest = createHash('sha256').update(Buffer.concat(contents)).digest('hex');
  const serial = wish.serial ?? BigInt(`0x1${digest.slice(0, 16)}`);
  const tbs = sequence(der(0xa0, integer(2)), integer(serial), ...contents);
  return { name, key, der: sequence(tbs, algorithm, bits(sign(hash, tbs, signer))) };
}

/** An authority's extensions are `authority()`, and more. */
export const authority = (maxPathLength?: number): Buffer =>
  extension(
    '2.5.29.19',
    sequence(boolean(true), ...(maxPathLength === undefined ? [] : [integer(maxPathLength)])),
  );

export const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));

export type GeneralNames = {
  readonly dns?: string;
  readonly email?: string;
  readonly uri?: string;
  readonly ip?: Buffer;
};

/** Of the context's numbers; for `altNames` and for `nameConstraints`. */
const generalNames = ({ dns, email, uri, ip }: GeneralNames): Buffer[] => [
  ...(email === undefined ? [] : [der(0x81, email)]),
  ...(dns === undefined ? [] : [der(0x82, dns)]),
  ...(uri === undefined ? [] : [der(0x86, uri)]),
  ...(ip === undefined ? [] : [der(0x87, ip)]),
];

export const altNames = (...names: readonly GeneralNames[]): Buffer =>
  extension('2.5.29.17', sequence(...names.flatMap(generalNames)));

/** What is permitted, and what is excluded. */
export function nameConstraints(
  permitted: readonly GeneralNames[],
  excluded: readonly GeneralNames[] = [],
): Buffer {
  const subtrees = (tag: number, names: readonly GeneralNames[]): Buffer[] =>
    names.length === 0 ? [] : [der(tag, ...names.flatMap(generalNames).map((name) => sequence(name)))];
  return extension('2.5.29.30', sequence(...subtrees(0xa0, permitted), ...subtrees(0xa1, excluded)), true);
}

export const extendedKeyUsage = (...usages: readonly string[]): Buffer =>
  extension('2.5.29.37', sequence(...usages.map(oid)));

export const policies = (...ids: readonly string[]): Buffer =>
  extension('2.5.29.32', sequence(...ids.map((id) => sequence(oid(id)))));

/** Pairs of the issuer's policy and the subject's. */
export const policyMappings = (...pairs: readonly (readonly [string, string])[]): Buffer =>
  extension('2.5.29.33', sequence(...pairs.map((pair) => sequence(...pair.map(oid)))));

/** `requireExplicitPolicy`, then `inhibitPolicyMapping`. */
export const policyConstraints = (explicit: number | null, mapping: number | null = null): Buffer => {
  const member = (tag: number, value: number | null): Buffer[] =>
    value === null ? [] : [der(tag, integer(value).subarray(2))];
  return extension('2.5.29.36', sequence(...member(0x80, explicit), ...member(0x81, mapping)));
};

/** PEM, as OpenSSL writes it. */
export const pem = (type: string, bytes: Buffer): string =>
  `-----BEGIN ${type}-----\n${bytes.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${type}-----\n`;
