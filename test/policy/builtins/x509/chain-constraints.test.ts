import t from 'tap';
import { parseCertificate } from '../../../../src/policy/builtins/x509/certificate.ts';
import { keepsConstraints } from '../../../../src/policy/builtins/x509/chain-constraints.ts';
import { altNames, ecKey, type GeneralNames, issue, nameConstraints } from '../../../support/issuing.ts';

const key = ecKey();
const certificate = (...extensions: readonly Buffer[]) =>
  parseCertificate(issue({ name: 'a', key, extensions }).der);

/** Of a leaf with these names below an authority with these constraints. */
const keeps = (
  names: readonly GeneralNames[],
  permitted: readonly GeneralNames[],
  excluded: readonly GeneralNames[] = [],
): boolean =>
  keepsConstraints([certificate(altNames(...names)), certificate(nameConstraints(permitted, excluded))]);
const ip = (hex: string): GeneralNames => ({ ip: Buffer.from(hex, 'hex') });

t.test('where a kind of name is permitted, others of the kind are not', async (t) => {
  t.ok(keeps([{ dns: 'b.a.com' }], [{ dns: 'a.com' }, { dns: 'c.com' }]));
  t.notOk(keeps([{ dns: 'b.a.com' }, { dns: 'b.com' }], [{ dns: 'a.com' }]));
  t.ok(keeps([{ email: 'a@b.com' }], [{ dns: 'a.com' }]), 'names of another kind are free');
  t.ok(keeps([{ dns: 'anything' }], [{ dns: '' }]), 'nothing stands for all');
});

t.test('what is excluded is not permitted', async (t) => {
  t.notOk(keeps([{ dns: 'b.a.com' }], [{ dns: 'a.com' }], [{ dns: 'b.a.com' }]));
  t.ok(keeps([{ dns: 'c.a.com' }], [{ dns: 'a.com' }], [{ dns: 'b.a.com' }]));
  t.notOk(keeps([{ dns: 'a.com' }], [], [{ dns: '' }]));
});

t.test('a wildcard could stand for what is excluded', async (t) => {
  t.notOk(keeps([{ dns: '*.A.com' }], [], [{ dns: 'b.a.com' }]));
  t.ok(keeps([{ dns: '*.b.com' }], [], [{ dns: 'b.a.com' }]));
  t.ok(keeps([{ dns: '*' }], [], [{ dns: 'com' }]));
  t.ok(keeps([{ dns: '*.a.com' }], [{ dns: 'a.com' }]));
  t.notOk(keeps([{ dns: '*.a.com' }], [{ dns: 'b.a.com' }]));
});

t.test('addresses are of networks', async (t) => {
  t.ok(keeps([ip('0a010203')], [ip('0a000000ff000000')]));
  t.notOk(keeps([ip('0b010203')], [ip('0a000000ff000000')]));
  t.notOk(keeps([ip('00'.repeat(16))], [ip('0a000000ff000000')]), 'IPv6 is not permitted where only IPv4 is');
  t.notOk(keeps([ip('20010db8'.padEnd(32, '0'))], [], [ip('2001'.padEnd(32, '0') + 'ffff'.padEnd(32, '0'))]));
});

t.test('mail is of an address, or of a domain', async (t) => {
  t.ok(keeps([{ email: 'a@B.com' }], [{ email: 'a@b.com' }]));
  t.notOk(keeps([{ email: 'A@b.com' }], [{ email: 'a@b.com' }]), 'local parts have their case');
  t.ok(keeps([{ email: '"a"@b.com' }], [{ email: 'a@b.com' }]));
  t.ok(keeps([{ email: 'a@c.b.com' }], [{ email: 'b.com' }]));
  t.notOk(keeps([{ email: 'a@c.com' }], [{ email: 'a@b.com' }]));
  t.notOk(keeps([{ email: 'a@b.com' }], [], [{ email: 'x@y' }, { email: 'b.com' }]));
  t.notOk(keeps([{ email: 'no address' }], [{ dns: 'a.com' }]), 'whatever the constraints are');
});

t.test('URIs are of their host', async (t) => {
  t.ok(keeps([{ uri: 'https://u@b.A.com:443/x' }], [{ uri: '.a.com' }]));
  t.notOk(keeps([{ uri: 'https://a.com' }], [{ uri: '.a.com' }]));
  t.notOk(keeps([{ uri: 'https://b.com' }], [], [{ uri: 'b.com' }]));
  t.ok(keeps([{ uri: 'x://a]/' }], [], [{ uri: 'b.com' }]));
  t.ok(keeps([{ uri: 'x://:80/' }], [], [{ uri: 'b.com' }]), 'a port is enough');
  t.notOk(keeps([{ uri: 'x://:80/' }], [{ uri: 'b.com' }]));
  for (const uri of [
    'urn:x',
    'https://10.0.0.1/',
    'https://10.0.0.1:80/',
    'x://[::1]:80/',
    'x://[::1]/',
    'x://a:1:2/',
    'x://a]:1/',
  ])
    t.notOk(keeps([{ uri }], [{ dns: 'a.com' }]), `${uri} cannot be compared`);
});

t.test('a name that is no domain keeps no constraint', async (t) => {
  t.notOk(keeps([{ dns: 'a..com' }], [{ email: 'a.com' }]));
  t.ok(
    keepsConstraints([certificate(altNames({ dns: 'a..com' })), certificate()]),
    'where there are none, it does',
  );
});

t.test('constraints are for all below, and for nobody else', async (t) => {
  const [leaf, other] = [certificate(altNames({ dns: 'a.com' })), certificate(altNames({ dns: 'b.com' }))];
  const limits = certificate(nameConstraints([{ dns: 'a.com' }]), altNames({ dns: 'free.com' }));
  t.ok(keepsConstraints([leaf, certificate(), limits, other]));
  t.notOk(keepsConstraints([leaf, other, limits]), 'an intermediate certificate below');
  t.notOk(
    keepsConstraints([leaf, limits, certificate(nameConstraints([{ dns: 'c.com' }]))]),
    'of several, each counts',
  );
  t.notOk(keepsConstraints([leaf, certificate(nameConstraints([{ dns: 'c.com' }])), limits]));
  t.ok(keepsConstraints([certificate(), limits]), 'without names, none is wrong');
});
