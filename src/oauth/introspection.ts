/** RFC 7662: how a token is asked about, and what the answer says, in each of the forms that servers give it. */
import { compactVerify, type JWTVerifyGetKey } from 'jose';
import * as oauth from 'oauth4webapi';
import type { AuthorizationServerConfig } from '../config/authorization-server.ts';
import { AnswerError, type Facts, type FactsFault, readFacts } from './facts.ts';
import type { OAuthFetch } from './fetch.ts';
import type { ServerMetadata } from './metadata.ts';

/** `auto`: a server with a phantom JWT of its own gives that, one with RFC 9701 a signed answer, any other JSON. */
const ACCEPT_AUTO = 'application/jwt, application/token-introspection+jwt;q=0.9, application/json;q=0.5';
const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** What may stand in for an access token (RFC 9068 section 2.1); an ID token or an RFC 9701 answer may not. */
const ACCESS_TOKEN_TYPES = new Set(['', 'jwt', 'at+jwt', 'application/at+jwt']);

/** Asks about a token. Rejects when there is no connection, no time left, or no such endpoint. */
export async function requestIntrospection(
  config: AuthorizationServerConfig,
  metadata: () => Promise<ServerMetadata>,
  fetch: OAuthFetch,
  token: string,
): Promise<Response> {
  const { endpoint, accept } = config.introspection;
  const server =
    endpoint === undefined
      ? (await metadata()).server
      : { issuer: config.issuer, introspection_endpoint: endpoint };
  const secret = config.client_secret.reveal();
  const authenticate =
    config.client_auth === 'client_secret_post'
      ? oauth.ClientSecretPost(secret)
      : oauth.ClientSecretBasic(secret);
  return oauth.introspectionRequest(server, { client_id: config.client_id }, authenticate, token, {
    [oauth.allowInsecureRequests]: config.allow_insecure_requests,
    [oauth.customFetch]: (url: string, init: { headers: Record<string, string> }) =>
      fetch(url, {
        ...init,
        headers: { ...init.headers, accept: accept === 'auto' ? ACCEPT_AUTO : accept },
      }),
  });
}

/** What an answer says, and for how long it may be used by its own word: seconds, null when it does not say. */
export type Introspected = { readonly answer: Facts | FactsFault; readonly max_age: number | null };

const INACTIVE: FactsFault = {
  fault: 'inactive',
  detail: 'the authorization server says that it is not active',
};

/**
 * Reads an answer. Throws AnswerError when its form is faulty: then nothing is known of the token, and nothing is cached.
 * `active` is judged before anything else: Keycloak sends a valid JWT beside `"active": false`.
 */
export async function readIntrospection(
  config: AuthorizationServerConfig,
  metadata: () => Promise<ServerMetadata>,
  response: Response,
): Promise<Introspected> {
  const { accept } = config.introspection;
  const max_age = maxAge(response.headers.get('cache-control'));
  if (response.status === 204 && (accept === 'auto' || accept === 'application/jwt'))
    return { answer: INACTIVE, max_age };
  if (response.status !== 200) throw new AnswerError(await refusalOf(response));

  const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (accept !== 'auto' && type !== accept)
    throw new AnswerError(`it answered with ${type || 'no content type'}, not ${accept}`);
  const text = (await response.text()).trim();
  const verify = async (jwt: string): Promise<Verified> => {
    const { server, keys } = await metadata();
    return verified(jwt, keys, algorithms(config, server));
  };
  switch (type) {
    case 'application/jwt':
      return { answer: await phantomFacts(text, verify, config.issuer), max_age };
    case 'application/token-introspection+jwt':
      return {
        answer: await memberFacts(await signedMembers(text, verify, config), config, verify),
        max_age,
      };
    case 'application/json':
      return { answer: await memberFacts(parseObject(text), config, verify), max_age };
    default:
      throw new AnswerError(`it answered with ${type || 'no content type'}`);
  }
}

type Claims = Readonly<Record<string, unknown>>;
type Verified = { readonly typ: string; readonly claims: Claims };

/** The members of an RFC 7662 answer; a `jwt` member is the server's own phantom JWT, checked against the rest. */
async function memberFacts(
  members: Claims,
  config: AuthorizationServerConfig,
  verify: (jwt: string) => Promise<Verified>,
): Promise<Facts | FactsFault> {
  const { active, jwt, ...claims } = members;
  if (typeof active !== 'boolean') throw new AnswerError('it says neither active: true nor active: false');
  if (!active) return INACTIVE;
  if (typeof jwt !== 'string' || config.introspection.accept !== 'auto')
    return readFacts(claims, { issuer: config.issuer, issRequired: false, jwt: null });
  const inside = await phantomFacts(jwt, verify, config.issuer);
  if ('fault' in inside) return inside;
  for (const name of ['iss', 'sub', 'exp', 'client_id']) {
    const [said, signed] = [claims[name], inside.claims[name]];
    if (said !== undefined && signed !== undefined && said !== signed)
      throw new AnswerError(`its ${name} is not that of its jwt`);
  }
  return readFacts({ ...inside.claims, ...claims }, { issuer: config.issuer, issRequired: false, jwt });
}

/** A JWT that stands for the token inside: what Curity calls the phantom token. */
async function phantomFacts(
  jwt: string,
  verify: (jwt: string) => Promise<Verified>,
  issuer: string,
): Promise<Facts | FactsFault> {
  const { typ, claims } = await verify(jwt);
  if (!ACCESS_TOKEN_TYPES.has(typ)) throw new AnswerError(`its JWT is of type ${typ}`);
  return readFacts(claims, { issuer, issRequired: true, jwt });
}

/** The members inside an RFC 9701 answer. The JWT around them is for us alone and goes nowhere else. */
async function signedMembers(
  jwt: string,
  verify: (jwt: string) => Promise<Verified>,
  config: AuthorizationServerConfig,
): Promise<Claims> {
  const { typ, claims } = await verify(jwt);
  if (typ !== 'token-introspection+jwt')
    throw new AnswerError('its JWT is not of type token-introspection+jwt');
  if (claims['iss'] !== config.issuer) throw new AnswerError('its iss is not the issuer');
  if (![claims['aud']].flat().includes(config.client_id)) throw new AnswerError('its aud is not this client');
  if (typeof claims['iat'] !== 'number') throw new AnswerError('its iat is not a number');
  const members = claims['token_introspection'];
  if (!isObject(members)) throw new AnswerError('its token_introspection is not an object');
  return members;
}

async function verified(jwt: string, keys: JWTVerifyGetKey, accepted: readonly string[]): Promise<Verified> {
  try {
    // compactVerify, not jwtVerify: times are judged by our own rules, again and again while the answer is cached.
    const { payload, protectedHeader } = await compactVerify(jwt, keys as never, {
      algorithms: [...accepted],
    });
    return {
      typ: (protectedHeader.typ ?? '').toLowerCase(),
      claims: parseObject(new TextDecoder().decode(payload)),
    };
  } catch (error) {
    if (error instanceof AnswerError) throw error;
    const code = (error as { code?: unknown }).code;
    throw new AnswerError(
      `its JWT cannot be verified: ${typeof code === 'string' ? code : (error as Error).message}`,
    );
  }
}

/** From configuration, else from the server's metadata; never from the token, and never symmetric. */
const algorithms = (
  config: AuthorizationServerConfig,
  server: oauth.AuthorizationServer,
): readonly string[] =>
  config.introspection.algorithms ??
  server.introspection_signing_alg_values_supported?.filter((alg) => ASYMMETRIC.includes(alg)) ??
  ASYMMETRIC;

/** `max-age` in seconds, unless the server forbids storing altogether, as every server does by habit. */
function maxAge(cacheControl: string | null): number | null {
  if (cacheControl === null || /\bno-store\b/i.test(cacheControl)) return null;
  const seconds = /\bmax-age=(\d+)/i.exec(cacheControl)?.[1];
  return seconds === undefined ? null : Number(seconds);
}

async function refusalOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  const error = isObject(body) ? body['error'] : undefined;
  const code = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? ` ${error}` : '';
  const hint = code === ' invalid_client' ? ': it does not know our client_id and client_secret' : '';
  return `it answered ${response.status}${code}${hint}`;
}

function parseObject(text: string): Claims {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AnswerError('its answer is not JSON');
  }
  if (!isObject(value)) throw new AnswerError('its answer is not a JSON object');
  return value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
