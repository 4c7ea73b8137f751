/** Whether the names in a chain are such that its authorities may give: Go's `x509`, checkChainConstraints. */
import { isIP } from 'node:net';
import type { Url } from '../go/url.ts';
import type { AltNames } from './alt-names.ts';
import type { Certificate } from './certificate.ts';
import { isDomainName } from './domain-name.ts';
import { SUBJECT_ALT_NAME } from './extensions.ts';
import type { Network } from './ip.ts';
import { type Mailbox, parseMailbox } from './mailbox.ts';
import type { NameConstraints, Subtrees } from './name-constraints.ts';
import { DOMAINS, finder, NETWORKS } from './name-tree.ts';

/** `chain` begins with the leaf. Constraints are for the certificates before the one that has them. */
export function keepsConstraints(chain: readonly Certificate[]): boolean {
  const checks = chain.map(({ contents }) => contents.nameConstraints && checkFor(contents.nameConstraints));
  return chain.every((certificate, at) => {
    const above = checks.slice(at + 1).filter((check) => check !== null);
    if (above.length === 0 || !has(certificate, SUBJECT_ALT_NAME)) return true;
    const names = readNames(certificate.contents.altNames);
    return names !== null && above.every((check) => check(names));
  });
}

const has = ({ extensions }: Certificate, wanted: string): boolean =>
  extensions.some(({ oid }) => oid === wanted);

type Names = {
  readonly dns: readonly string[];
  readonly addresses: readonly Buffer[];
  readonly mailboxes: readonly Mailbox[];
  readonly hosts: readonly string[];
};

/** Null where a name cannot be compared to constraints. */
function readNames({ dns, addresses, emails, uris }: AltNames): Names | null {
  const mailboxes = emails.map(parseMailbox).filter((mailbox) => mailbox !== null);
  const hosts = uris.map(hostOf).filter((host) => host !== null);
  const isRight = mailboxes.length === emails.length && hosts.length === uris.length;
  return isRight && [...dns, ...hosts].every((name) => isDomainName(name))
    ? { dns, addresses, mailboxes, hosts }
    : null;
}

/** Null for none, for an address, and for what is more than a name and a port. */
function hostOf({ host }: Url): string | null {
  if (host === '' || host[0] === '[') return null;
  const name = host.includes(':') ? /^([^:\]]*):[^:\]]*$/.exec(host)?.[1] : host;
  return name === undefined || isIP(name) !== 0 ? null : name;
}

function checkFor({ permitted, excluded }: NameConstraints): (names: Names) => boolean {
  const [allowed, denied] = [matchersOf(permitted), matchersOf(excluded, 'excluded')];
  const keeps = <T>(names: readonly T[], permits: Matcher<T>, excludes: Matcher<T>): boolean =>
    names.every((name) => (permits?.(name) ?? true) && !(excludes?.(name) ?? false));
  return ({ dns, addresses, mailboxes, hosts }) =>
    keeps(addresses, allowed.address, denied.address) &&
    keeps(dns, allowed.dns, denied.dns) &&
    keeps(hosts, allowed.host, denied.host) &&
    keeps(mailboxes, allowed.mailbox, denied.mailbox);
}

/** Null where there are no constraints of the kind. */
type Matcher<T> = ((name: T) => boolean) | null;
type Matchers = Readonly<Record<'dns' | 'host', Matcher<string>>> & {
  readonly address: Matcher<Buffer>;
  readonly mailbox: Matcher<Mailbox>;
};

const matchersOf = (subtrees: Subtrees, kind: 'permitted' | 'excluded' = 'permitted'): Matchers => ({
  address: addressMatcher(subtrees.networks),
  dns: domainMatcher(subtrees.dns, kind),
  host: domainMatcher(subtrees.uriDomains, kind),
  mailbox: mailboxMatcher(subtrees.emails, kind),
});

/** IPv4 and IPv6 apart: where only one is permitted, the other is not. */
function addressMatcher(networks: readonly Network[]): Matcher<Buffer> {
  if (networks.length === 0) return null;
  const [four, sixteen] = [4, 16].map((size) =>
    finder(
      networks.filter(({ address }) => address.length === size),
      NETWORKS,
    ),
  );
  return (address) => (address.length === 4 ? four : sixteen)?.(address) ?? false;
}

/** A domain that is nothing stands for all. A wildcard is excluded by a constraint on what it could stand for. */
function domainMatcher(domains: readonly string[], kind: 'permitted' | 'excluded'): Matcher<string> {
  if (domains.length === 0) return null;
  if (domains.includes('')) return () => true;
  const find = finder(domains, DOMAINS);
  if (kind === 'permitted') return find;
  const parents = new Set(domains.map(parentOf));
  return (name) => find(name) || (name[0] === '*' && name.includes('.') && parents.has(parentOf(name)));
}

/** Of ASCII; from the first dot on. */
const parentOf = (name: string): string => name.slice(Math.max(name.indexOf('.'), 0)).toLowerCase();

function mailboxMatcher(constraints: readonly string[], kind: 'permitted' | 'excluded'): Matcher<Mailbox> {
  if (constraints.length === 0) return null;
  const inDomain = domainMatcher(
    constraints.filter((one) => !one.includes('@')),
    kind,
  );
  const whole = constraints.filter((one) => one.includes('@')).map(parseMailbox);
  const keys = new Set(whole.map((mailbox) => mailbox && keyOf(mailbox)));
  return (mailbox) => keys.has(keyOf(mailbox)) || (inDomain?.(mailbox.domain) ?? false);
}

const keyOf = ({ local, domain }: Mailbox): string => `${domain.toLowerCase()}\n${local}`;
