/** The schema of `authorization_servers`, and of `phantom`: whose tokens are taken, and what is minted of them. */
import { Type, type StaticDecode } from 'typebox';
import { Introspection } from './introspection.ts';
import { Tls } from './tls.ts';
import { closed, Duration, SecretString, Url } from './units.ts';

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

/** How a client can say who it is (RFC 7591 section 2, OpenID Connect Core section 9, RFC 8705), or `authorization`: a value of one's own. */
export const CLIENT_AUTHENTICATION = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
  'authorization',
] as const;

/** One of `authorization_servers`. */
export const AuthorizationServer = Type.Object(
  {
    issuer: Url({
      description: 'Issuer identifier: what `iss` is judged against, and where discovery starts.',
    }),
    issuers: Type.Array(Type.String({ minLength: 1 }), {
      description: 'Further values of `iss` that this server’s tokens carry.',
      default: [],
    }),
    token_prefix: Type.Optional(
      Type.String({
        description:
          'How this server’s opaque tokens begin: by that it is told from others of a route’s list. JWTs are told apart by their `iss`.',
        pattern: '^[A-Za-z0-9._~+/-]+$',
        errorMessage: 'expected characters of a token: letters, digits and - . _ ~ + /',
      }),
    ),
    base_url: Type.Optional(
      Url({ description: 'Where to connect, when that is not the issuer’s own origin (compose, clusters).' }),
    ),
    endpoint_origins: Type.Array(Url({ description: 'An origin, such as https://keys.example.com.' }), {
      description:
        'Further origins at which discovered endpoints may lie, besides the issuer’s and base_url’s.',
      default: [],
    }),
    jwks_uri: Type.Optional(
      Url({
        description:
          'Where its keys are, instead of where its metadata says. With introspection.endpoint too, nothing is discovered.',
      }),
    ),
    allow_insecure_requests: Type.Boolean({
      description: 'Permit http:// towards this server. Client secret and tokens then travel in the clear.',
      default: false,
    }),
    tls: Type.Object(
      {
        ...Tls,
        dangerously_skip_verification: Type.Boolean({
          description:
            'Believe any certificate: whoever is on the way reads and writes what this server says.',
          default: false,
        }),
      },
      { ...closed, default: {}, description: 'For connections of https://.' },
    ),
    proxy: Type.Optional(
      Url({
        description:
          'An HTTP proxy through which the server is reached, by CONNECT: what is said to an https:// server it cannot read.',
      }),
    ),
    proxy_authorization: Type.Optional(
      SecretString({ description: 'The value of Proxy-Authorization, scheme and all.' }),
    ),
    keep_alive: Duration({
      description: 'How long a connection to the server is kept for the next call; 0s closes it after each.',
      default: '30s',
    }),
    client_id: Type.String({
      description: 'The client as which Portcullis introspects.',
      minLength: 1,
    }),
    client_auth: Type.Enum([...CLIENT_AUTHENTICATION], {
      description:
        'How the client authenticates (RFC 6749 section 2.3, OpenID Connect Core section 9, RFC 8705), or `authorization`.',
      default: 'client_secret_basic',
    }),
    client_secret: Type.Optional(SecretString({ description: 'For client_secret_*: its secret.' })),
    client_key: Type.Optional(
      SecretString({ description: 'For private_key_jwt: a private JWK with `kid` and `alg`.' }),
    ),
    authorization: Type.Optional(
      SecretString({
        description: 'For authorization: the value of the Authorization header, scheme and all.',
      }),
    ),
    algorithms: Type.Optional(
      Type.Array(Type.Enum([...SIGNATURE_ALGORITHMS]), {
        minItems: 1,
        description:
          "Signature algorithms taken from this server, instead of its metadata's. Never the token's choice.",
      }),
    ),
    jwt_types: Type.Array(Type.Enum(['at+jwt', 'JWT']), {
      minItems: 1,
      description:
        'For jwt_tokens: verify, the `typ` that an access token may have. RFC 9068 knows at+jwt; with JWT, which Keycloak writes and which stands for no typ too, other tokens of the server are told apart by their claims alone.',
      default: ['at+jwt'],
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

/** Every value of `iss` that this server's tokens may carry. */
export const issuersOf = ({ issuer, issuers }: AuthorizationServerConfig): readonly string[] => [
  issuer,
  ...issuers,
];
