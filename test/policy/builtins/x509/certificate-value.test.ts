import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { type Certificate, parseCertificate } from '../../../../src/policy/builtins/x509/certificate.ts';
import { certificateValue } from '../../../../src/policy/builtins/x509/certificate-value.ts';
import type { Value } from '../../../../src/policy/value.ts';
import { toPlain, writeJson } from '../../../../src/policy/value-text.ts';
import { bits, der, integer, oid, sequence } from '../../../support/der.ts';
import {
  altNames,
  authority,
  extendedKeyUsage,
  extension,
  issue,
  nameConstraints,
  policies,
  policyConstraints,
  policyMappings,
} from '../../../support/issuing.ts';

const show = (...extensions: readonly Buffer[]): ReadonlyMap<string, unknown> => {
  const { der: bytes } = issue({ name: 'a', extensions });
  return new Map(Object.entries(toPlain(certificateValue(parseCertificate(bytes))) as object));
};
const pick = (shown: ReadonlyMap<string, unknown>, ...names: readonly string[]): unknown[] =>
  names.map((name) => shown.get(name));

t.test('a certificate has all the fields of Go, and what is not there is null, 0 or false', async (t) => {
  const { der: bytes } = issue({ name: 'a', serial: 2n ** 70n });
  const certificate = parseCertificate(bytes);
  const shown = certificateValue(certificate);
  t.equal(shown.size, 52);
  t.equal(shown.get('Raw'), bytes.toString('base64'));
  t.equal(writeJson(shown.get('SerialNumber') as Value), '1180591620717411303424');
  t.equal(shown.get('NotBefore'), '2020-01-01T00:00:00Z');
  t.match(writeJson(shown.get('Subject') as Value), '"CommonName":"a"');
  const nothing = new Set(['null', 'false', '0']);
  const empty = shown.entries.filter(([, value]) => nothing.has(writeJson(value)));
  t.strictSame(
    empty.filter(([, value]) => value !== null).map(([name]) => name),
    [
      'BasicConstraintsValid',
      'InhibitAnyPolicy',
      'InhibitAnyPolicyZero',
      'InhibitPolicyMapping',
      'InhibitPolicyMappingZero',
      'IsCA',
      'KeyUsage',
      'MaxPathLen',
      'MaxPathLenZero',
      'PermittedDNSDomainsCritical',
      'RequireExplicitPolicy',
      'RequireExplicitPolicyZero',
    ],
  );
  t.equal(empty.length, 37);
  t.equal(certificateValue(certificate, { URIStrings: null }).size, 53, 'and what OPA adds');
});

t.test('extensions are shown as they are, and by what they say', async (t) => {
  const shown = show(
    authority(0),
    extension('2.5.29.15', bits('\u0006', 1), true),
    extendedKeyUsage('1.3.6.1.5.5.7.3.2', '1.2.3'),
    extension('1.2.4', Buffer.alloc(0), true),
    altNames({ dns: 'a', email: 'b@c', uri: 'x://y', ip: Buffer.from([1, 2, 3, 4]) }),
  );
  t.strictSame((shown.get('Extensions') as readonly unknown[])[3], {
    Id: [1, 2, 4],
    Critical: true,
    Value: '',
  });
  t.strictSame(pick(shown, 'BasicConstraintsValid', 'IsCA', 'MaxPathLen', 'MaxPathLenZero'), [
    true,
    true,
    0,
    true,
  ]);
  t.strictSame(pick(shown, 'KeyUsage', 'ExtKeyUsage', 'UnknownExtKeyUsage'), [96, [2], [[1, 2, 3]]]);
  t.strictSame(pick(shown, 'UnhandledCriticalExtensions'), [[[1, 2, 4]]]);
  t.strictSame(pick(shown, 'DNSNames', 'EmailAddresses', 'IPAddresses'), [['a'], ['b@c'], ['1.2.3.4']]);
  t.match(shown.get('URIs'), [{ Scheme: 'x', Host: 'y' }]);
  t.equal(show(authority()).get('MaxPathLen'), -1);
});

t.test('identifiers are base64, and addresses of authorities text, each wrong byte U+FFFD', async (t) => {
  const info = sequence(
    sequence(oid('1.3.6.1.5.5.7.48.1'), der(0x86, '\u00c3\u00a9')),
    sequence(oid('1.3.6.1.5.5.7.48.2'), der(0x86, 'a\u00ff\u00ff')),
  );
  const points = sequence(sequence(der(0xa0, der(0xa0, der(0x86, 'ldap:')))));
  const shown = show(
    extension('2.5.29.14', der(4, 'id')),
    extension('2.5.29.35', sequence(der(0x80))),
    extension('1.3.6.1.5.5.7.1.1', info),
    extension('2.5.29.31', points),
  );
  t.strictSame(pick(shown, 'SubjectKeyId', 'AuthorityKeyId'), ['aWQ=', '']);
  t.strictSame(pick(shown, 'OCSPServer', 'IssuingCertificateURL'), [['\u00e9'], ['a\ufffd\ufffd']]);
  t.strictSame(shown.get('CRLDistributionPoints'), ['ldap:']);
});

t.test('constraints of names are shown by kind', async (t) => {
  const shown = show(
    nameConstraints(
      [{ dns: 'a', ip: Buffer.from('0a000000ff000000', 'hex') }, { email: 'b' }],
      [{ uri: '.c', dns: 'd' }],
    ),
  );
  t.strictSame(
    pick(
      shown,
      ...['DNSDomains', 'IPRanges', 'EmailAddresses', 'URIDomains'].map((name) => `Permitted${name}`),
    ),
    [['a'], [{ IP: '10.0.0.0', Mask: '/wAAAA==' }], ['b'], null],
  );
  t.strictSame(
    pick(
      shown,
      ...['DNSDomains', 'IPRanges', 'EmailAddresses', 'URIDomains'].map((name) => `Excluded${name}`),
    ),
    [['d'], null, null, ['.c']],
  );
  t.equal(shown.get('PermittedDNSDomainsCritical'), true);
});

t.test('policies are shown twice: those with large numbers once', async (t) => {
  const shown = show(
    policies('1.2.3', '2.99999999999.1'),
    policyMappings(['1.2.3', '1.2.4']),
    policyConstraints(0, 5),
    extension('2.5.29.54', integer(1)),
  );
  t.strictSame(pick(shown, 'Policies', 'PolicyIdentifiers'), [['1.2.3', '2.99999999999.1'], [[1, 2, 3]]]);
  t.strictSame(shown.get('PolicyMappings'), [{ IssuerDomainPolicy: '1.2.3', SubjectDomainPolicy: '1.2.4' }]);
  t.strictSame(pick(shown, 'RequireExplicitPolicy', 'RequireExplicitPolicyZero'), [0, true]);
  t.strictSame(pick(shown, 'InhibitPolicyMapping', 'InhibitPolicyMappingZero'), [5, false]);
  t.strictSame(pick(shown, 'InhibitAnyPolicy', 'InhibitAnyPolicyZero'), [1, false]);
  t.strictSame(pick(show(policies()), 'Policies', 'PolicyIdentifiers'), [null, []]);
});

t.test('a time 24 hours off has no JSON', async (t) => {
  const notAfter = { instant: 0n, text: null };
  const certificate: Certificate = { ...parseCertificate(issue({ name: 'a' }).der), notAfter };
  t.throws(
    () => certificateValue(certificate),
    new BuiltinError('Time.MarshalJSON: timezone hour outside of range [0,23]'),
  );
});
