/** What is in force once inheritance is done: defaults, then the service's, then the route's own settings. */
import { resolve as resolvePath } from 'node:path';
import { Decode, Default } from 'typebox/value';
import { spelling } from '../http/headers.ts';
import { type AuthorizationServerConfig, issuersOf, type PhantomConfig } from './authorization-server.ts';
import type { Fault } from './fault.ts';
import { type Candidate, challengeOf, identification, type Route } from './route.ts';
import { RouteSettings } from './route-settings.ts';
import { Document, type DocumentInput } from './schema.ts';
import type { ServiceConfig } from './service.ts';

/** The whole configuration in force. Immutable. */
export type Config = Pick<DocumentInput, 'server' | 'health' | 'admin' | 'tracing' | 'consumers'> & {
  readonly authorization_servers: Readonly<Record<string, AuthorizationServerConfig>>;
  readonly phantom: PhantomConfig | null;
  /** Absolute path of the policies' folder or bundle. */
  readonly policies: { readonly source: string; readonly threads: number };
  readonly services: Readonly<Record<string, ServiceConfig>>;
  readonly routes: readonly Route[];
  /** Canonical spellings of all header names that any route sets towards its upstream: no client may speak of them. */
  readonly own_names: ReadonlySet<string>;
  /** What could not be resolved: names that lead nowhere, policies left unsaid. Judged with the other rules. */
  readonly unresolved: readonly Fault[];
};

/** What of a completed document inheritance is judged by. */
type Written = {
  readonly defaults: object;
  readonly services: Readonly<Record<string, { readonly defaults?: object }>>;
  readonly routes: readonly ({ readonly service: string } & object)[];
};

/**
 * Where the value at this path of the configuration in force is written: what lies within an inherited setting of a route is in
 * the service's defaults or in `defaults`. A path of any other kind is its own.
 */
export function writtenAt(completedDocument: unknown, path: Fault['path']): Fault['path'] {
  const { services, routes } = completedDocument as Written;
  const [section, index, setting, ...inside] = path;
  const route = section === 'routes' ? routes[index as number] : undefined;
  if (!route || typeof setting !== 'string' || inside.length === 0 || Object.hasOwn(route, setting))
    return path;
  const own = Object.hasOwn(services, route.service) ? services[route.service]?.defaults : undefined;
  const inherited =
    own && Object.hasOwn(own, setting) ? ['services', route.service, 'defaults'] : ['defaults'];
  return [...inherited, setting, ...inside];
}

/** Resolves a completed document of valid shape; `folder` is what relative paths start from. */
export function resolveConfig(completedDocument: unknown, folder: string): Config {
  const document = Decode(Document, completedDocument);
  const raw = completedDocument as Written;
  const unresolved: Fault[] = [];
  const services = Object.fromEntries(
    Object.entries(document.services).map(([name, { defaults: _, ...service }]) => [
      name,
      { ...service, name },
    ]),
  );
  const servers = Object.keys(document.authorization_servers);

  const routes = document.routes.map((written, index): Route => {
    const report = (key: string, message: string): void =>
      void unresolved.push({ path: ['routes', index, key], message });
    const { name, match, service: serviceName, ...own } = raw.routes[index] as Record<string, unknown>;
    const service = Object.hasOwn(services, written.service) ? services[written.service] : undefined;
    if (!service)
      report('service', `no such service; there are: ${Object.keys(services).join(', ') || 'none'}`);
    const merged = { ...raw.defaults, ...(service && raw.services[service.name]?.defaults), ...own };
    const inForce = Default(RouteSettings, merged) as Record<string, unknown>;
    if (inForce['policy'] === undefined) {
      report('policy', 'no policy is named, here or in defaults: name an entrypoint, or say none');
      inForce['policy'] = 'none';
    }
    const tokenless = inForce['token'] === 'none';
    if (inForce['authorization_server'] === undefined) {
      if (servers.length !== 1 && !tokenless)
        report(
          'authorization_server',
          `name one of the authorization servers: ${servers.join(', ') || 'none is configured'}`,
        );
      inForce['authorization_server'] = servers[0] ?? '';
    } else if (![inForce['authorization_server']].flat().every((one) => servers.includes(one as string))) {
      report(
        'authorization_server',
        `no such authorization server; there are: ${servers.join(', ') || 'none'}`,
      );
    }
    const settings = Decode(RouteSettings, inForce);
    const anonymous = document.consumers.find(({ username }) => username === settings.anonymous);
    if (settings.anonymous !== false && !anonymous)
      report('anonymous', 'no consumer has this username: see consumers');
    const { path, hosts = null, methods = null, headers = {} } = written.match;
    return {
      ...settings,
      name: written.name,
      match: {
        hosts: hosts?.map((host) => host.toLowerCase().replace(/\.$/, '')) ?? null,
        paths: typeof path === 'string' ? [path] : path,
        methods,
        headers: Object.entries(headers).map(([header, value]) => ({
          name: spelling(header),
          values: typeof value === 'string' ? [value] : value,
        })),
      },
      service: service ?? (Object.values(services)[0] as ServiceConfig),
      ...identification(settings),
      authorization_servers: tokenless
        ? []
        : [settings.authorization_server].flat().flatMap((one): Candidate[] => {
            const server = Object.hasOwn(document.authorization_servers, one)
              ? document.authorization_servers[one]
              : undefined;
            if (!server) return [];
            return [{ name: one, issuers: issuersOf(server), token_prefix: server.token_prefix ?? null }];
          }),
      anonymous: anonymous ?? null,
      challenge: challengeOf(settings, service?.resource),
      policy: settings.policy === 'none' ? null : settings.policy,
      policy_timeout: settings.policy_timeout === false ? null : settings.policy_timeout,
      cors: settings.cors.origins.length > 0 ? settings.cors : null,
    };
  });

  return {
    server: document.server,
    health: document.health,
    admin: document.admin,
    tracing: document.tracing,
    authorization_servers: document.authorization_servers,
    consumers: document.consumers,
    phantom: document.phantom ?? null,
    policies: { ...document.policies, source: resolvePath(folder, document.policies.source) },
    services,
    routes,
    own_names: new Set(routes.flatMap(ownNames).map(spelling)),
    unresolved,
  };
}

const ownNames = ({ identity_headers: { claims, jwt }, policy_headers }: Route): string[] => [
  ...claims.map(({ name }) => name),
  ...(jwt === false ? [] : [jwt]),
  ...policy_headers,
];
