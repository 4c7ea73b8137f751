/** The forms in which policies hand certificates and keys over: PEM, base64 of PEM, and base64 of DER. */
import { decodeBase64 } from '../go/base64.ts';
import { BuiltinError } from '../builtin.ts';
import { decodePem } from '../go/pem.ts';

/** With padding. Throws BuiltinError. */
export function fromBase64(text: string): Buffer {
  const bytes = decodeBase64(text, 'base64', 'padded');
  if (bytes === null) throw new BuiltinError('illegal base64 data');
  return bytes;
}

export type Block = { readonly type: string; readonly der: Buffer };

/** The blocks of PEM, in their order. What is not PEM has none. */
export function pemBlocks(text: string): readonly Block[] {
  const blocks: Block[] = [];
  for (let block = decodePem(text); block !== null; block = decodePem(block.rest))
    blocks.push({ type: block.type, der: Buffer.from(block.bytes) });
  return blocks;
}
