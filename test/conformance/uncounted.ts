/** What no policy passes: cases that OPA leaves out itself, and builtins that are not there on purpose. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

const INDEX = 'to a module, 2 does not name the member "2" of data (open-policy-agent/opa#3711)';
const BIG = 'OPA counts on no integers beyond 64 bits in modules (open-policy-agent/opa#3711)';
const EXPONENT = "a module reads JSON itself, without topdown's limit of the exponent";

/** The cases that OPA's own test of its WASM leaves out, by note, and why it does. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  'data/toplevel integer': INDEX,
  'data/nested integer': INDEX,
  'strings/format_int: bignum exact (>64-bit integer, all bases + negative)': BIG,
  'arithmetic/bignum exact (>64-bit integers through plus, minus, multiply)': BIG,
  'aggregates/bignum exact (>64-bit integers through sum and product)': BIG,
  'arithmetic/bignum modulo (divisor a nonzero multiple of 2^64)': BIG,
  'aggregates/sum integer fast-path overflow (elements fit int64, sum does not)': BIG,
  'jsonbuiltins/unmarshal number beyond the supported exponent is undefined': EXPONENT,
  'jsonbuiltins/unmarshal number with too big an exponent is undefined': EXPONENT,
};

/** Builtins that no policy gets here, and why. A case that calls one is refused at load; which they are, `expected.json` says by note. */
export const REFUSED: Readonly<Record<string, string>> = {
  'http.send': 'it would reach the network',
  'net.lookup_ip_addr': 'it would reach the network',
};

/** What differs between the list above and the one in OPA's module: a new version of OPA may leave out others. */
export async function changedExceptions(opaModule: string): Promise<string[]> {
  const file = join(opaModule, 'internal/wasm/sdk/test/e2e/exceptions.yaml');
  const theirs = Object.keys(parse(await readFile(file, 'utf8')) as object);
  const ours = Object.keys(EXCEPTIONS);
  return [
    ...theirs.filter((note) => !ours.includes(note)).map((note) => `OPA leaves out ${note} too`),
    ...ours.filter((note) => !theirs.includes(note)).map((note) => `OPA does not leave out ${note} any more`),
  ];
}
