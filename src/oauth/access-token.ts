/** JWT access tokens (RFC 9068), verified here by the keys of the server that made them. */
import {
  type AuthorizationServerConfig,
  issuersOf,
  SIGNATURE_ALGORITHMS,
} from '../config/authorization-server.ts';
import { AnswerError, type Facts, type FactsFault, readFacts } from './facts.ts';
import type { Introspected } from './introspection-response.ts';
import { NoKeyError, verifyJwt } from './jws.ts';
import type { ServerMetadata } from './metadata.ts';

/**
 * What a JWT access token says of itself, or why it is none of this server's (`unverifiable`). Rejects when the server's keys cannot be
 * had: then nothing can be said of the token.
 */
export async function verifyAccessToken(
  config: AuthorizationServerConfig,
  metadata: () => Promise<ServerMetadata>,
  token: string,
): Promise<Introspected> {
  const size = token.length;
  try {
    return { answer: await accessTokenFacts(config, await metadata(), token), max_age: null, size };
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    // A second from now the server's new key may be known: what is cached until then would refuse its first tokens.
    const max_age = error instanceof NoKeyError ? 0 : null;
    return { answer: { fault: 'unverifiable', detail: error.message }, max_age, size };
  }
}

async function accessTokenFacts(
  config: AuthorizationServerConfig,
  metadata: ServerMetadata,
  token: string,
): Promise<Facts | FactsFault> {
  // No metadata says how a server signs its access tokens: what it says is about answers and ID tokens.
  const algorithms = config.algorithms ?? SIGNATURE_ALGORITHMS;
  const { typ, claims } = await verifyJwt(metadata, token, algorithms);
  // Okta and Cognito write none: then it is of the general type (RFC 7519 section 5.1).
  const type = typ.replace(/^application\//, '') || 'jwt';
  if (!config.jwt_types.some((accepted) => accepted.toLowerCase() === type))
    throw new AnswerError('its typ is not one of jwt_types');
  const facts = readFacts(claims, { issuers: issuersOf(config), issRequired: true, jwt: null });
  if ('fault' in facts) return facts;
  // RFC 9068 section 2.2: without them it would be for ever, and for everybody.
  if (facts.expires_at === null) throw new AnswerError('it has no exp');
  if (facts.audience.length === 0) throw new AnswerError('it has no aud');
  // A server signs other things of no type, and of type JWT, to whoever asks: an authorization response (JARM) has neither claim.
  for (const name of type === 'at+jwt' ? [] : ['sub', 'iat'])
    if (claims[name] === undefined) throw new AnswerError(`it has no ${name}, as an access token has`);
  return facts;
}
