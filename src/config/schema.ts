/**
 * The configuration's one schema: from it come the type, the defaults, the validation and the published
 * `portcullis.schema.json`. Names are snake_case here as in the file, so there is no mapping layer.
 */
import { Type, type StaticDecode } from 'typebox';
import { AuthorizationServer, Phantom } from './authorization-server.ts';
import { RouteSettings } from './route-settings.ts';
import { Duration, named, Timeout, Url } from './units.ts';

const closed = { additionalProperties: false } as const;

const listener = (host: string, port: number, what: string) => ({
  host: Type.String({ description: `Address ${what} listens on.`, default: host, minLength: 1 }),
  port: Type.Integer({
    description: `Port ${what} listens on; 0 takes a free one.`,
    default: port,
    minimum: 0,
    maximum: 65_535,
  }),
});

const Server = Type.Object(
  {
    ...listener('0.0.0.0', 8080, 'the proxy'),
    trusted_proxies: Type.Array(Type.String(), {
      description:
        'Addresses or CIDR blocks of the proxies in front of Portcullis. Only from these are X-Forwarded-*, ' +
        'Forwarded and traceparent believed.',
      default: [],
    }),
    drain: Duration({
      description: 'How long requests in flight may take to end after SIGTERM.',
      default: '10s',
    }),
  },
  { ...closed, default: {}, description: 'The public listener, where clients call.' },
);

const Health = Type.Object(listener('0.0.0.0', 9091, 'the health front'), {
  ...closed,
  default: {},
  description: '/livez, /readyz and /metrics, for probes and Prometheus; no details.',
});

const Admin = Type.Object(listener('127.0.0.1', 9090, 'the admin front'), {
  ...closed,
  default: {},
  description: 'Details for operators. Loopback only, since it has no authentication yet.',
});

const Tracing = Type.Object(
  {
    trust: Type.Enum(['trusted_proxies', 'all', 'none'], {
      description:
        "Whose traceparent is continued. Another caller's becomes a link of a new trace. Exporter, sampler and " +
        'propagators come from the OTEL_* environment variables.',
      default: 'trusted_proxies',
    }),
  },
  { ...closed, default: {} },
);

const Defaults = Type.Partial(RouteSettings, {
  ...closed,
  default: {},
  description: 'Route settings for all routes below.',
});

const Service = Type.Object(
  {
    upstream: Url({ description: 'Origin of the API, scheme and all.' }),
    audience: Type.Optional(
      Type.String({ description: '`aud` of JWTs minted for this service.', minLength: 1 }),
    ),
    phantom_jwt: Type.Enum(['pass', 'mint'], {
      description: 'Pass the authorization server’s JWT on, or mint one here.',
      default: 'pass',
    }),
    timeouts: Type.Object(
      {
        connect: Timeout({ description: 'To connect.', default: '5s' }),
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
    defaults: Type.Optional(Defaults),
  },
  closed,
);

/** A service without its route settings: its own defaults are filled in place. */
export const ServiceSection = Type.Omit(Service, ['defaults'], closed);

const Route = Type.Object(
  {
    name: Type.String({
      description: 'Unique name, as logs and traces show it.',
      pattern: '^[A-Za-z0-9_.-]+$',
      errorMessage: 'expected a name of letters, digits, _ . and -',
    }),
    match: Type.Object(
      {
        hosts: Type.Optional(
          Type.Array(Type.String(), {
            minItems: 1,
            description: 'Host names, exact or *.example.com; any when absent.',
          }),
        ),
        path: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
          description: 'A path pattern such as /accounts/{id} or /files/**, or a list of them.',
          errorMessage: 'expected a path pattern such as /accounts/{id} or /files/**, or a list of them',
        }),
        methods: Type.Optional(
          Type.Array(
            Type.String({ pattern: '^[A-Z]+$', errorMessage: 'expected a method in capitals, such as GET' }),
            { minItems: 1, description: 'Methods; all when absent. GET admits HEAD.' },
          ),
        ),
      },
      closed,
    ),
    service: Type.String({ description: 'One of `services`.' }),
    ...Defaults.properties,
  },
  closed,
);

/** The whole document as a file writes it. */
export const Document = Type.Object(
  {
    server: Server,
    health: Health,
    admin: Admin,
    tracing: Tracing,
    authorization_servers: Type.Record(Type.String(), AuthorizationServer, { ...named, default: {} }),
    phantom: Type.Optional(Phantom),
    policies: Type.Object(
      {
        source: Type.String({
          description: 'A folder of Rego, or a bundle.tar.gz; relative to the configuration file.',
          default: './policies',
        }),
      },
      { ...closed, default: {} },
    ),
    services: Type.Record(Type.String(), Service, named),
    defaults: Defaults,
    routes: Type.Array(Route, {
      minItems: 1,
      description:
        'What is served. The most specific host, then path, decides which route a request belongs to.',
    }),
  },
  { ...closed, title: 'Portcullis configuration' },
);

/** The document's sections that hold no route settings: their defaults are filled in place. */
export const Sections = Type.Omit(
  Document,
  ['authorization_servers', 'defaults', 'routes', 'services'],
  closed,
);

export type ServiceConfig = Omit<StaticDecode<typeof Service>, 'defaults'> & { readonly name: string };
export type DocumentInput = StaticDecode<typeof Document>;
