/** Makes the demo's signing key, once, in `demo/keys/`. Outside a demo, keys come from where your secrets are. */
import { mkdir, writeFile } from 'node:fs/promises';
import { exportJWK, generateKeyPair } from 'jose';

const FILE = new URL('keys/phantom.json', import.meta.url);

/** Writes a private JWKS with one ES256 key, unless there is one already. */
export async function makeKeys(): Promise<void> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: 'demo-1', alg: 'ES256', use: 'sig' };
  await mkdir(new URL('.', FILE), { recursive: true });
  try {
    // `wx`: of two demos that start at once, one makes the keys.
    await writeFile(FILE, JSON.stringify({ keys: [jwk] }), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
