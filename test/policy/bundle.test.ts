import { gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { packTar, unpackTar } from 'modern-tar';
import t from 'tap';
import { BundleError, digests, readBundle, sealBundle } from '../../src/policy/bundle.ts';

type Entry = [name: string, body: string, type?: 'file' | 'symlink' | 'link'];
const MODULE: Entry = ['/policy.wasm', '\0asm'];

async function packed(...entries: Entry[]): Promise<Uint8Array> {
  const files = entries.map(([name, body, type = 'file']) => ({
    header: {
      name,
      type,
      size: type === 'file' ? Buffer.byteLength(body) : 0,
      linkname: type === 'file' ? '' : body,
    },
    body: type === 'file' ? body : '',
  }));
  return gzipSync(await packTar(files));
}
const manifest = (content: unknown): Entry => ['/.manifest', JSON.stringify(content)];

t.test('a bundle is its module, data, revision, packages and the digests of its sources', async (t) => {
  const sources = { 'a/b.rego': 'cafe' };
  const bundle = await readBundle(
    await packed(
      ['/data.json', '{"owners":{"1":"alice"}}'],
      ['/a/b.rego', '# package not.this\n\n  package a.b # nor this\n\nallow if data.package\n'],
      ['/c.rego', 'package c\r\n'],
      MODULE,
      manifest({ revision: 'v7', metadata: { portcullis: { sources } } }),
    ),
  );
  t.strictSame(bundle, {
    wasm: new Uint8Array(Buffer.from('\0asm')),
    data: new TextEncoder().encode('{"owners":{"1":"alice"}}'),
    revision: 'v7',
    packages: new Set(['a/b', 'c']),
    sources,
  });
});

t.test(
  'a bundle that anybody built has no digests, and a digest for a revision unless it has one',
  async (t) => {
    const plain = await packed(MODULE);
    const { data, revision, packages, sources } = await readBundle(plain);
    t.match(revision, /^sha256:[0-9a-f]{12}$/);
    t.strictSame(
      { data, packages, sources },
      { data: new TextEncoder().encode('{}'), packages: new Set(), sources: null },
    );
    for (const content of [
      { revision: '' },
      { revision: 7 },
      { metadata: null },
      { metadata: { portcullis: 'x' } },
    ]) {
      const read = await readBundle(await packed(MODULE, manifest(content)));
      t.match(read, { revision: /^sha256:/, sources: null }, JSON.stringify(content));
    }
    t.not((await readBundle(await packed(MODULE, ['/data.json', '{"a":1}']))).revision, revision);
  },
);

t.test('what is no bundle is refused with the reason', async (t) => {
  const good = await packed(MODULE, ['/data.json', '{}']);
  const tar = gunzipSync(good);
  const broken = Buffer.from(tar);
  broken[0] = 0x2f + 1;
  const cases: [sentence: string, bytes: Uint8Array, message: RegExp][] = [
    ['nothing', new Uint8Array(), /^it is not a bundle\.tar\.gz: unexpected end of file$/],
    ['no gzip', Buffer.from('PK\u0003\u0004 a zip'), /^it is not a bundle\.tar\.gz: incorrect header check$/],
    ['a tar that is not compressed', tar, /incorrect header check$/],
    [
      'half a download',
      good.subarray(0, good.length - 20),
      /^it is not a bundle\.tar\.gz: unexpected end of file$/,
    ],
    [
      'half a tar',
      gzipSync(tar.subarray(0, 600)),
      /^it is not a bundle\.tar\.gz: Tar archive is truncated\.$/,
    ],
    ['a tar without its end', gzipSync(tar.subarray(0, 2_048)), /Tar archive is truncated\.$/],
    [
      'a header that was changed',
      gzipSync(broken),
      /^it is not a bundle\.tar\.gz: Invalid tar header checksum\.$/,
    ],
    ['gzip of something else', gzipSync('x'.repeat(600)), /^it is not a bundle\.tar\.gz: /],
    ['no module', await packed(['/data.json', '{}']), /^the bundle has no policy\.wasm: build it with /],
    [
      'data in a folder',
      await packed(MODULE, ['/a/data.json', '{}']),
      /^the bundle has data in a\/data\.json: build it /,
    ],
    [
      'data in YAML',
      await packed(MODULE, ['/data.yml', 'a: 1']),
      /^the bundle has data in data\.yml: build it /,
    ],
    [
      'two modules',
      await packed(MODULE, ['policy.wasm', 'x']),
      /^it is not a bundle\.tar\.gz: two of its files have the same name$/,
    ],
  ];
  for (const [sentence, bytes, message] of cases)
    await t.rejects(readBundle(bytes), { constructor: BundleError, message }, sentence);
});

t.test('a bundle that unpacks to more than 128 MiB is refused', async (t) => {
  const bomb = gzipSync(Buffer.alloc(134_217_728 + 1));
  t.ok(bomb.length < 200_000);
  await t.rejects(readBundle(bomb), { constructor: BundleError, message: /larger than 134217728 bytes/ });
});

t.test('names that lead elsewhere name nothing in a bundle, and links are passed over', async (t) => {
  for (const name of ['../policy.wasm', '/a/../policy.wasm', 'policy.wasm/', 'a/policy.wasm', 'POLICY.WASM'])
    await t.rejects(readBundle(await packed([name, '\0asm'])), { message: /has no policy\.wasm/ }, name);
  for (const type of ['symlink', 'link'] as const)
    await t.rejects(readBundle(await packed(['policy.wasm', 'elsewhere', type])), {
      message: /has no policy\.wasm/,
    });
  for (const name of ['policy.wasm', './policy.wasm', '/policy.wasm', '//policy.wasm'])
    await t.resolves(readBundle(await packed([name, '\0asm'])), name);
});

t.test('property: bytes that were damaged are a bundle or a BundleError, and nothing worse', async () => {
  const good = await packed(MODULE, ['/data.json', '{"a":[1,2,3]}'], manifest({ revision: 'v1' }));
  const tar = gunzipSync(good);
  const damage = fc.array(fc.tuple(fc.nat(tar.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(damage, fc.boolean(), async (places, inside) => {
      const bytes = Buffer.from(inside ? tar : good);
      for (const [place, byte] of places) bytes[place % bytes.length] = byte;
      return readBundle(inside ? gzipSync(bytes) : bytes).then(
        () => true,
        (error: unknown) => error instanceof BundleError,
      );
    }),
  );
});

t.test(
  'a sealed bundle records its sources and the opa that built it, and the same sources make the same bytes',
  async (t) => {
    const built = await packed(
      ['/data.json', '{}'],
      MODULE,
      manifest({ revision: '', roots: [''], rego_version: 1 }),
    );
    const sources = { 'a.rego': 'cafe', 'data.json': 'beef' };
    const sealed = await sealBundle(built, sources, '1.22.0');
    const { revision, ...bundle } = await readBundle(sealed);
    t.match(revision, /^[0-9a-f]{12}$/);
    t.strictSame(bundle.sources, sources);
    t.match(gunzipSync(sealed).toString(), '"opa": "1.22.0"');
    t.match(gunzipSync(sealed).toString(), '"rego_version": 1', 'the rest of the manifest stays');

    for (const { header } of await unpackTar(gunzipSync(sealed)))
      t.strictSame([header.mtime?.getTime(), header.uid, header.gid], [0, 0, 0], header.name);
    const again = await sealBundle(gzipSync(gunzipSync(built), { level: 1 }), sources, '1.22.0');
    t.ok(Buffer.from(sealed).equals(again));
    const other = await readBundle(await sealBundle(built, { ...sources, 'a.rego': 'dead' }, '1.22.0'));
    t.not(other.revision, revision, 'other sources, another revision');
  },
);

t.test('digests are SHA-256 by path, in order whatever order the files came in', async (t) => {
  const files: [string, Uint8Array][] = [
    ['b.rego', Buffer.from('abc')],
    ['a.rego', Buffer.from('')],
  ];
  t.strictSame(Object.entries(digests(new Map(files))), [
    ['a.rego', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['b.rego', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ]);
});
