import { generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { CURVES, parsePoint } from '../../../../src/policy/builtins/x509/curves.ts';

for (const curve of CURVES.values())
  t.test(`the points of OpenSSL's ${curve.openssl} are on ${curve.name}`, async (t) => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: curve.openssl });
    const der = publicKey.export({ format: 'der', type: 'spki' });
    t.ok(der.subarray(0, curve.prefix.length).equals(curve.prefix), 'DER begins as it should');
    const point = der.subarray(curve.prefix.length);
    const { x = 0n, y = 0n } = parsePoint(curve, point) ?? {};
    t.equal(BigInt(`0x${point.toString('hex', 1)}`), (x << BigInt(8 * curve.size)) | y);

    const other = (change: (bytes: Buffer) => void, bytes = Buffer.from(point)): Buffer => {
      change(bytes);
      return bytes;
    };
    t.equal(
      parsePoint(
        curve,
        other((bytes) => bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1)),
      ),
      null,
    );
    t.equal(
      parsePoint(
        curve,
        other((bytes) => bytes.writeUInt8(3, 0)),
      ),
      null,
      'compressed',
    );
    t.equal(parsePoint(curve, point.subarray(1)), null);
    t.equal(parsePoint(curve, Buffer.concat([point, Buffer.alloc(1)])), null);
    t.equal(parsePoint(curve, Buffer.concat([Buffer.from([4]), Buffer.alloc(2 * curve.size, 0xff)])), null);
    t.equal(parsePoint(curve, Buffer.alloc(1)), null, 'the point at infinity');
  });
