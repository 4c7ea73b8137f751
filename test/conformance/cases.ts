/** OPA's own conformance cases, compiled to WASM by OPA itself: what the program in `dump/` writes, built once a machine and run. */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OPA_VERSION } from '../../src/policy/opa.ts';

const run = promisify(execFile);

/** What the header of a record says; the program's source says it in full. Values are text, as `parseValue` reads it. */
export type Case = {
  readonly note: string;
  /** The folder that it is in. */
  readonly category: string;
  readonly file: string;
  readonly query: string;
  readonly modules: readonly string[] | null;
  readonly data?: string;
  readonly input?: string;
  readonly want_defined?: boolean;
  /** An array of objects: bindings by variable. */
  readonly want_result?: string;
  readonly want_error_code?: string;
  readonly want_error?: string;
  /** The error shows in OPA's strict mode only, which modules have not: their result is empty. */
  readonly strict_error?: boolean;
  /** The order within a binding does not count. */
  readonly sort_bindings?: boolean;
  /** There is no module, and this is why. */
  readonly compile_error?: string;
};

/** A case and its module. */
export type CompiledCase = { readonly case: Case; readonly wasm: Uint8Array<ArrayBuffer> };

const SOURCE = join(import.meta.dirname, 'dump');
const BUILD_DEADLINE_MS = 900_000;
const LARGEST_OUTPUT_BYTES = 16_777_216;

/** The folder of OPA's module, whose files are as OPA's authors released them: Go checks it. Rejects with what Go said. */
export async function opaModule(): Promise<string> {
  await go(['mod', 'download', 'github.com/open-policy-agent/opa']);
  return (await go(['list', '-m', '-f', '{{.Dir}}', 'github.com/open-policy-agent/opa'])).trim();
}

/** The cases, in the order of their notes; `filters` are the program's flags. Throws what Go or the program said. */
export async function* readCases(filters: readonly string[]): AsyncGenerator<CompiledCase> {
  const folder = join(await opaModule(), 'v1/test/cases/testdata/v1');
  const child = spawn(await program(), [...filters, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<string | null>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? null : `it ended with ${signal ?? code}`));
  });
  try {
    yield* records(child.stdout);
  } finally {
    child.kill();
  }
  const fault = await ended;
  if (fault !== null) throw new Error(`the conformance cases could not be compiled: ${fault}`);
}

/** Two lengths of four bytes, a header in JSON, a module; again and again. Throws Error for a stream that ends within a record. */
export async function* records(stream: AsyncIterable<Uint8Array>): AsyncGenerator<CompiledCase> {
  let chunks: Uint8Array[] = [];
  let held = 0;
  let needed = 8;
  for await (const chunk of stream) {
    chunks.push(chunk);
    held += chunk.length;
    if (held < needed) continue;
    let rest = Buffer.concat(chunks);
    for (;;) {
      needed = rest.length < 8 ? 8 : 8 + rest.readUInt32BE(0) + rest.readUInt32BE(4);
      if (rest.length < needed) break;
      const body = 8 + rest.readUInt32BE(0);
      yield {
        case: JSON.parse(rest.toString('utf8', 8, body)) as Case,
        wasm: new Uint8Array(rest.subarray(body, needed)),
      };
      rest = rest.subarray(needed);
    }
    chunks = [rest];
    held = rest.length;
  }
  if (held > 0) throw new Error('the stream of cases ends within a record');
}

/** The path of the program: in the cache, by OPA's version and its own source. Built aside and renamed, so that it is there whole. */
async function program(): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'portcullis');
  const folder = join(cache, `conformance-${OPA_VERSION}-${await digest()}`);
  const target = join(folder, 'dump');
  if (await isThere(target)) return target;
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'building-'));
  try {
    await go(['build', '-trimpath', '-o', join(work, 'dump'), '.']);
    await rename(join(work, 'dump'), target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return target;
}

async function digest(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['main.go', 'go.mod', 'go.sum']) hash.update(await readFile(join(SOURCE, name)));
  return hash.digest('hex').slice(0, 12);
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** What Go writes, run where the program's source is. */
async function go(args: readonly string[]): Promise<string> {
  const options = {
    cwd: SOURCE,
    env: { ...process.env, CGO_ENABLED: '0' },
    timeout: BUILD_DEADLINE_MS,
    maxBuffer: LARGEST_OUTPUT_BYTES,
  };
  try {
    return (await run('go', [...args], options)).stdout;
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
    throw new Error(
      code === 'ENOENT'
        ? `there is no Go here, which the conformance cases of OPA ${OPA_VERSION} are compiled with: install Go 1.26 or newer`
        : `go ${args[0]}: ${(stderr || message).trim()}`,
      { cause: error },
    );
  }
}
