import { sign } from 'node:crypto';
import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { certificateRequest } from '../../../../src/policy/builtins/x509/request.ts';
import type { Value } from '../../../../src/policy/value.ts';
import { toPlain, writeJson } from '../../../../src/policy/value-text.ts';
import { bits, boolean, der, integer, octets, oid, sequence, set, utf8 } from '../../../support/der.ts';
import { altNames, ecKey, extension, nameOf, publicKeyOf } from '../../../support/issuing.ts';

const key = ecKey();
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

type Parts = { readonly subject?: Buffer; readonly attributes?: readonly Buffer[]; readonly info?: Buffer };

function build({ subject = nameOf('a'), attributes = [], info = publicKeyOf(key) }: Parts = {}): Buffer {
  const tbs = sequence(integer(0), subject, info, der(0xa0, ...attributes));
  return sequence(tbs, sequence(oid('1.2.840.10045.4.3.2')), bits(sign('sha256', tbs, key)));
}
const requested = (...extensions: readonly Buffer[]): Buffer =>
  sequence(oid(EXTENSION_REQUEST), set(sequence(...extensions)));
const show = (parts: Parts): Readonly<Record<string, unknown>> =>
  toPlain(certificateRequest(build(parts))) as Readonly<Record<string, unknown>>;
const malformed = new BuiltinError('asn1: structure error: malformed certificate request');

t.test('a request has the fields of Go', async (t) => {
  const bytes = build();
  const request = certificateRequest(bytes);
  t.strictSame(
    request.entries.map(([name]) => name),
    [
      'Attributes',
      'DNSNames',
      'EmailAddresses',
      'Extensions',
      'ExtraExtensions',
      'IPAddresses',
      'PublicKey',
      'PublicKeyAlgorithm',
      'Raw',
      'RawSubject',
      'RawSubjectPublicKeyInfo',
      'RawTBSCertificateRequest',
      'Signature',
      'SignatureAlgorithm',
      'Subject',
      'URIs',
      'Version',
    ],
  );
  t.equal(request.get('Raw'), bytes.toString('base64'));
  t.equal(request.get('RawSubject'), nameOf('a').toString('base64'));
  t.equal(writeJson(request.get('SignatureAlgorithm') as Value), '10');
  t.match(writeJson(request.get('PublicKey') as Value), /^\{"Curve":\{\},"X":\d+,"Y":\d+\}$/);
  t.equal(request.get('Attributes'), null);
});

t.test(
  'extensions that are asked for are shown, and as an attribute too unless one is critical',
  async (t) => {
    const { Extensions, Attributes, DNSNames } = show({ attributes: [requested(altNames({ dns: 'b' }))] });
    t.strictSame(Extensions, [{ Id: [2, 5, 29, 17], Critical: false, Value: 'MAOCAWI=' }]);
    t.strictSame(Attributes, [
      { Type: [1, 2, 840, 113549, 1, 9, 14], Value: [[{ Type: [2, 5, 29, 17], Value: 'MAOCAWI=' }]] },
    ]);
    t.strictSame(DNSNames, ['b']);
    const critical = show({ attributes: [requested(extension('1.2.3', octets('x'), true))] });
    t.match(critical['Extensions'], [{ Critical: true }]);
    // The flag is taken for the value.
    t.match(critical['Attributes'], [{ Value: [[{ Type: [1, 2, 3], Value: true }]] }]);
  },
);

t.test('the subject may have values that are no text', async (t) => {
  const attribute = (type: string, value: Buffer): Buffer => set(sequence(oid(type), value));
  const subject = sequence(
    attribute('2.5.4.3', utf8('a')),
    attribute('2.5.4.3', integer(5)),
    attribute('1.2.3', boolean(true)),
  );
  const { Subject } = show({ subject });
  t.match(Subject, {
    CommonName: 'a',
    Names: [{ Value: 'a' }, { Value: 5 }, { Type: [1, 2, 3], Value: true }],
  });
});

t.test('attributes that are not right are left out', async (t) => {
  const password = sequence(oid('1.2.840.113549.1.9.7'), set(utf8('secret')));
  const odd = [
    password,
    integer(1),
    sequence(oid(EXTENSION_REQUEST), set()),
    sequence(oid(EXTENSION_REQUEST)),
  ];
  const { Attributes, Extensions } = show({ attributes: odd });
  t.strictSame(Attributes, [{ Type: [1, 2, 840, 113549, 1, 9, 14], Value: [] }]);
  t.equal(Extensions, null);
  const identifier = der(0xbf, '\u0001x');
  t.equal(
    show({ attributes: [Buffer.concat([Buffer.from([0xbf, 0x1f, 1]), Buffer.from('x')])] })['Attributes'],
    null,
  );
  t.throws(() => build && certificateRequest(build({ attributes: [identifier] })), malformed);
});

t.test('extensions that are asked for have to be right, and once', async (t) => {
  const twice = new BuiltinError('x509: certificate request contains duplicate requested extensions');
  const one = extension('1.2.3', Buffer.alloc(0));
  t.throws(() => show({ attributes: [requested(one, one)] }), twice);
  t.throws(() => show({ attributes: [requested(one), requested(one)] }), twice);
  t.throws(() => show({ attributes: [requested(integer(1))] }), malformed);
  t.throws(
    () => show({ attributes: [requested(extension('2.5.29.17', integer(1)))] }),
    new BuiltinError('x509: invalid subject alternative names'),
  );
});

t.test('what is no request is an error', async (t) => {
  t.throws(() => certificateRequest(Buffer.from('badstring')), malformed);
  t.throws(() => certificateRequest(Buffer.alloc(0)), malformed);
  t.throws(
    () => certificateRequest(Buffer.concat([build(), Buffer.alloc(1)])),
    new BuiltinError('asn1: syntax error: trailing data'),
  );
  t.throws(
    () => certificateRequest(sequence(sequence(integer(0), nameOf('a'), publicKeyOf(key)))),
    malformed,
  );
  t.throws(() => show({ subject: sequence(integer(1)) }), malformed);
});
