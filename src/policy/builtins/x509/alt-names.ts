/** Subject alternative names: RFC 5280, section 4.2.1.6, and Go's `x509`, parseSANExtension. */
import type { Value } from '../../value.ts';
import { BuiltinError } from '../builtin.ts';
import { quote } from '../go/quote.ts';
import { type Url, urlText } from '../go/url.ts';
import { context, DerReader } from './der.ts';
import { isDomainName } from './domain-name.ts';
import { addressText } from './ip.ts';
import { listValue } from './name.ts';
import { parseUri, uriValue } from './uri.ts';

/** Names of other kinds are left out. */
export type AltNames = {
  readonly dns: readonly string[];
  readonly emails: readonly string[];
  readonly addresses: readonly Buffer[];
  readonly uris: readonly Url[];
};

export const NO_NAMES: AltNames = { dns: [], emails: [], addresses: [], uris: [] };

/** By the context's numbers. */
const TAGS = { email: context(1), dns: context(2), uri: context(6), address: context(7) };

/** Throws BuiltinError. */
export function readAltNames(extension: Buffer): AltNames {
  const names = { dns: [] as string[], emails: [] as string[], addresses: [] as Buffer[], uris: [] as Url[] };
  const reader = new DerReader(extension, 'x509: invalid subject alternative names').reader();
  while (!reader.isEmpty()) {
    const { tag, content } = reader.any();
    if (tag === TAGS.email) names.emails.push(ascii(content, 'rfc822Name'));
    if (tag === TAGS.dns) names.dns.push(ascii(content, 'dNSName'));
    if (tag === TAGS.uri) names.uris.push(readUri(ascii(content, 'uniformResourceIdentifier')));
    if (tag === TAGS.address) names.addresses.push(checkedAddress(content));
  }
  return names;
}

/** Throws BuiltinError. */
function ascii(content: Buffer, kind: string): string {
  if (content.some((byte) => byte > 0x7f)) throw new BuiltinError(`x509: SAN ${kind} is malformed`);
  return content.toString('latin1');
}

function readUri(text: string): Url {
  const uri = parseUri(text);
  if (!isDomainName(uri.host))
    throw new BuiltinError(`x509: cannot parse URI ${quote(text)}: invalid domain`);
  return uri;
}

function checkedAddress(content: Buffer): Buffer {
  if (content.length === 4 || content.length === 16) return content;
  throw new BuiltinError(`x509: cannot parse IP address of length ${content.length}`);
}

/** As Go's JSON of them, in certificates and in requests. */
export const altNamesMembers = (names: AltNames): Readonly<Record<string, Value>> => ({
  DNSNames: listValue(names.dns),
  EmailAddresses: listValue(names.emails),
  IPAddresses: listValue(names.addresses.map(addressText)),
  URIs: listValue(names.uris.map(uriValue)),
});

/** What OPA adds to a certificate. */
export const uriStrings = (names: AltNames): Value => listValue(names.uris.map(urlText));
