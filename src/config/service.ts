/** The schema of a service: an API behind the gateway, and how to reach it. */
import { type StaticDecode, Type } from 'typebox';
import { RouteSettings } from './route-settings.ts';
import { closed, SecretString, Timeout, Url } from './units.ts';

/** Route settings for many routes at once; the nearest wins. */
export const Defaults = Type.Partial(RouteSettings, {
  ...closed,
  default: {},
  description: 'Route settings for all routes below.',
});

const Tls = Type.Object(
  {
    ca: Type.Optional(
      Type.String({
        description: 'Certificates (PEM) that the upstream’s must lead to, instead of the well-known ones.',
        minLength: 1,
      }),
    ),
    certificate: Type.Optional(
      Type.String({ description: 'The client certificate (PEM) shown to the upstream.', minLength: 1 }),
    ),
    key: Type.Optional(SecretString({ description: 'The client certificate’s private key (PEM).' })),
    server_name: Type.Optional(
      Type.String({
        description: 'The name asked for (SNI) and looked for in the upstream’s certificate.',
        minLength: 1,
      }),
    ),
  },
  { ...closed, default: {}, description: 'For an upstream of https://; its certificate is always verified.' },
);

export const Service = Type.Object(
  {
    upstream: Url({ description: 'Origin of the API, scheme and all.' }),
    tls: Tls,
    audience: Type.Optional(
      Type.String({ description: '`aud` of JWTs minted for this service.', minLength: 1 }),
    ),
    phantom_jwt: Type.Enum(['pass', 'mint'], {
      description: 'Pass the authorization server’s JWT on, or mint one here.',
      default: 'pass',
    }),
    timeouts: Type.Object(
      {
        connect: Timeout({ description: 'To get a connection.', default: '5s' }),
        headers: Timeout({ description: 'From the request sent to the response’s head.', default: '30s' }),
        idle: Timeout({ description: 'Between two pieces of the response.', default: '60s' }),
      },
      { ...closed, default: {} },
    ),
    connections: Type.Integer({
      description: 'Connections at most to this upstream; further requests wait.',
      default: 128,
      minimum: 1,
    }),
    connections_per_address: Type.Optional(
      Type.Integer({
        description:
          'Of these connections, those for callers of one address (of IPv6, a /64); three quarters if not given. Their share of the queue is as large.',
        minimum: 1,
      }),
    ),
    queue: Type.Integer({
      description: 'Requests that may wait for a connection; one more is answered with 503.',
      default: 1_024,
      minimum: 0,
    }),
    defaults: Type.Optional(Defaults),
  },
  closed,
);

export type ServiceConfig = Omit<StaticDecode<typeof Service>, 'defaults'> & { readonly name: string };
