/** The schema of `authorization_servers`, and of `phantom`: whose tokens are taken, and what is minted of them. */
import { Type, type StaticDecode } from 'typebox';
import { Duration, SecretString, Timeout, Url } from './units.ts';

const closed = { additionalProperties: false } as const;

/** Signature algorithms that an authorization server may use. None is symmetric: its key would be everybody's to sign with. */
export const SIGNATURE_ALGORITHMS = [
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
] as const;

const Introspection = Type.Object(
  {
    endpoint: Type.Optional(Url({ description: 'Introspection endpoint, instead of the discovered one.' })),
    accept: Type.Enum(
      ['auto', 'application/jwt', 'application/token-introspection+jwt', 'application/json'],
      {
        description: '`auto` takes the strongest the server gives; one media type takes nothing weaker.',
        default: 'auto',
      },
    ),
    algorithms: Type.Optional(
      Type.Array(Type.Enum([...SIGNATURE_ALGORITHMS]), {
        minItems: 1,
        description:
          "Signature algorithms taken from this server, instead of its metadata's. Never the token's choice.",
      }),
    ),
    timeout: Timeout({
      description: 'Deadline of one call to the authorization server.',
      default: '2s',
    }),
    cache: Type.Object(
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
      },
      { ...closed, default: {} },
    ),
  },
  { ...closed, default: {} },
);

/** One of `authorization_servers`. */
export const AuthorizationServer = Type.Object(
  {
    issuer: Url({
      description: 'Issuer identifier: what `iss` is judged against, and where discovery starts.',
    }),
    base_url: Type.Optional(
      Url({ description: 'Where to connect, when that is not the issuer’s own origin (compose, clusters).' }),
    ),
    endpoint_origins: Type.Array(Url({ description: 'An origin, such as https://keys.example.com.' }), {
      description:
        'Further origins at which discovered endpoints may lie, besides the issuer’s and base_url’s.',
      default: [],
    }),
    allow_insecure_requests: Type.Boolean({
      description: 'Permit http:// towards this server. Client secret and tokens then travel in the clear.',
      default: false,
    }),
    client_id: Type.String({
      description: 'The client as which Portcullis introspects.',
      minLength: 1,
    }),
    client_secret: SecretString({ description: 'Its secret.' }),
    client_auth: Type.Enum(['client_secret_basic', 'client_secret_post'], {
      description: 'How the client authenticates (RFC 6749 section 2.3.1).',
      default: 'client_secret_basic',
    }),
    introspection: Introspection,
  },
  closed,
);

/** The section `phantom`. */
export const Phantom = Type.Object(
  {
    issuer: Url({ description: '`iss` of minted JWTs; no authorization server’s issuer.' }),
    keys: SecretString({ description: 'A private JWKS; its first key signs.' }),
    algorithm: Type.Enum(['ES256', 'ES384', 'PS256', 'RS256', 'EdDSA'], {
      description: 'Signature algorithm.',
      default: 'ES256',
    }),
  },
  { ...closed, description: 'Needed only where Portcullis mints JWTs.' },
);

export type AuthorizationServerConfig = StaticDecode<typeof AuthorizationServer>;
export type PhantomConfig = StaticDecode<typeof Phantom>;
