/** What kind of token an answer is about. A server that introspects refresh tokens, or signs ID tokens, calls these active and valid too. */

type Claims = Readonly<Record<string, unknown>>;

/** Where servers say it: RFC 7662, Keycloak, Hydra and Cognito, PingAM. */
const KIND_CLAIMS = ['token_type', 'typ', 'token_use', 'tokenName'];

/** What they say of an access token. Anything else, such as RFC 8693's N_A, is none. */
const ACCESS_TOKEN_KINDS = new Set([
  'bearer',
  'dpop',
  'jwt',
  'at+jwt',
  'application/at+jwt',
  'access',
  'access_token',
  'urn:ietf:params:oauth:token-type:access_token',
]);

/** Curity's word for it. Other servers may mean something else by it, so that only these are told. */
const OTHER_PURPOSES = new Set<unknown>(['id', 'refresh_token']);

/** Claims of ID tokens (OpenID Connect Core), security events such as logout tokens (RFC 8417) and introspection answers (RFC 9701). */
const FOREIGN_CLAIMS = ['at_hash', 'c_hash', 's_hash', 'events', 'token_introspection'];

/**
 * The claim that says that it is no access token; undefined where none does. A refresh token of which the server says no kind, as
 * oidc-provider does, cannot be told from an access token: routes that name an `audience` refuse it.
 */
export const foreignClaim = (claims: Claims): string | undefined =>
  FOREIGN_CLAIMS.find((name) => isPresent(claims[name])) ??
  KIND_CLAIMS.find((name) => isPresent(claims[name]) && !ACCESS_TOKEN_KINDS.has(lower(claims[name]))) ??
  (OTHER_PURPOSES.has(claims['purpose']) ? 'purpose' : undefined);

/** Is it bound to a key, so that it must not pass as a bearer token (RFC 7800, 8705, 9449)? One sign is enough. */
export const isBound = (claims: Claims): boolean =>
  isPresent(claims['cnf']) || ['token_type', 'typ'].some((name) => lower(claims[name]) === 'dpop');

const isPresent = (value: unknown): boolean => value !== undefined && value !== null;

const lower = (value: unknown): string => (typeof value === 'string' ? value.toLowerCase() : '');
