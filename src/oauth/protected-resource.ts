/** What an API says of itself to clients that look for its authorization server (RFC 9728): MCP clients and their like. */
import type { Place } from '../config/published.ts';
import type { Config } from '../config/resolve.ts';
import { metadataPlace, type ResourceConfig } from '../config/resource.ts';
import type { CredentialLocation, Route } from '../config/route.ts';

/** Protected resource metadata (RFC 9728 section 2). What has nothing to say is left out (section 3.2). */
export type ResourceMetadata = {
  readonly resource: string;
  readonly authorization_servers?: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported?: readonly string[];
  readonly resource_name?: string;
  readonly resource_documentation?: string;
};

/** The metadata of every service that has a `resource`, and where it is published. */
export const protectedResources = (
  config: Pick<Config, 'services' | 'routes' | 'authorization_servers'>,
): (Place & { readonly document: ResourceMetadata })[] =>
  Object.values(config.services).flatMap(({ name, resource }) =>
    resource ? [{ ...metadataPlace(resource.identifier), document: metadataOf(name, resource, config) }] : [],
  );

function metadataOf(
  service: string,
  { identifier, name, documentation }: ResourceConfig,
  { routes, authorization_servers: servers }: Pick<Config, 'routes' | 'authorization_servers'>,
): ResourceMetadata {
  // A route without tokens has nothing for a client that looks for one.
  const asking = routes.filter((route) => route.service.name === service && route.token !== 'none');
  const all = (what: (route: Route) => readonly string[]): string[] => [...new Set(asking.flatMap(what))];
  const lists = {
    authorization_servers: all((route) =>
      route.authorization_servers.flatMap((server) => servers[server.name]?.issuer ?? []),
    ),
    scopes_supported: all(({ challenge }) => challenge.scopes),
    bearer_methods_supported: all(({ credential }) => credential.flatMap(methodOf)),
  };
  return {
    // As it is written: clients compare it character by character (section 3.3).
    resource: identifier,
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    ...(name === undefined ? {} : { resource_name: name }),
    ...(documentation === undefined ? {} : { resource_documentation: documentation }),
  };
}

/** The method's name, where it is one of RFC 6750 section 2; none for a place of the route's own. */
function methodOf({ in: place, name }: CredentialLocation): string[] {
  if (place === 'header') return name === 'authorization' ? ['header'] : [];
  return place !== 'cookie' && name === 'access_token' ? [place] : [];
}
