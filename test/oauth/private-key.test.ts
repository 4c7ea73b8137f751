import { CompactSign, compactVerify, exportJWK, generateKeyPair } from 'jose';
import t from 'tap';
import { importPrivateKey } from '../../src/oauth/private-key.ts';

t.test('a key signs whatever its generator wrote of what it is for', async (t) => {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  for (const said of [
    {},
    { key_ops: ['sign', 'verify'] },
    { key_ops: ['sign', 'sign'] },
    { use: 'sig', key_ops: ['sign', 'x'] },
    { ext: 1 as unknown as boolean },
  ]) {
    const key = await importPrivateKey({ ...jwk, ...said }, 'RS256');
    const signed = await new CompactSign(Buffer.from('a')).setProtectedHeader({ alg: 'RS256' }).sign(key);
    await t.resolves(compactVerify(signed, publicKey), JSON.stringify(said));
  }
});
