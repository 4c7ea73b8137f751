/** Extended key usages (RFC 5280, section 4.2.1.12, and some vendors') that Go's `x509` knows. */

/** OIDs by OPA's names, in the order of Go's numbers from 0. */
export const USAGES: ReadonlyMap<string, string> = new Map([
  ['KeyUsageAny', '2.5.29.37.0'],
  ['KeyUsageServerAuth', '1.3.6.1.5.5.7.3.1'],
  ['KeyUsageClientAuth', '1.3.6.1.5.5.7.3.2'],
  ['KeyUsageCodeSigning', '1.3.6.1.5.5.7.3.3'],
  ['KeyUsageEmailProtection', '1.3.6.1.5.5.7.3.4'],
  ['KeyUsageIPSECEndSystem', '1.3.6.1.5.5.7.3.5'],
  ['KeyUsageIPSECTunnel', '1.3.6.1.5.5.7.3.6'],
  ['KeyUsageIPSECUser', '1.3.6.1.5.5.7.3.7'],
  ['KeyUsageTimeStamping', '1.3.6.1.5.5.7.3.8'],
  ['KeyUsageOCSPSigning', '1.3.6.1.5.5.7.3.9'],
  ['KeyUsageMicrosoftServerGatedCrypto', '1.3.6.1.4.1.311.10.3.3'],
  ['KeyUsageNetscapeServerGatedCrypto', '2.16.840.1.113730.4.1'],
  ['KeyUsageMicrosoftCommercialCodeSigning', '1.3.6.1.4.1.311.2.1.22'],
  ['KeyUsageMicrosoftKernelCodeSigning', '1.3.6.1.4.1.311.61.1.1'],
]);

/** Whatever the key is for. */
export const ANY_USAGE = '2.5.29.37.0';
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

const NUMBERS = new Map([...USAGES.values()].map((oid, number) => [oid, number]));

/** Go's number; null for a usage that it does not know. */
export const usageNumber = (oid: string): number | null => NUMBERS.get(oid) ?? null;
