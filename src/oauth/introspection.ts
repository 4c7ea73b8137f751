/** RFC 7662: how a token is asked about, and what the answer says, in each of the forms that servers give it. */
import { compactVerify, type CompactVerifyResult, errors, type RemoteJWKSet } from 'jose';
import * as oauth from 'oauth4webapi';
import { type AuthorizationServerConfig, SIGNATURE_ALGORITHMS } from '../config/authorization-server.ts';
import { AnswerError, type Facts, type FactsFault, INACTIVE, readFacts } from './facts.ts';
import { EndpointError, type OAuthFetch } from './fetch.ts';
import type { ServerMetadata } from './metadata.ts';

/** `auto`: a server with a phantom JWT of its own gives that, one with RFC 9701 a signed answer, any other JSON. */
const ACCEPT_AUTO = 'application/jwt, application/token-introspection+jwt;q=0.9, application/json;q=0.5';
/** What may stand in for an access token (RFC 9068 section 2.1); an ID token or an RFC 9701 answer may not. */
const ACCESS_TOKEN_TYPES = new Set(['', 'jwt', 'at+jwt', 'application/at+jwt']);
/** ID tokens and logout tokens often are of type JWT too. These claims of theirs no access token has. */
const FOREIGN_CLAIMS = ['at_hash', 'c_hash', 'events'];

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
  if (typeof server.introspection_endpoint !== 'string')
    throw new EndpointError('its metadata names no introspection_endpoint');
  const secret = config.client_secret.reveal();
  const authenticate =
    config.client_auth === 'client_secret_post'
      ? oauth.ClientSecretPost(secret)
      : oauth.ClientSecretBasic(secret);
  return oauth.introspectionRequest(server, { client_id: config.client_id }, authenticate, token, {
    // Ours to judge: `fetch` refuses http:// by the address it connects to, which base_url may have made another.
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: (url: string, init: { headers: Record<string, string> }) =>
      fetch(url, {
        ...init,
        headers: { ...init.headers, accept: accept === 'auto' ? ACCEPT_AUTO : accept },
      }),
  });
}

/** What an answer says, and for how long it may be used by its own word: seconds, null when it does not say. */
export type Introspected = { readonly answer: Facts | FactsFault; readonly max_age: number | null };

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
    throw new AnswerError(`it answered with ${shown(type)}, not ${accept}`);
  const text = (await response.text()).trim();
  const verify = async (jwt: string): Promise<Verified> => {
    const { server, keys } = await metadata();
    if (keys === null) throw new EndpointError('its metadata names no jwks_uri');
    return verified(jwt, keys, algorithms(config, server));
  };
  switch (type) {
    case 'application/jwt':
      return { answer: phantomFacts(await phantomClaims(text, verify), text, config), max_age };
    case 'application/token-introspection+jwt':
      return {
        answer: await memberFacts(await signedMembers(text, verify, config), config, verify),
        max_age,
      };
    case 'application/json':
      return { answer: await memberFacts(parseObject(text), config, verify), max_age };
    default:
      throw new AnswerError(`it answered with ${shown(type)}`);
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
  const signed = await phantomClaims(jwt, verify);
  // A null member says nothing, and must not hide what the JWT says: a `cnf` above all.
  const said = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
  for (const name of ['iss', 'sub', 'exp', 'client_id'])
    if (said[name] !== undefined && signed[name] !== undefined && said[name] !== signed[name])
      throw new AnswerError(`its ${name} is not that of its jwt`);
  const inside = phantomFacts(signed, jwt, config);
  return 'fault' in inside ? inside : phantomFacts({ ...signed, ...said }, jwt, config);
}

const phantomFacts = (
  claims: Claims,
  jwt: string,
  { issuer }: AuthorizationServerConfig,
): Facts | FactsFault => readFacts(claims, { issuer, issRequired: true, jwt });

/** The claims of a JWT that stands for the token inside: what Curity calls the phantom token. */
async function phantomClaims(jwt: string, verify: (jwt: string) => Promise<Verified>): Promise<Claims> {
  const { typ, claims } = await verify(jwt);
  if (!ACCESS_TOKEN_TYPES.has(typ)) throw new AnswerError(`its JWT is of type ${typ}`);
  const foreign = FOREIGN_CLAIMS.find((name) => claims[name] !== undefined);
  if (foreign !== undefined) throw new AnswerError(`its JWT is no access token: it has ${foreign}`);
  return claims;
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

async function verified(jwt: string, keys: RemoteJWKSet, accepted: readonly string[]): Promise<Verified> {
  try {
    const { payload, protectedHeader } = await verifiedBy(keys, jwt, [...accepted]);
    // jose knows one extension, b64, which a JWT must not use (RFC 7797 section 7).
    if (protectedHeader.crit !== undefined) throw new AnswerError('its JWT has crit');
    const { typ = '' } = protectedHeader as { typ?: unknown };
    if (typeof typ !== 'string') throw new AnswerError('the typ of its JWT is not a string');
    return { typ: typ.toLowerCase(), claims: parseObject(new TextDecoder().decode(payload)) };
  } catch (error) {
    if (error instanceof AnswerError || error instanceof EndpointError) throw error;
    throw new AnswerError(`its JWT cannot be verified: ${codeOf(error)}`);
  }
}

/** A failure by its code or its name. Not by its message, which may quote what was read. */
export function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return String(typeof code === 'string' ? code : name);
}

/** compactVerify, not jwtVerify: times are judged by our own rules, again and again while the answer is cached. */
async function verifiedBy(
  keys: RemoteJWKSet,
  jwt: string,
  algorithms: string[],
): Promise<CompactVerifyResult> {
  try {
    return await compactVerify(jwt, keys as never, { algorithms });
  } catch (error) {
    // An unknown kid is looked for anew by itself. A key may also have been replaced under its own kid.
    if (!(error instanceof errors.JWSSignatureVerificationFailed) || keys.coolingDown) throw error;
    await keys.reload();
    return compactVerify(jwt, keys as never, { algorithms });
  }
}

/** From configuration, else from the server's metadata; never from the token, and never symmetric. */
const algorithms = (
  config: AuthorizationServerConfig,
  server: oauth.AuthorizationServer,
): readonly string[] =>
  config.introspection.algorithms ??
  SIGNATURE_ALGORITHMS.filter(
    (alg) => server.introspection_signing_alg_values_supported?.includes(alg) ?? true,
  );

/** `max-age` in seconds. `no-store`, alone or with `max-age=0`, forbids nothing: every server sends it by habit. */
function maxAge(cacheControl: string | null): number | null {
  const seconds = /\bmax-age="?(\d+)/i.exec(cacheControl ?? '')?.[1];
  if (seconds === undefined || (Number(seconds) === 0 && /\bno-store\b/i.test(cacheControl ?? '')))
    return null;
  return Number(seconds);
}

/** A media type, where it looks like one: what a server sends there could be anything, the token included. */
const shown = (type: string): string =>
  type === '' ? 'no content type' : /^[a-z]+\/[a-z.+-]{1,60}$/.test(type) ? type : 'an odd content type';

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
