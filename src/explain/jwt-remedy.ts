/** Why a JWT does not verify, in words: what came, and what is taken. */
import { type AuthorizationServerConfig, SIGNATURE_ALGORITHMS } from '../config/authorization-server.ts';
import type { Unverified } from './undisclosed.ts';

/** jose’s codes, in words that fit a token and an answer. */
const CODES: Readonly<Record<string, string>> = {
  ERR_JWKS_NO_MATCHING_KEY: 'no key at its jwks_uri has that kid, and is for that alg',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'the signature is by no key at its jwks_uri',
  ERR_JOSE_ALG_NOT_ALLOWED: 'that alg is none of those that are taken',
  ERR_JOSE_NOT_SUPPORTED: 'that alg, or an extension in crit, is not known here',
  ERR_JWS_INVALID: 'it is not written as a JWS is',
};

/** The code that a detail names, in words; null where it names none that has words. */
export const inWords = (detail: string): string | null =>
  CODES[/\bERR_[A-Z_]+/.exec(detail)?.[0] ?? ''] ?? null;

type Settings = Pick<AuthorizationServerConfig, 'jwt_types' | 'algorithms'>;

/** What to do about a token whose signature or form is not right, by what is said of it and by its own header. */
export function jwtRemedy(
  detail: string,
  header: Unverified['header'],
  server: Settings | undefined,
): string[] {
  const came = (name: string): string => `${name} ${shown(header[name])}`;
  if (/jwt_types/.test(detail))
    return [
      `${came('typ')}; taken: ${(server?.jwt_types ?? ['at+jwt']).join(' or ')}`,
      'with Keycloak, and where servers write no typ: jwt_types: [at+jwt, JWT] of the authorization server',
    ];
  const why = inWords(detail);
  if (why === null) return ['have the authorization server make it as RFC 9068 section 2.2 says'];
  const taken = (server?.algorithms ?? SIGNATURE_ALGORITHMS).join(', ');
  return [
    `${came('kid')}, ${came('alg')}, ${came('typ')}: ${why}`,
    `taken are ${taken} (algorithms), by keys of the server’s jwks_uri: compare them with what signs its tokens`,
  ];
}

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? 'absent' : JSON.stringify(value);
