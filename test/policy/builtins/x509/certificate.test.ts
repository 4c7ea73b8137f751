import t, { type Test } from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { parseCertificate, parseCertificates } from '../../../../src/policy/builtins/x509/certificate.ts';
import { bits, boolean, der, integer, octets, oid, sequence } from '../../../support/der.ts';
import { altNames, ecKey, extension, issue, nameOf, publicKeyOf } from '../../../support/issuing.ts';

const key = publicKeyOf(ecKey());
const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
const validity = sequence(der(0x17, '200101000000Z'), der(0x18, '20300101000000Z'));

type Parts = {
  version?: Buffer;
  serial?: Buffer;
  inner?: Buffer;
  times?: Buffer;
  subject?: Buffer;
  info?: Buffer;
  more?: Buffer;
};

function build(parts: Parts = {}): Buffer {
  const { version = der(0xa0, integer(2)), serial = integer(7), inner = algorithm, times = validity } = parts;
  const { subject = nameOf('subject'), info = key, more = Buffer.alloc(0) } = parts;
  return sequence(
    sequence(version, serial, inner, nameOf('issuer'), times, subject, info, more),
    algorithm,
    bits('sig'),
  );
}

const extensions = (...each: readonly Buffer[]): Buffer => der(0xa3, sequence(...each));
const fails = (t: Test, message: string, parts: Parts): void => {
  t.throws(() => parseCertificate(build(parts)), new BuiltinError(`x509: ${message}`), message);
};

t.test('the parts of a certificate are read, and their DER kept', async (t) => {
  const issued = issue({ name: 'a', serial: 2n ** 100n, extensions: [altNames({ dns: 'b' })] });
  const certificate = parseCertificate(issued.der);
  t.ok(certificate.raw.equals(issued.der));
  t.ok(certificate.rawSubject.equals(nameOf('a')));
  t.ok(certificate.rawIssuer.equals(nameOf('a')));
  t.ok(certificate.rawPublicKey.equals(publicKeyOf(issued.key)));
  t.ok(issued.der.includes(certificate.rawTbs));
  t.strictSame([certificate.version, certificate.serial], [3n, 2n ** 100n]);
  t.strictSame([certificate.signatureAlgorithm, certificate.publicKeyAlgorithm], [10, 3]);
  t.strictSame(
    [certificate.notBefore.text, certificate.notAfter.text],
    ['2020-01-01T00:00:00Z', '2049-12-31T23:59:59Z'],
  );
  t.strictSame(
    certificate.extensions.map(({ oid: id, critical }) => [id, critical]),
    [['2.5.29.17', false]],
  );
  t.strictSame(certificate.contents.altNames.dns, ['b']);
});

t.test('several follow each other', async (t) => {
  const [one, other] = [issue({ name: 'a' }).der, issue({ name: 'b' }).der];
  const certificates = parseCertificates(Buffer.concat([one, other]));
  t.strictSame(
    certificates.map(({ raw }) => raw.toString('hex')),
    [one.toString('hex'), other.toString('hex')],
  );
  t.strictSame(parseCertificates(Buffer.alloc(0)), []);
  t.throws(() => parseCertificate(Buffer.concat([one, other])), new BuiltinError('x509: trailing data'));
  t.throws(
    () => parseCertificates(Buffer.concat([one, Buffer.from([0])])),
    new BuiltinError('x509: malformed certificate'),
  );
});

t.test('versions are 1 to 3, and one that Go’s addition makes negative', async (t) => {
  const version = (value: bigint): bigint =>
    parseCertificate(build({ version: der(0xa0, integer(value)) })).version;
  t.equal(parseCertificate(build({ version: Buffer.alloc(0) })).version, 1n);
  t.equal(version(1n), 2n);
  t.equal(version(2n ** 63n - 1n), -(2n ** 63n));
  fails(t, 'invalid version', { version: der(0xa0, integer(3)) });
  fails(t, 'invalid version', { version: der(0xa0, integer(-1)) });
  fails(t, 'malformed version', { version: der(0xa0, integer(1), integer(1)) });
});

t.test('only version 3 has extensions', async (t) => {
  const more = extensions(extension('1.2.3', Buffer.alloc(0)));
  const count = (version: number): number =>
    parseCertificate(build({ version: der(0xa0, integer(version)), more })).extensions.length;
  t.strictSame([count(0), count(1), count(2)], [0, 0, 1]);
  const after = Buffer.concat([der(0x81, 'x'), der(0x82, 'y'), more]);
  t.equal(parseCertificate(build({ more: after })).extensions.length, 1, 'behind unique identifiers');
});

t.test('an extension may be there once', async (t) => {
  const twice = extension('1.2.3', Buffer.alloc(0));
  fails(t, 'certificate contains duplicate extension with OID "1.2.3"', { more: extensions(twice, twice) });
  const critical = sequence(oid('1.2.3'), boolean(true), octets('x'));
  t.strictSame(parseCertificate(build({ more: extensions(critical) })).extensions, [
    { oid: '1.2.3', critical: true, value: Buffer.from('x') },
  ]);
  fails(t, 'malformed extensions', { more: extensions(sequence(oid('1.2.3'), integer(1))) });
});

t.test('a key of an unknown algorithm is none', async (t) => {
  const info = sequence(sequence(oid('1.2.3')), bits('x'));
  const { publicKey, publicKeyAlgorithm } = parseCertificate(build({ info }));
  t.strictSame([publicKey, publicKeyAlgorithm], [null, 0]);
});

t.test('what is not right is an error', async (t) => {
  fails(t, 'negative serial number', { serial: integer(-1) });
  fails(t, 'malformed tbs certificate', { serial: octets('x') });
  fails(t, "inner and outer signature algorithm identifiers don't match", { inner: sequence(oid('1.2.3')) });
  fails(t, 'malformed validity', { times: sequence(der(0x17, '200101000000Z')) });
  fails(t, 'malformed validity', { times: sequence(der(0x17, '200101000000'), der(0x17, '200101000000Z')) });
  fails(t, 'invalid RDNSequence', { subject: sequence(integer(1)) });
  fails(t, 'malformed public key', { info: sequence(integer(1)) });
  const wrong = sequence(sequence(integer(1)), sequence(integer(1)), bits(''));
  t.throws(() => parseCertificate(wrong), new BuiltinError('x509: malformed tbs certificate'));
});
