import { sign } from 'node:crypto';
import t from 'tap';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { x509 } from '../../../src/policy/builtins/x509.ts';
import { caller, evaluation } from '../../support/builtin.ts';
import { bits, der, integer, oid, sequence } from '../../support/der.ts';
import { altNames, authority, issue, nameOf, pem, publicKeyOf } from '../../support/issuing.ts';

const call = caller(x509);
const run = (name: string, ...operands: readonly unknown[]): unknown =>
  JSON.parse(call(`crypto.x509.${name}`, ...operands.map((operand) => JSON.stringify(operand))) ?? 'null');
const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64');

const root = issue({ name: 'root', extensions: [authority()] });
const middle = issue({ name: 'middle', by: root, extensions: [authority()] });
const leaf = issue({ name: 'leaf', by: middle, extensions: [altNames({ dns: 'a', uri: 'x://y/%41' })] });
const chain = [root, middle, leaf].map((issued) => issued.der);
const PEM = chain.map((each) => pem('CERTIFICATE', each)).join('');

t.test('certificates come as PEM, base64 of PEM, or base64 of DER', async (t) => {
  for (const text of [PEM, base64(PEM), base64(Buffer.concat(chain)), `${PEM}after`]) {
    const parsed = run('parse_certificates', text) as readonly {
      readonly Raw: string;
      readonly URIStrings: unknown;
    }[];
    t.strictSame(
      parsed.map(({ Raw }) => Raw),
      chain.map(base64),
    );
    t.strictSame(
      parsed.map(({ URIStrings }) => URIStrings),
      [null, null, ['x://y/%41']],
    );
  }
});

t.test('without certificates there are none', async (t) => {
  t.strictSame(run('parse_certificates', ''), []);
  t.strictSame(run('parse_certificates', '-----BEGIN'), []);
});

t.test('certificates that are not right are errors', async (t) => {
  const fails = (text: string, message: string): void => {
    t.throws(() => run('parse_certificates', text), new BuiltinError(message), message);
  };
  fails('x', 'illegal base64 data');
  fails(base64('x'), 'x509: malformed certificate');
  fails(
    `${PEM}${pem('PUBLIC KEY', Buffer.alloc(0))}`,
    "PEM block type is 'PUBLIC KEY', expected CERTIFICATE",
  );
});

t.test('the last certificate is verified with those between, to the first', async (t) => {
  const verify = (text: string): readonly [boolean, readonly { readonly Raw: string }[]] =>
    run('parse_and_verify_certificates', text) as readonly [boolean, readonly { readonly Raw: string }[]];
  const [valid, verified] = verify(PEM);
  t.ok(valid);
  t.strictSame(
    verified.map(({ Raw }) => Raw),
    chain.toReversed().map(base64),
  );
  t.match(verified[0], { URIStrings: ['x://y/%41'] });
  t.strictSame(verify(pem('CERTIFICATE', root.der)), [false, []], 'one alone is no chain');
  t.strictSame(verify([root, leaf].map((issued) => pem('CERTIFICATE', issued.der)).join('')), [false, []]);
  t.strictSame(verify('x'), [false, []], 'what cannot be read is not valid');
  t.strictSame(verify(''), [false, []]);
});

t.test('they are verified at the time of the evaluation', async (t) => {
  const late = caller(x509, evaluation({ now: BigInt(Date.UTC(2050, 1)) * 1_000_000n }));
  t.equal(late('crypto.x509.parse_and_verify_certificates', JSON.stringify(PEM)), '[false, []]');
});

t.test('with options, another time and host and usage may be asked for', async (t) => {
  const name = 'parse_and_verify_certificates_with_options';
  const verify = (options: object, text = PEM): readonly [boolean, readonly object[]] =>
    run(name, text, options) as readonly [boolean, readonly object[]];
  const [valid, verified] = verify({ DNSName: 'a', KeyUsages: ['KeyUsageServerAuth'] });
  t.strictSame([valid, verified.length], [true, 3]);
  t.notOk(Object.hasOwn(verified[0] ?? {}, 'URIStrings'), 'here, OPA does not add them');
  t.ok(verify({ KeyUsages: [] })[0]);
  t.strictSame(verify({ DNSName: 'b' }), [false, []]);
  t.strictSame(verify({ CurrentTime: 1 }), [false, []]);
  t.throws(() => verify({ Root: '' }), new BuiltinError('invalid key option'));
  t.strictSame(verify({ Root: '' }, 'x'), [false, []], 'options are not looked at before the certificates');
  t.throws(() => run(name, PEM, []), new BuiltinError('operand 2 must be object but got array'));
});

t.test('a request comes as PEM, base64 of PEM, or base64 of DER', async (t) => {
  const tbs = sequence(integer(0), nameOf('a'), publicKeyOf(leaf.key), der(0xa0));
  const request = sequence(tbs, sequence(oid('1.2.840.10045.4.3.2')), bits(sign('sha256', tbs, leaf.key)));
  const text = pem('CERTIFICATE REQUEST', request);
  for (const each of [text, base64(text), base64(request)])
    t.match(run('parse_certificate_request', each), { Raw: base64(request), Subject: { CommonName: 'a' } });
  const fails = (wrong: string, message: string): void => {
    t.throws(() => run('parse_certificate_request', wrong), new BuiltinError(message), message);
  };
  fails('x', 'illegal base64 data');
  fails(base64(PEM), 'invalid PEM-encoded certificate signing request');
  fails(`${text.slice(0, 36)}x`, 'asn1: structure error: malformed certificate request');
});

t.test('a pair has a certificate and its key', async (t) => {
  const key = leaf.key.export({ format: 'pem', type: 'pkcs8' });
  t.match(run('parse_keypair', pem('CERTIFICATE', leaf.der), key), { Certificate: [base64(leaf.der)] });
  t.throws(() => run('parse_keypair', '', key), new BuiltinError('x509: malformed certificate'));
});

t.test('operands are text', async (t) => {
  for (const name of Object.keys(x509))
    t.throws(() => call(name, '1', '2'), new BuiltinError('operand 1 must be string but got number'), name);
  t.throws(() => run('parse_keypair', '', 1), new BuiltinError('operand 1 must be string but got number'));
});
