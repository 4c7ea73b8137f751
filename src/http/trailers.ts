/** Which trailer fields of an answer go on to the client. Of a request none does: its body is sent without (CVE-2026-88004). */
import { type Fields, isProtected, spelling } from './headers.ts';

/**
 * What must be known before the content (RFC 9110 section 6.5.1): framing, routing, authentication, control of the response and of
 * caches, the content's form, and what a browser is told to permit. A reader that merges trailers into the header, as some do, would
 * believe it although no one judged it in the answer's head.
 */
const EARLY = new Set([
  'age',
  'alt-svc',
  'authorization',
  'cache-control',
  'clear-site-data',
  'date',
  'expires',
  'location',
  'nel',
  'origin-agent-cluster',
  'permissions-policy',
  'pragma',
  'referrer-policy',
  'refresh',
  'report-to',
  'reporting-endpoints',
  'retry-after',
  'service-worker-allowed',
  'set-cookie',
  'set-cookie2',
  'strict-transport-security',
  'vary',
  'via',
  'warning',
  'www-authenticate',
  'x-content-type-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-xss-protection',
]);
/** Digests are what trailers are for (RFC 9530 section 6.5), and are made of the content as it goes out. */
const EARLY_PREFIX = /^(?:access-control|content(?!-(?:digest|md5)$)|cross-origin|proxy|sec)-/;

/** An answer's trailers without what belongs in its head, in any spelling. */
export function passTrailers(trailers: Fields): string[] {
  const passed: string[] = [];
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i] as string;
    const spelled = spelling(name);
    if (isProtected(name) || EARLY.has(spelled) || EARLY_PREFIX.test(spelled)) continue;
    passed.push(name, trailers[i + 1] as string);
  }
  return passed;
}
