import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { type Contents, readExtensions } from '../../../../src/policy/builtins/x509/extensions.ts';
import { bits, boolean, der, integer, octets, oid, oidBytes, sequence } from '../../../support/der.ts';

const read = (id: string, value: Buffer, critical = false): Contents =>
  readExtensions([{ oid: id, critical, value }]);
const invalid = (what: string): BuiltinError => new BuiltinError(`x509: invalid ${what}`);

t.test('key usages are bits', async (t) => {
  t.equal(read('2.5.29.15', bits('\u00a0\u0080', 7)).keyUsage, 0b1_0000_0101);
  t.equal(read('2.5.29.15', bits('\u0006', 1)).keyUsage, 0b110_0000);
  t.equal(read('2.5.29.15', bits('')).keyUsage, 0);
  t.throws(() => read('2.5.29.15', integer(1)), invalid('key usage'));
});

t.test('basic constraints say who may issue, and how many may follow', async (t) => {
  const basic = (...members: readonly Buffer[]) => read('2.5.29.19', sequence(...members)).basicConstraints;
  t.strictSame(basic(), { isCa: false, maxPathLength: -1n });
  t.strictSame(basic(boolean(true)), { isCa: true, maxPathLength: -1n });
  t.strictSame(basic(boolean(true), integer(0)), { isCa: true, maxPathLength: 0n });
  t.strictSame(basic(integer(2n ** 63n - 1n)), { isCa: false, maxPathLength: 2n ** 63n - 1n });
  for (const wrong of [integer(-1), integer(2n ** 63n), der(1, '\u0001')])
    t.throws(() => basic(wrong), invalid('basic constraints'));
});

t.test('key identifiers may be empty', async (t) => {
  t.equal(String(read('2.5.29.14', octets('id')).subjectKeyId), 'id');
  t.equal(String(read('2.5.29.35', sequence(der(0x80, 'id'))).authorityKeyId), 'id');
  t.equal(read('2.5.29.35', sequence(der(0x80))).authorityKeyId?.length, 0);
  t.equal(
    read('2.5.29.35', sequence(der(0xa1), der(0x80, 'id'))).authorityKeyId,
    null,
    'it is not the first',
  );
  t.throws(() => read('2.5.29.14', sequence()), invalid('subject key identifier'));
  t.throws(() => read('2.5.29.35', octets('id')), invalid('authority key identifier'));
});

t.test('of distribution points, the URIs that their names begin with are read', async (t) => {
  const point = (...names: readonly Buffer[]): Buffer => sequence(der(0xa0, der(0xa0, ...names)));
  const points = (...each: readonly Buffer[]): string[] =>
    read('2.5.29.31', sequence(...each)).crlDistributionPoints.map(String);
  const [a, b] = [der(0x86, 'http://a'), der(0x86, 'b')];
  t.strictSame(points(point(a, b, der(0x82, 'c'), a), sequence(der(0x81, '\0')), point(b)), [
    'http://a',
    'b',
    'b',
  ]);
  t.throws(
    () => points(sequence(der(0xa0, der(0xa1)))),
    invalid('CRL distribution points'),
    'a relative name',
  );
});

t.test('policies are different from each other', async (t) => {
  const policies = (...ids: readonly Buffer[]) =>
    read('2.5.29.32', sequence(...ids.map((id) => sequence(id)))).policies;
  const [one, other] = [oid('1.2.3'), oid('2.5.29.32.0')];
  t.strictSame(policies(one, other), [oidBytes('1.2.3'), oidBytes('2.5.29.32.0')]);
  t.strictSame(policies(), []);
  t.equal(readExtensions([]).policies, null);
  for (const wrong of [[one, one], [der(6)], [der(6, '\u0080\u0001')], [integer(1)]])
    t.throws(() => policies(...wrong), invalid('certificate policies'));
});

t.test('policies are mapped from the issuer’s to the subject’s', async (t) => {
  const mapping = sequence(oid('1.2.3'), oid('1.2.4'));
  t.strictSame(read('2.5.29.33', sequence(mapping)).policyMappings, [[oidBytes('1.2.3'), oidBytes('1.2.4')]]);
  t.throws(() => read('2.5.29.33', sequence(sequence(oid('1.2.3')))), invalid('policy mappings extension'));
});

t.test('constraints of policies are numbers, negative ones too', async (t) => {
  const both = read('2.5.29.36', sequence(der(0x80, '\u0002'), der(0x81, '\u00ff')));
  t.strictSame([both.requireExplicitPolicy, both.inhibitPolicyMapping], [2n, -1n]);
  const second = read('2.5.29.36', sequence(der(0x81, '\0')));
  t.strictSame([second.requireExplicitPolicy, second.inhibitPolicyMapping], [null, 0n]);
  t.equal(read('2.5.29.54', integer(3)).inhibitAnyPolicy, 3n);
  t.throws(() => read('2.5.29.36', sequence(der(0x80))), invalid('policy constraints extension'));
  t.throws(() => read('2.5.29.54', integer(2n ** 64n)), invalid('inhibit any policy extension'));
});

t.test('extended key usages are OIDs', async (t) => {
  t.strictSame(read('2.5.29.37', sequence(oid('1.2.3'), oid('2.5.29.37.0'))).extendedKeyUsage, [
    '1.2.3',
    '2.5.29.37.0',
  ]);
  t.throws(() => read('2.5.29.37', sequence(integer(1))), invalid('extended key usages'));
});

t.test('authorities tell URIs of theirs', async (t) => {
  const [ocsp, issuers] = ['1.3.6.1.5.5.7.48.1', '1.3.6.1.5.5.7.48.2'].map(oid) as [Buffer, Buffer];
  const { ocspServers, issuingCertificateUrls } = read(
    '1.3.6.1.5.5.7.1.1',
    sequence(
      sequence(issuers, der(0x86, 'a')),
      sequence(ocsp, der(0x86, 'b')),
      sequence(ocsp, der(0x82, 'c')),
      sequence(oid('1.2.3'), der(0x86, 'd')),
      sequence(issuers, der(0x86, 'e')),
    ),
  );
  t.strictSame([ocspServers.map(String), issuingCertificateUrls.map(String)], [['b'], ['a', 'e']]);
  t.throws(() => read('1.3.6.1.5.5.7.1.1', sequence(ocsp)), invalid('authority info access'));
});

t.test('critical extensions that are not known, or not wholly, are noticed', async (t) => {
  const altName = sequence(der(0x88, 'x'));
  const constraints = sequence(der(0xa0, sequence(der(0xa4, sequence()))));
  for (const [id, value] of [
    ['1.2.3', Buffer.alloc(0)],
    ['2.5.29.99', Buffer.alloc(0)],
    ['2.5.29.17', altName],
    ['2.5.29.30', constraints],
  ] as const) {
    t.strictSame(read(id, value, true).unhandled, [id]);
    t.strictSame(read(id, value).unhandled, [], 'and it is not critical');
  }
  t.strictSame(read('2.5.29.17', sequence(der(0x88, 'x'), der(0x82, 'a')), true).unhandled, []);
  t.strictSame(read('2.5.29.30', sequence(der(0xa1, sequence(der(0x82, 'a')))), true).unhandled, []);
});

t.test('some are never critical', async (t) => {
  for (const id of ['2.5.29.14', '2.5.29.35', '1.3.6.1.5.5.7.1.1'])
    t.throws(
      () => read(id, Buffer.alloc(0), true),
      new BuiltinError(`x509: extension ${id} incorrectly marked critical`),
    );
});
