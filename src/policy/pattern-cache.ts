/**
 * A flaw of OPA's WASM runtime (wasm/src/regex.cc, `reuse`, as of 1.22), mended in the module before it is compiled: when its cache holds 100
 * compiled patterns, it deletes one at every match, and that may be the one in use. From then on matches are wrong, or never end. Patterns
 * may come from requests, so a client could bring that about for everybody. With room for 8,191 it does not come to it: the heap, and
 * the cache with it, is reset long before.
 */

/** The function's name in the module. */
const REUSE = 'reuse(re2::RE2*)';
/** `i32.const 100` and `i32.lt_u`, and the same of the largest number that takes as many bytes. */
const LIMIT = Uint8Array.of(0x41, 0xe4, 0x00, 0x49);
const ROOMY = Uint8Array.of(0x41, 0xff, 0x3f, 0x49);

const IMPORTS = 2;
const CODE = 10;
const CUSTOM = 0;
const FUNCTION_NAMES = 1;

/** A module whose cache of patterns is `safe`: it has none, or one that does not fill up. Bytes that are no module are left as they are. */
export function mended(wasm: Uint8Array<ArrayBuffer>): {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly safe: boolean;
} {
  try {
    const { names, bodies, imported } = read(Buffer.from(wasm.buffer, wasm.byteOffset, wasm.length));
    const index = names.get(REUSE);
    // Without names, nobody knows what it has.
    if (index === undefined) return { wasm, safe: names.size > 0 };
    const body = bodies[index - imported];
    if (!body) return { wasm, safe: false };
    const bytes = Buffer.from(wasm);
    const code = bytes.subarray(body.from, body.to);
    const at = code.indexOf(LIMIT);
    if (at === -1 || code.indexOf(LIMIT, at + 1) !== -1) return { wasm, safe: false };
    code.set(ROOMY, at);
    return { wasm: new Uint8Array(bytes), safe: true };
  } catch {
    return { wasm, safe: false };
  }
}

type Body = { readonly from: number; readonly to: number };

/** WebAssembly's binary format, as far as it says where which function is. Throws for what is none. */
function read(bytes: Buffer): {
  readonly names: ReadonlyMap<string, number>;
  readonly bodies: readonly Body[];
  readonly imported: number;
} {
  const names = new Map<string, number>();
  const bodies: Body[] = [];
  let imported = 0;
  let at = 8;
  const byte = (): number => {
    const value = bytes[at++];
    if (value === undefined) throw new RangeError('it ends too early');
    return value;
  };
  const number = (): number => {
    let [value, shift] = [0, 0];
    for (;;) {
      const next = byte();
      value |= (next & 0x7f) << shift;
      if (next < 0x80) return value >>> 0;
      shift += 7;
    }
  };
  const text = (): string => {
    const size = number();
    at += size;
    return bytes.toString('utf8', at - size, at);
  };
  while (at < bytes.length) {
    const id = byte();
    const size = number();
    const end = at + size;
    if (id === IMPORTS) {
      for (let left = number(); left > 0; left--) {
        text();
        text();
        if (byte() === 0) {
          number();
          imported++;
        } else {
          // The only other import of OPA's modules is the memory: limits.
          const bounded = byte() === 1;
          number();
          if (bounded) number();
        }
      }
    } else if (id === CODE) {
      for (let left = number(); left > 0; left--) {
        const length = number();
        bodies.push({ from: at, to: at + length });
        at += length;
      }
    } else if (id === CUSTOM && text() === 'name') {
      while (at < end) {
        const kind = byte();
        const after = number() + at;
        if (kind === FUNCTION_NAMES)
          for (let left = number(); left > 0; left--) {
            const index = number();
            names.set(text(), index);
          }
        at = after;
      }
    }
    at = end;
  }
  return { names, bodies, imported };
}
