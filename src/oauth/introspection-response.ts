/** RFC 7662 section 2.2: what an answer says, in each of the forms that servers give it. */
import {
  type AuthorizationServerConfig,
  issuersOf,
  SIGNATURE_ALGORITHMS,
} from '../config/authorization-server.ts';
import { AnswerError, type Facts, type FactsFault, INACTIVE, readFacts } from './facts.ts';
import { IllServerError, isIllStatus } from './fetch.ts';
import { type Claims, decodeText, isObject, parseObject } from './json.ts';
import { decryption, isJwe } from './jwe.ts';
import { type Verified, verifyJwt } from './jws.ts';
import type { ServerMetadata } from './metadata.ts';
import { isBound } from './token-kind.ts';

/** What servers are asked for that put a JWT into JSON. */
const SENDS_JWT: ReadonlySet<string> = new Set(['auto', 'application/jwt']);
/** What may stand in for an access token (RFC 9068 section 2.1); an ID token or an RFC 9701 answer may not. */
const ACCESS_TOKEN_TYPES = new Set(['', 'jwt', 'at+jwt', 'application/at+jwt']);

/** The answer of a server that does not introspect what was sent, a JWT for the most part (RFC 7009 section 2.2.1 has the code). */
const UNSUPPORTED: FactsFault = {
  fault: 'inactive',
  detail: 'the authorization server introspects no tokens of this type: jwt_tokens: verify is for its JWTs',
};

/**
 * What an answer says; for how long it may be used by its own word: seconds, null when it does not say; and the bytes it came in.
 */
export type Introspected = {
  readonly answer: Facts | FactsFault;
  readonly max_age: number | null;
  readonly size: number;
};

/**
 * Reads an answer. Throws AnswerError when its form is faulty: then nothing is known of the token, and nothing is cached; and
 * IllServerError when the server says that it is ill.
 */
export async function readIntrospection(
  config: AuthorizationServerConfig,
  metadata: () => Promise<ServerMetadata>,
  response: Response,
): Promise<Introspected> {
  const bytes = await response.arrayBuffer();
  return {
    answer: await answerOf(config, metadata, response, bytes),
    max_age: maxAge(response.headers.get('cache-control')),
    size: bytes.byteLength,
  };
}

async function answerOf(
  config: AuthorizationServerConfig,
  metadata: () => Promise<ServerMetadata>,
  response: Response,
  bytes: ArrayBuffer,
): Promise<Facts | FactsFault> {
  const { accept } = config.introspection;
  if (response.status === 204 && (accept === 'auto' || accept === 'application/jwt')) return INACTIVE;
  if (response.status !== 200) return refusal(response, bytes);

  const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  // To that alone Keycloak sends a JWT, and sends it in JSON: then there has to be one.
  const inJson = accept === 'application/jwt' && type === 'application/json';
  if (accept !== 'auto' && type !== accept && !inJson)
    throw new AnswerError(`it answered with ${shown(type)}, not ${accept}`);
  const text = decodeText(bytes).trim();
  const verify = async (jwt: string): Promise<Verified> => {
    const known = await metadata();
    return verifyJwt(known, jwt, config.algorithms ?? announced(known));
  };
  switch (type) {
    case 'application/jwt':
      return phantomFacts(await phantomClaims(text, verify), text, config);
    case 'application/token-introspection+jwt':
      return memberFacts(await signedMembers(text, verify, config), config, verify);
    case 'application/json':
      return memberFacts(parseObject(text), config, verify);
    default:
      throw new AnswerError(`it answered with ${shown(type)}`);
  }
}

/** What the server says that it signs answers with; never symmetric, and never what the JWT says. */
function announced({ server }: ServerMetadata): readonly string[] {
  const values: unknown = server.introspection_signing_alg_values_supported;
  if (values === undefined) return SIGNATURE_ALGORITHMS;
  return SIGNATURE_ALGORITHMS.filter((alg) => Array.isArray(values) && values.includes(alg));
}

/**
 * The members of an RFC 7662 answer; one of them may be the server's own phantom JWT, checked against the rest. `active` is judged
 * before anything else: Keycloak sends a valid JWT beside `"active": false`.
 */
async function memberFacts(
  members: Claims,
  config: AuthorizationServerConfig,
  verify: (jwt: string) => Promise<Verified>,
): Promise<Facts | FactsFault> {
  const { accept, jwt_claim = SENDS_JWT.has(accept) ? 'jwt' : null } = config.introspection;
  const { active } = members;
  if (typeof active !== 'boolean') throw new AnswerError('it says neither active: true nor active: false');
  if (!active) return INACTIVE;
  const claims = without(members, ['active', 'jwt', ...(jwt_claim === null ? [] : [jwt_claim])]);
  const jwt = jwt_claim === null || !Object.hasOwn(members, jwt_claim) ? null : members[jwt_claim];
  if (jwt === null && accept === 'application/jwt')
    throw new AnswerError('it answered with application/json, and without a JWT in it');
  if (jwt === null) return readFacts(claims, { issuers: issuersOf(config), issRequired: false, jwt: null });
  if (typeof jwt !== 'string') throw new AnswerError(`its ${jwt_claim} is not a string`);
  const signed = await phantomClaims(jwt, verify);
  // A null member says nothing, and must not hide what the JWT says: a `cnf` above all.
  const said = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
  for (const name of ['iss', 'sub', 'exp', 'client_id'])
    if (said[name] !== undefined && signed[name] !== undefined && said[name] !== signed[name])
      throw new AnswerError(`its ${name} is not that of its jwt`);
  const inside = phantomFacts(signed, jwt, config);
  // Nor must any other: that the JWT is no access token, or no bearer token, is not JSON's to take back.
  if ('fault' in inside || isBound(signed)) return inside;
  return phantomFacts({ ...signed, ...said, ...laterOf(signed, said) }, jwt, config);
}

/** When both say it: not before the later of the two. */
const laterOf = (one: Claims, other: Claims): Claims =>
  Object.fromEntries(
    ['nbf', 'iat'].flatMap((name) => {
      const [a, b] = [one[name], other[name]];
      return typeof a === 'number' && typeof b === 'number' ? [[name, Math.max(a, b)]] : [];
    }),
  );

const without = (members: Claims, names: readonly string[]): Claims =>
  Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));

const phantomFacts = (claims: Claims, jwt: string, config: AuthorizationServerConfig): Facts | FactsFault =>
  readFacts(claims, { issuers: issuersOf(config), issRequired: true, jwt });

/** The claims of a JWT that stands for the token inside: what Curity calls the phantom token. */
async function phantomClaims(jwt: string, verify: (jwt: string) => Promise<Verified>): Promise<Claims> {
  const { typ, claims } = await verify(jwt);
  if (!ACCESS_TOKEN_TYPES.has(typ))
    throw new AnswerError(`its JWT is of ${/^[a-z_+./-]{1,60}$/.test(typ) ? `type ${typ}` : 'an odd type'}`);
  return claims;
}

/** The members inside an RFC 9701 answer, encrypted or not. The JWT around them is for us alone and goes nowhere else. */
async function signedMembers(
  text: string,
  verify: (jwt: string) => Promise<Verified>,
  config: AuthorizationServerConfig,
): Promise<Claims> {
  const { typ, claims } = await verify(isJwe(text) ? await (await decryption(config))(text) : text);
  if (typ.replace(/^application\//, '') !== 'token-introspection+jwt')
    throw new AnswerError('its JWT is not of type token-introspection+jwt');
  if (claims['iss'] !== config.issuer) throw new AnswerError('its iss is not the issuer');
  if (![claims['aud']].flat().includes(config.client_id)) throw new AnswerError('its aud is not this client');
  if (typeof claims['iat'] !== 'number') throw new AnswerError('its iat is not a number');
  const members = claims['token_introspection'];
  if (!isObject(members)) throw new AnswerError('its token_introspection is not an object');
  return members;
}

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

/** What a status other than 200 says. Throws unless it is about the token. */
function refusal(response: Response, bytes: ArrayBuffer): FactsFault {
  const code = errorCode(bytes);
  if (response.status === 400 && code === 'unsupported_token_type') return UNSUPPORTED;
  const hint = code === 'invalid_client' ? ': it does not know us: see client_id and client_auth' : '';
  const message = `it answered ${response.status}${code === null ? '' : ` ${code}`}${hint}`;
  throw isIllStatus(response.status) ? new IllServerError(message, response) : new AnswerError(message);
}

/** The error that a refusal names (RFC 6749 section 5.2), where it looks like one. */
function errorCode(bytes: ArrayBuffer): string | null {
  try {
    const { error } = JSON.parse(decodeText(bytes)) as { error?: unknown };
    return typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : null;
  } catch {
    return null;
  }
}
