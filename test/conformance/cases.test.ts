import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import t from 'tap';
import { OPA_VERSION } from '../../src/policy/opa.ts';
import { type CompiledCase, records } from './cases.ts';

t.test("the cases, their compiler and the gateway's opa are of one version", async (t) => {
  const module = readFileSync(join(import.meta.dirname, 'dump/go.mod'), 'utf8');
  const required = /^require github\.com\/open-policy-agent\/opa v(\S+)$/m.exec(module)?.[1];
  const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'expected.json'), 'utf8')) as {
    opa: string;
  };
  t.equal(required, OPA_VERSION, 'dump/go.mod');
  t.equal(recorded.opa, OPA_VERSION, 'expected.json');
});

function record(note: string, wasm: Uint8Array): Buffer {
  const header = Buffer.from(JSON.stringify({ note }));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(header.length, 0);
  lengths.writeUInt32BE(wasm.length, 4);
  return Buffer.concat([lengths, header, wasm]);
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const read = (bytes: Uint8Array, size: number): Promise<CompiledCase[]> =>
  Array.fromAsync(records(inPieces(bytes, size)));

t.test('records come out whole, wherever the stream is cut', async (t) => {
  const one = fc.tuple(fc.string({ unit: 'grapheme' }), fc.uint8Array({ maxLength: 40 }));
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 5 }), fc.integer({ min: 1, max: 60 }), async (all, size) => {
      const got = await read(Buffer.concat(all.map(([note, wasm]) => record(note, wasm))), size);
      const plain = got.map(({ case: { note }, wasm }) => [note, [...wasm]]);
      t.strictSame(
        plain,
        all.map(([note, wasm]) => [note, [...wasm]]),
      );
    }),
    { numRuns: 50 },
  );
});

t.test('a stream that ends within a record is an error, so that no case is lost unseen', async (t) => {
  const bytes = record('a', new Uint8Array(3));
  for (const end of [4, 10, bytes.length - 1])
    await t.rejects(read(bytes.subarray(0, end), 7), {
      message: 'the stream of cases ends within a record',
    });
});
