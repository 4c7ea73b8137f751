/** Mail addresses of certificates: RFC 5280, section 4.2.1.6, read as leniently as Go's `x509` does (parseRFC2821Mailbox). */
import { isDomainName } from './domain-name.ts';

export type Mailbox = { readonly local: string; readonly domain: string };

/** What a backslash may quote, and what needs none; RFC 3696 lets spaces stand, too. */
const QUOTED = /^"((?:[\x01-\x08\x0b\x0c\x0e-!#-[\]-\x7f]|\\[\x01-\t\x0b\x0c\x0e-\x7f])*)"@([^]*)$/;
const ATOMS = /^((?:[-A-Za-z0-9!#$%&'*+/=?^_`{|}~.]|\\[^])+)@([^]*)$/;

/** Null for what is no address. The local part is without its quotes and backslashes. */
export function parseMailbox(text: string): Mailbox | null {
  const [, written, domain] = (text[0] === '"' ? QUOTED : ATOMS).exec(text) ?? [];
  if (written === undefined || domain === undefined || !isDomainName(domain)) return null;
  const local = written.replaceAll(/\\([^])/g, '$1');
  if (text[0] !== '"' && (/^\.|\.$/.test(local) || local.includes('..'))) return null;
  return { local, domain };
}
