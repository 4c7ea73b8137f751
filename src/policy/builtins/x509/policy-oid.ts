/** Object identifiers of certificate policies, which may have numbers of any size: Go's `x509.OID`. */

/** Whether the octets are whole numbers, each as short as can be. */
export function isPolicyOid(der: Buffer): boolean {
  const isFirst = (at: number): boolean => at === 0 || (der[at - 1] ?? 0) < 0x80;
  return (der.at(-1) ?? 0x80) < 0x80 && der.every((octet, at) => octet !== 0x80 || !isFirst(at));
}

/** In dots and digits. Of octets that are no OID, the whole numbers there are. */
export function policyOidText(der: Buffer): string {
  const numbers = numbersOf(der);
  const [first] = numbers;
  if (first === undefined) return '';
  const start = first < 80n ? [first / 40n, first % 40n] : [2n, first - 80n];
  return [...start, ...numbers.slice(1)].join('.');
}

/** The same, as OPA shows other identifiers; null where a number has more than 31 bits. */
export const shortOidText = (der: Buffer): string | null =>
  numbersOf(der).some((number) => number >= 1n << 31n) ? null : policyOidText(der);

function numbersOf(der: Buffer): bigint[] {
  const numbers: bigint[] = [];
  for (let from = 0, at = 0; at < der.length; at++) {
    if ((der[at] ?? 0) >= 0x80) continue;
    const bits = Array.from(der.subarray(from, at + 1), (octet) =>
      (octet & 0x7f).toString(2).padStart(7, '0'),
    );
    numbers.push(BigInt(`0b${bits.join('')}`));
    from = at + 1;
  }
  return numbers;
}
