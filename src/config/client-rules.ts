/** Rules between the settings by which Portcullis says which client it is: what each `client_auth` needs, and nothing beside. */
import { isFieldValue } from '../http/headers.ts';
import type { AuthorizationServerConfig, CLIENT_AUTHENTICATION } from './authorization-server.ts';
import { jwkFault, SIGNING } from './jwk.ts';
import type { Within } from './token-rules.ts';

type Needed = 'client_secret' | 'client_key' | 'authorization';

const NEEDS: Readonly<Record<(typeof CLIENT_AUTHENTICATION)[number], Needed | 'tls.certificate' | null>> = {
  client_secret_basic: 'client_secret',
  client_secret_post: 'client_secret',
  client_secret_jwt: 'client_secret',
  private_key_jwt: 'client_key',
  tls_client_auth: 'tls.certificate',
  self_signed_tls_client_auth: 'tls.certificate',
  none: null,
  authorization: 'authorization',
};

/** Every such rule that the server's settings break. */
export function clientFaults(server: AuthorizationServerConfig): Within[] {
  const { client_auth, client_key, authorization, tls } = server;
  const needed = NEEDS[client_auth];
  const faults: Within[] = [];
  const missing = needed === 'tls.certificate' ? tls.certificate : needed === null ? '' : server[needed];
  if (missing === undefined) faults.push({ at: [], message: `client_auth: ${client_auth} needs ${needed}` });
  for (const key of ['client_secret', 'client_key', 'authorization'] as const)
    if (server[key] !== undefined && key !== needed)
      faults.push({ at: [key], message: `client_auth: ${client_auth} does not use it` });
  const unusable = client_key && jwkFault(client_key, SIGNING);
  if (unusable) faults.push({ at: ['client_key'], message: unusable });
  if (authorization && !isPlainValue(authorization.reveal()))
    faults.push({ at: ['authorization'], message: 'expected a header value, on one line' });
  return faults;
}

/** A header value that arrives as it is written: blanks at its ends would be lost. */
export const isPlainValue = (value: string): boolean => isFieldValue(value) && value.trim() === value;
