/** Whether a certificate is for a host: Go's `x509`, VerifyHostname, after RFC 6125. The subject's common name does not count. */
import type { AltNames } from './alt-names.ts';
import { parseAddress } from '../cidr/address.ts';
import { lowerCase } from './domain-name.ts';
import { addressOf } from './ip.ts';

/** `host` is a name, or an address, which may be in brackets. */
export function isForHost(names: AltNames, host: string): boolean {
  const address = parseAddress(/^\[(.+)\]$/s.exec(host)?.[1] ?? host);
  if (address !== null) return names.addresses.some((one) => addressOf(one) === address);
  const wanted = lowerCase(host);
  const labels = withoutDot(wanted).split('.');
  const isProper = isHostname(withoutDot(wanted), /^[a-z0-9_][-a-z0-9_]*$/);
  // Names that no host has may still be the same.
  return names.dns.some((name) =>
    isProper && isPattern(name)
      ? matches(lowerCase(name).split('.'), labels)
      : isSame(lowerCase(name), wanted),
  );
}

/** A hostname may end in a dot, a pattern may not. */
const withoutDot = (name: string): string => name.replace(/\.$/, '');
const isHostname = (name: string, label: RegExp): boolean =>
  name.split('.').every((part) => label.test(part));

/** A hostname whose first label may be `*`, if there is another. */
const isPattern = (name: string): boolean =>
  name !== '*' && isHostname(name.replace(/^\*(?=\.|$)/, 'x'), /^[A-Za-z0-9_][-A-Za-z0-9_]*$/);

const matches = (pattern: readonly string[], labels: readonly string[]): boolean =>
  pattern.length === labels.length &&
  pattern.every((part, at) => (at === 0 && part === '*') || part === labels[at]);

const isSame = (name: string, wanted: string): boolean => name === wanted && name !== '' && name !== '.';
