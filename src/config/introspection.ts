/** The schema of `introspection`: how an authorization server is asked about tokens, and for how long its answers hold. */
import { Type } from 'typebox';
import {
  byHeaderName,
  closed,
  Duration,
  FIELD_NAME,
  named,
  Rate,
  SecretString,
  Size,
  Timeout,
  Url,
} from './units.ts';

const Cache = Type.Object(
  {
    max_ttl: Duration({
      description: 'Longest time an answer is used; the token’s own expiry ends it earlier.',
      default: '30s',
    }),
    inactive_ttl: Duration({
      description: 'How long an inactive answer is remembered.',
      default: '5s',
    }),
    max_entries: Type.Integer({
      description: 'Bound of active answers kept; inactive ones have a tenth of it for themselves.',
      default: 100_000,
      minimum: 1,
      maximum: 10_000_000,
    }),
    max_size: Size({
      description: 'Bound of the active answers kept, by the bytes that they came in.',
      default: '128MiB',
    }),
    dangerously_serve_stale: Duration({
      description:
        'How long after its time an answer is still used while the server is ill. A token revoked meanwhile passes. Never beyond the token’s own expiry.',
      default: '0s',
    }),
  },
  { ...closed, default: {} },
);

const Limits = Type.Object(
  {
    misses_per_address: Rate({
      description:
        'New tokens asked about, or verified here, for callers of one address (of IPv6, a /64); more are answered with 429.',
      default: '20/s',
    }),
    burst: Type.Integer({
      description: 'How many of them may come at once.',
      default: 100,
      minimum: 1,
    }),
    misses: Rate({
      description: 'New tokens asked about for all callers together; more are answered with 503.',
      default: '1000/s',
    }),
    concurrency: Type.Integer({
      description:
        'Calls to the server under way at once. New tokens have three quarters of them, those of one address (of IPv6, a /64) a quarter of that, and get 503 or 429 beyond; those active until lately wait for their turn.',
      default: 64,
      minimum: 1,
    }),
  },
  {
    ...closed,
    default: {},
    description: 'What a flood of tokens may cost the server. Cached answers are not counted.',
  },
);

const Breaker = Type.Object(
  {
    failures: Type.Integer({
      description: 'Connection faults, timeouts and 5xx in a row after which the server is left alone.',
      default: 5,
      minimum: 1,
    }),
    open_for: Timeout({
      description: 'How long it is left alone; then one call tries whether it is back.',
      default: '5s',
    }),
  },
  { ...closed, default: {} },
);

export const Introspection = Type.Object(
  {
    endpoint: Type.Optional(Url({ description: 'Introspection endpoint, instead of the discovered one.' })),
    accept: Type.Enum(
      ['auto', 'application/jwt', 'application/token-introspection+jwt', 'application/json'],
      {
        description:
          '`auto` takes the strongest the server gives; one media type takes nothing weaker. To application/jwt a server may answer in JSON, with a JWT inside: see jwt_claim.',
        default: 'auto',
      },
    ),
    jwt_claim: Type.Optional(
      Type.String({
        description:
          'Member of a JSON answer that holds the server’s JWT: `jwt` under accept: auto and application/jwt (which alone makes Keycloak send one), none otherwise.',
        minLength: 1,
      }),
    ),
    decryption_keys: Type.Optional(
      SecretString({
        description:
          'A private JWKS for encrypted answers (RFC 9701): each key with its `alg`, such as RSA-OAEP-256 or ECDH-ES.',
      }),
    ),
    token_type_hint: Type.Optional(
      Type.String({ description: 'Sent as token_type_hint (RFC 7662 section 2.1).', minLength: 1 }),
    ),
    headers: Type.Record(Type.String(), SecretString({ description: 'Its value.' }), {
      ...byHeaderName,
      description: 'Further header fields of the request.',
      default: {},
    }),
    parameters: Type.Record(Type.String(), SecretString({ description: 'Its value.' }), {
      ...named,
      description: 'Further form parameters of the request.',
      default: {},
    }),
    client_headers: Type.Array(
      Type.String({ pattern: `^${FIELD_NAME}`, errorMessage: 'expected a header name' }),
      {
        description:
          'Header fields of the caller’s request that are sent along. Answers are then kept for each of their values.',
        default: [],
      },
    ),
    introspect_request: Type.Boolean({
      description:
        'Send the caller’s path and method along, as X-Request-Path and X-Request-Http-Method. Answers are then kept for each of them.',
      default: false,
    }),
    timeout: Timeout({
      description: 'Deadline of one call to the authorization server, its repetitions included.',
      default: '2s',
    }),
    retries: Type.Integer({
      description: 'How often a call is repeated whose connection failed.',
      default: 1,
      minimum: 0,
      maximum: 5,
    }),
    limits: Limits,
    breaker: Breaker,
    cache: Cache,
  },
  { ...closed, default: {} },
);
