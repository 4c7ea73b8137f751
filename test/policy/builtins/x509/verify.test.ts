import t from 'tap';
import { parseCertificate } from '../../../../src/policy/builtins/x509/certificate.ts';
import { type Verification, verifiedChain } from '../../../../src/policy/builtins/x509/verify.ts';
import { bits, der, octets, sequence } from '../../../support/der.ts';
import {
  altNames,
  authority,
  ecKey,
  ed25519Key,
  extendedKeyUsage,
  extension,
  type Issued,
  issue,
  nameConstraints,
  policyConstraints,
} from '../../../support/issuing.ts';

const SERVER = '1.3.6.1.5.5.7.3.1';
const CLIENT = '1.3.6.1.5.5.7.3.2';
const ANY = '2.5.29.37.0';
/** 2026-01-02. */
const now = 1_767_312_000_000_000_000n;

type Settings = Partial<Pick<Verification, 'now' | 'host' | 'usages'>>;

/** The length of the chain from the last of the certificates to the first; 0 where there is none. */
function length([root, ...others]: readonly (Issued | undefined)[], settings: Settings = {}): number {
  const [first, ...rest] = [root, ...others].map((issued) =>
    parseCertificate(issued?.der ?? Buffer.alloc(0)),
  );
  const leaf = rest.pop() ?? first;
  if (!first || !leaf) return 0;
  const chain = verifiedChain(leaf, {
    root: first,
    intermediates: rest,
    now,
    host: '',
    usages: [SERVER],
    ...settings,
  });
  return chain?.length ?? 0;
}

const root = issue({ name: 'root', extensions: [authority()] });
const middle = issue({ name: 'middle', by: root, extensions: [authority()] });
const leaf = issue({ name: 'leaf', by: middle, extensions: [altNames({ dns: 'a.example' })] });

t.test('a chain goes from the leaf over intermediate certificates to the root', async (t) => {
  const chain = verifiedChain(parseCertificate(leaf.der), {
    root: parseCertificate(root.der),
    intermediates: [middle, middle].map((issued) => parseCertificate(issued.der)),
    now,
    host: 'a.example',
    usages: [SERVER],
  });
  t.strictSame(
    chain?.map(({ raw }) => raw.toString('hex')),
    [leaf, middle, root].map((issued) => issued.der.toString('hex')),
  );
  t.equal(length([root, leaf]), 0, 'one is missing');
  t.equal(
    length([issue({ name: 'root', extensions: [authority()] }), middle, leaf]),
    0,
    'the root is another',
  );
  t.equal(length([root, issue({ name: 'x', by: root })]), 2);
  t.equal(length([root]), 1, 'the leaf is the root');
});

t.test('certificates hold from their first nanosecond to their last second', async (t) => {
  const short = issue({ name: 'x', by: root, from: '260101000000Z', to: '260102000000Z' });
  const second = 1_000_000_000n;
  const from = BigInt(Date.UTC(2026, 0, 1) / 1000) * second;
  const to = BigInt(Date.UTC(2026, 0, 2) / 1000) * second;
  for (const [time, expected] of [
    [from - 1n, 0],
    [from, 2],
    [to, 2],
    [to + 1n, 0],
  ] as const)
    t.equal(length([root, short], { now: time }), expected);
  const old = issue({
    name: 'middle',
    by: root,
    key: middle.key,
    extensions: [authority()],
    to: '250101000000Z',
  });
  t.equal(length([root, old, leaf]), 0);
  t.equal(length([root, old, middle, leaf]), 3, 'unless there is another');
});

t.test('only authorities issue', async (t) => {
  const issues = (...extensions: readonly Buffer[]): number => {
    const by = issue({ name: 'x', by: root, extensions });
    return length([root, by, issue({ name: 'y', by })]);
  };
  t.equal(issues(authority()), 3);
  t.equal(issues(), 0);
  t.equal(issues(extension('2.5.29.19', sequence())), 0);
  t.equal(
    issues(authority(), extension('2.5.29.15', bits('\u0004', 2))),
    3,
    'whose key may sign certificates',
  );
  t.equal(issues(authority(), extension('2.5.29.15', bits('\u0080', 7))), 0);
});

t.test('an authority may limit how many there are between it and the leaf', async (t) => {
  const limited = issue({ name: 'root', extensions: [authority(1)] });
  const one = issue({ name: 'one', by: limited, extensions: [authority()] });
  const two = issue({ name: 'two', by: one, extensions: [authority()] });
  t.equal(length([limited, one, issue({ name: 'x', by: one })]), 3);
  t.equal(length([limited, one, two, issue({ name: 'x', by: two })]), 0);
});

t.test('a critical extension that is not known ends the chain', async (t) => {
  const critical = extension('1.2.3', Buffer.alloc(0), true);
  t.equal(length([root, issue({ name: 'x', by: root, extensions: [critical] })]), 0);
  const by = issue({ name: 'x', by: root, extensions: [authority(), critical] });
  t.equal(length([root, by, issue({ name: 'y', by })]), 0);
});

t.test('signatures are those of the issuer, by algorithms that are safe', async (t) => {
  t.equal(length([root, issue({ name: 'x', by: { name: 'root', key: ecKey() } })]), 0);
  t.equal(length([root, issue({ name: 'x', by: root, hash: 'sha1' })]), 0);
  const other = issue({ name: 'other', key: ed25519Key(), hash: null, extensions: [authority()] });
  t.equal(length([other, issue({ name: 'x', by: other, hash: null })]), 2);
});

t.test('the leaf is for the host, and for a usage that all allow', async (t) => {
  t.equal(length([root, middle, leaf], { host: 'a.example' }), 3);
  t.equal(length([root, middle, leaf], { host: 'b.example' }), 0);
  const by = issue({ name: 'x', by: root, extensions: [authority(), extendedKeyUsage(CLIENT, SERVER)] });
  const client = issue({ name: 'y', by, extensions: [extendedKeyUsage(CLIENT)] });
  t.equal(length([root, by, client]), 0);
  t.equal(length([root, by, client], { usages: [SERVER, CLIENT] }), 3);
  t.equal(length([root, by, client], { usages: [ANY] }), 3);
  t.equal(length([root, by, issue({ name: 'y', by, extensions: [extendedKeyUsage('1.2.3', ANY)] })]), 3);
  const two = issue({
    name: 'y',
    by: issue({ name: 'x', by: root }),
    extensions: [extendedKeyUsage(CLIENT)],
  });
  t.equal(length([root, by, two], { usages: [SERVER] }), 0);
});

t.test('constraints of names and policies are kept', async (t) => {
  const limits = issue({
    name: 'x',
    by: root,
    extensions: [authority(), nameConstraints([{ dns: 'b.example' }])],
  });
  t.equal(
    length([root, limits, issue({ name: 'y', by: limits, extensions: [altNames({ dns: 'a.example' })] })]),
    0,
  );
  t.equal(
    length([root, limits, issue({ name: 'y', by: limits, extensions: [altNames({ dns: 'b.example' })] })]),
    3,
  );
  const asking = issue({ name: 'x', by: root, extensions: [authority(), policyConstraints(0)] });
  t.equal(length([root, asking, issue({ name: 'y', by: asking })]), 0);
});

t.test('where one chain does not hold, another may', async (t) => {
  const key = ecKey();
  const limited = nameConstraints([{ dns: 'b.example' }]);
  const wrong = issue({ name: 'x', by: root, key, extensions: [authority(), limited] });
  const right = issue({ name: 'x', by: root, key, extensions: [authority()] });
  const below = issue({ name: 'y', by: right, extensions: [altNames({ dns: 'a.example' })] });
  t.equal(length([root, wrong, right, below]), 3);
});

t.test('likely parents are tried first', async (t) => {
  const key = ecKey();
  const id = (text: string): Buffer => extension('2.5.29.14', octets(text));
  const parents = ['other', '', 'right'].map((text) =>
    issue({ name: 'x', by: root, key, extensions: [authority(), ...(text === '' ? [] : [id(text)])] }),
  );
  const child = (extensions: readonly Buffer[]): string[] => {
    const chain = verifiedChain(
      parseCertificate(issue({ name: 'y', by: { name: 'x', key }, extensions }).der),
      {
        root: parseCertificate(root.der),
        intermediates: parents.map((issued) => parseCertificate(issued.der)),
        now,
        host: '',
        usages: [SERVER],
      },
    );
    return (chain ?? []).map(({ contents }) => String(contents.subjectKeyId));
  };
  const wanted = (text: string): Buffer => extension('2.5.29.35', sequence(der(0x80, text)));
  t.strictSame(child([wanted('right')]), ['null', 'right', 'null']);
  t.strictSame(child([wanted('missing')]), ['null', 'null', 'null'], 'the one without an identifier');
  t.strictSame(child([]), ['null', 'null', 'null']);
});

t.test('authorities that sign each other make no endless chain', async (t) => {
  const [a, b] = [ecKey(), ecKey()];
  const cross = (
    name: string,
    key: typeof a,
    by: string,
    signer: typeof a,
    ...more: readonly Buffer[]
  ): Issued => issue({ name, key, by: { name: by, key: signer }, extensions: [authority(), ...more] });
  const circle = [
    cross('a', a, 'b', b),
    cross('b', b, 'a', a),
    cross('a', a, 'b', b, altNames({ dns: 'a' })),
  ];
  const end = issue({ name: 'y', by: { name: 'a', key: a } });
  t.equal(length([root, ...circle, end]), 0);
  t.equal(length([root, ...circle, cross('b', b, 'root', root.key), end]), 4);
});

t.test('after 100 signatures it is given up', async (t) => {
  const keys = Array.from({ length: 7 }, ecKey);
  const tangle = keys.flatMap((key, at) =>
    keys.map((signer, by) =>
      issue({
        name: 'x',
        key,
        by: { name: 'x', key: signer },
        serial: BigInt(1 + at * 10 + by),
        extensions: [authority()],
      }),
    ),
  );
  const [key = ecKey()] = keys;
  const last = issue({ name: 'x', key, by: root, extensions: [authority()] });
  const end = issue({ name: 'y', by: { name: 'x', key } });
  t.equal(length([root, last, ...tangle, end]), 3, 'what was found before counts');
  t.equal(length([root, ...tangle, last, end]), 0);
});
