/** ASN.1's DER as tests write it, also where it is wrong. Text is Latin-1. */

type Content = Uint8Array | string;

const bytesOf = (content: Content): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content, 'latin1') : content;

/** A value of this identifier octet. */
export function der(tag: number, ...contents: readonly Content[]): Buffer {
  const content = Buffer.concat(contents.map(bytesOf));
  if (content.length < 128) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const digits = content.length.toString(16);
  const length = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}

export const sequence = (...members: readonly Content[]): Buffer => der(0x30, ...members);
export const set = (...members: readonly Content[]): Buffer => der(0x31, ...members);
export const boolean = (value: boolean): Buffer => der(0x01, Buffer.from([value ? 0xff : 0]));
export const octets = (content: Content): Buffer => der(0x04, content);
export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
/** All the bits of these bytes but the last few. */
export const bits = (content: Content, unused = 0): Buffer => der(0x03, Buffer.from([unused]), content);

/** As short as can be. */
export function integer(value: bigint | number): Buffer {
  const number = BigInt(value);
  // A negative number has as many bits as the one that has all of them the other way round.
  const bitCount = (number < 0n ? ~number : number).toString(16).length * 4;
  const enough = Math.ceil((bitCount + 1) / 8);
  const size = enough > 1 && BigInt.asIntN((enough - 1) * 8, number) === number ? enough - 1 : enough;
  const digits = BigInt.asUintN(size * 8, number)
    .toString(16)
    .padStart(size * 2, '0');
  return der(0x02, Buffer.from(digits, 'hex'));
}

/** Of dots and digits. */
export const oid = (text: string): Buffer => der(0x06, oidBytes(text));

export function oidBytes(text: string): Buffer {
  const [first = 0n, second = 0n, ...others] = text.split('.').map(BigInt);
  return Buffer.concat([first * 40n + second, ...others].map(base128));
}

function base128(value: bigint): Buffer {
  const octet = Number(value & 0x7fn);
  return value < 128n
    ? Buffer.from([octet])
    : Buffer.concat([continued(base128(value >> 7n)), Buffer.from([octet])]);
}

/** There is more to come. */
const continued = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte | 0x80));
