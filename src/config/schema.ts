/**
 * The configuration's one schema: from it come the type, the defaults, the validation and the published
 * `portcullis.schema.json`. Names are snake_case here as in the file, so there is no mapping layer.
 */
import { Type, type StaticDecode } from 'typebox';
import { AuthorizationServer, Phantom } from './authorization-server.ts';
import { Consumer } from './consumer.ts';
import { Server } from './server.ts';
import { Defaults, Service } from './service.ts';
import { byHeaderName, closed, listener, named, SecretString } from './units.ts';

const Health = Type.Object(listener('0.0.0.0', 9091, 'the health front'), {
  ...closed,
  default: {},
  description: '/livez, /readyz and /metrics, for probes and Prometheus; no details.',
});

const Admin = Type.Object(
  {
    ...listener('127.0.0.1', 9090, 'the admin front'),
    token: Type.Optional(
      SecretString({
        description: 'Bearer token of whoever changes something, such as a purge. Without it nothing can be.',
      }),
    ),
  },
  { ...closed, default: {}, description: 'Details and changes for operators. Loopback only.' },
);

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
        headers: Type.Optional(
          Type.Record(
            Type.String(),
            Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
              errorMessage: 'expected the value that the header must have, or a list of which one suffices',
            }),
            {
              ...byHeaderName,
              description: 'Header fields that must be there, each with this value or one of these.',
            },
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
    consumers: Type.Array(Consumer, {
      description: 'Who calls, as the upstreams know them; routes find them by `consumer`.',
      default: [],
    }),
    policies: Type.Object(
      {
        source: Type.String({
          description: 'A folder of Rego, or a bundle.tar.gz; relative to the configuration file.',
          default: './policies',
        }),
        threads: Type.Integer({
          description:
            'Evaluations with a policy_timeout that may run at once, each in a thread with the policies’ data in its own memory. None is started where no route has one.',
          minimum: 1,
          maximum: 64,
          default: 2,
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

export type DocumentInput = StaticDecode<typeof Document>;
