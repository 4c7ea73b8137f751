/** OPA bundles: a gzipped tar of `policy.wasm`, data, sources and a manifest. */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packTar, unpackTar } from 'modern-tar';

export type Bundle = {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** The base document, `data` in Rego: JSON, unread. */
  readonly data: Uint8Array;
  /** The manifest's revision, or else a digest of the bundle. */
  readonly revision: string;
  /** The packages of its Rego, as an entrypoint that is a whole package names them: `a/b` for `package a.b`. */
  readonly packages: ReadonlySet<string>;
  /** SHA-256 by path of the sources it was built from, where `portcullis policy build` made it. */
  readonly sources: Readonly<Record<string, string>> | null;
};

/** A file that is no usable bundle; the message says why. */
export class BundleError extends Error {}

/** Unpacked: 128 MiB. */
const LARGEST_BYTES = 134_217_728;
const EMPTY = Buffer.from('{}');
/** Only comments and blank lines come before it. */
const PACKAGE = /^[ \t]*package[ \t]+([\w.]+)/m;

/** The digests of the files that a bundle is made of, by path, in order. */
export const digests = (files: ReadonlyMap<string, Uint8Array>): Record<string, string> =>
  Object.fromEntries(
    [...files].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([path, bytes]) => [path, sha256(bytes)]),
  );

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Reads a bundle. Throws BundleError. */
export async function readBundle(bytes: Uint8Array): Promise<Bundle> {
  const files = await unpack(bytes);
  const wasm = files.get('policy.wasm');
  if (!wasm) throw new BundleError('the bundle has no policy.wasm: build it with `portcullis policy build`');
  // `opa build` makes one of all; what is passed over would be missing from `data`, and a policy would decide without it.
  for (const name of files.keys())
    if (name !== 'data.json' && /(?:^|\/)data\.(?:json|ya?ml)$/.test(name))
      throw new BundleError(`the bundle has data in ${name}: build it with \`portcullis policy build\``);
  const manifest = json(files, '.manifest') as {
    revision?: unknown;
    metadata?: { portcullis?: { sources?: unknown } } | null;
  };
  const { revision } = manifest;
  return {
    wasm: new Uint8Array(wasm),
    data: new Uint8Array(files.get('data.json') ?? EMPTY),
    revision:
      typeof revision === 'string' && revision !== '' ? revision : `sha256:${sha256(bytes).slice(0, 12)}`,
    packages: packages(files),
    sources: recorded(manifest.metadata?.portcullis?.sources),
  };
}

function packages(files: ReadonlyMap<string, Uint8Array>): ReadonlySet<string> {
  const rego = [...files].filter(([name]) => name.endsWith('.rego'));
  const names = rego.map(([, bytes]) => PACKAGE.exec(new TextDecoder().decode(bytes))?.[1] ?? '');
  return new Set(names.map((name) => name.replaceAll('.', '/')));
}

/** Digests from a manifest, which may say anything; null when they are none. */
const recorded = (sources: unknown): Record<string, string> | null =>
  typeof sources === 'object' && sources !== null ? (sources as Record<string, string>) : null;

/**
 * What `opa build` made, with the sources' digests and a revision drawn from them added to its manifest. The same sources give the
 * same bytes: no times, no owners.
 */
export async function sealBundle(
  built: Uint8Array,
  sources: Readonly<Record<string, string>>,
  opa: string,
): Promise<Uint8Array> {
  const files = await unpack(built);
  const revision = sha256(Buffer.from(JSON.stringify(sources))).slice(0, 12);
  const manifest = { ...json(files, '.manifest'), revision, metadata: { portcullis: { opa, sources } } };
  files.set('.manifest', Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  const entries = [...files].map(([name, body]) => ({
    header: { name: `/${name}`, size: body.length, mtime: new Date(0), mode: 0o644, uid: 0, gid: 0 },
    body,
  }));
  return gzipSync(await packTar(entries), { level: 9 });
}

async function unpack(bytes: Uint8Array): Promise<Map<string, Uint8Array>> {
  try {
    const tar = gunzipSync(bytes, { maxOutputLength: LARGEST_BYTES });
    const files = (await unpackTar(tar, { strict: true }))
      .filter(({ header }) => header.type === 'file')
      .map(({ header, data }) => [header.name.replace(/^(?:\.?\/)+/, ''), data ?? new Uint8Array()] as const);
    const byName = new Map(files);
    if (byName.size < files.length) throw new Error('two of its files have the same name');
    return byName;
  } catch (error) {
    throw new BundleError(`it is not a bundle.tar.gz: ${(error as Error).message}`);
  }
}

function json(files: ReadonlyMap<string, Uint8Array>, name: string): Record<string, unknown> {
  const bytes = files.get(name);
  if (!bytes) return {};
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new BundleError(`the bundle's ${name} is not a JSON object`);
}
