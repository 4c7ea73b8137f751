/** The schema of a service: an API behind the gateway, and how to reach it. */
import { type StaticDecode, Type } from 'typebox';
import { Resource } from './resource.ts';
import { RouteSettings } from './route-settings.ts';
import { Tls } from './tls.ts';
import { closed, Timeout, Url } from './units.ts';

/** Route settings for many routes at once; the nearest wins. */
export const Defaults = Type.Partial(RouteSettings, {
  ...closed,
  default: {},
  description: 'Route settings for all routes below.',
});

export const Service = Type.Object(
  {
    upstream: Url({ description: 'Origin of the API, scheme and all.' }),
    tls: Type.Object(Tls, {
      ...closed,
      default: {},
      description: 'For an upstream of https://; its certificate is always verified.',
    }),
    resource: Type.Optional(Resource),
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
