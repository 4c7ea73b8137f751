/** Which names a certificate's authority may give: RFC 5280, section 4.2.1.10, and Go's `x509`, parseNameConstraintsExtension. */
import { BuiltinError } from '../builtin.ts';
import { parseAddress } from '../cidr/address.ts';
import { constructed, context, DerReader, TAG } from './der.ts';
import { isDomainName } from './domain-name.ts';
import type { Network } from './ip.ts';
import { parseMailbox } from './mailbox.ts';

/** A domain stands for all below it, too. */
export type Subtrees = {
  readonly dns: readonly string[];
  readonly networks: readonly Network[];
  /** An address, or a domain of addresses. */
  readonly emails: readonly string[];
  readonly uriDomains: readonly string[];
  /** There are others, which Go does not know: of directory names, say. */
  readonly unknown: boolean;
};
export type NameConstraints = { readonly permitted: Subtrees; readonly excluded: Subtrees };

const TAGS = { email: context(1), dns: context(2), uri: context(6), network: context(7) };
const INVALID = 'x509: invalid NameConstraints extension';

/** Throws BuiltinError. */
export function readNameConstraints(extension: Buffer): NameConstraints {
  const outer = new DerReader(extension, INVALID);
  const reader = outer.reader();
  const [permitted, excluded] = [0, 1].map((number) =>
    reader.isNext(constructed(number)) ? reader.content(constructed(number)) : Buffer.alloc(0),
  ) as [Buffer, Buffer];
  if (!outer.isEmpty() || !reader.isEmpty()) reader.fail();
  if (permitted.length + excluded.length === 0)
    throw new BuiltinError('x509: empty name constraints extension');
  return { permitted: readSubtrees(permitted), excluded: readSubtrees(excluded) };
}

function readSubtrees(bytes: Buffer): Subtrees {
  const found = {
    dns: [] as string[],
    networks: [] as Network[],
    emails: [] as string[],
    uriDomains: [] as string[],
    unknown: false,
  };
  for (const reader = new DerReader(bytes, INVALID); !reader.isEmpty();) {
    const { tag, content } = reader.reader(TAG.sequence).any();
    if (tag === TAGS.dns) found.dns.push(text(content, isConstraint));
    else if (tag === TAGS.email) found.emails.push(text(content, isMailConstraint));
    else if (tag === TAGS.uri) found.uriDomains.push(text(content, isUriConstraint));
    else if (tag === TAGS.network) found.networks.push(readNetwork(content));
    else found.unknown = true;
  }
  return found;
}

const isConstraint = (name: string): boolean => isDomainName(name, { constraint: true });
const isMailConstraint = (name: string): boolean =>
  name.includes('@') ? parseMailbox(name) !== null : isConstraint(name);
const isUriConstraint = (name: string): boolean => parseAddress(name) === null && isConstraint(name);

function text(content: Buffer, isRight: (text: string) => boolean): string {
  const name = content.toString('latin1');
  if (/[^\0-\u007f]/.test(name) || !isRight(name)) throw new BuiltinError('x509: invalid constraint value');
  return name;
}

function readNetwork(content: Buffer): Network {
  const half = content.length / 2;
  const network = { address: content.subarray(0, half), mask: content.subarray(half) };
  if ((half !== 4 && half !== 16) || !isMask(network.mask))
    throw new BuiltinError('x509: invalid IP constraint');
  return network;
}

/** Ones, then zeros. */
const isMask = (bytes: Buffer): boolean =>
  /^1*0*$/.test(Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join(''));
