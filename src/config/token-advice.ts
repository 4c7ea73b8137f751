/** What a configuration says of tokens but seldom means: tokens that no server of a list is asked about, JWTs that never come. */
import type { Config } from './resolve.ts';
import type { Route } from './route.ts';

type Judged = Pick<Config, 'routes' | 'authorization_servers'>;

/** Warnings, one line each; what is the same of several routes is told once. */
export function adviseOfTokens({ routes, authorization_servers: servers }: Judged): string[] {
  const told = routes.flatMap((route, at) =>
    [...prefixless(route), ...withoutJwt(route, servers), ...withoutIdentifier(route)].map((what) => ({
      who: `routes[${at}] ${route.name}`,
      what,
    })),
  );
  return [...Map.groupBy(told, ({ what }) => what)].map(([what, [first, ...more]]) => {
    const others = more.length > 0 ? ` (and ${more.length} more)` : '';
    return `${first?.who}${others} ${what}`;
  });
}

/** An opaque token goes by its beginning; where JWTs are verified here, there may be no opaque ones. */
function prefixless({ authorization_servers: servers, jwt_tokens }: Route): string[] {
  const bare = servers.flatMap(({ name, token_prefix }) => (token_prefix === null ? [name] : []));
  if (bare.length < 2 || jwt_tokens === 'verify') return [];
  return [
    `takes no opaque tokens that begin with no token_prefix: they could be of ${bare.join(' or ')}, of which only one can do without`,
  ];
}

/** Forms of answers that have no JWT for an API; `jwt_claim` can put one into them. */
const WITHOUT_JWT: ReadonlySet<string> = new Set(['application/json', 'application/token-introspection+jwt']);

function withoutJwt(route: Route, servers: Judged['authorization_servers']): string[] {
  const { service, identity_headers, jwt_tokens, authorization_servers: candidates } = route;
  if (service.phantom_jwt !== 'pass' || identity_headers.jwt === false) return [];
  return candidates.flatMap(({ name }) => {
    const { accept, jwt_claim } = servers[name]?.introspection ?? {};
    if (accept === undefined || !WITHOUT_JWT.has(accept) || jwt_claim !== undefined) return [];
    const which = jwt_tokens === 'verify' ? 'an opaque token' : 'a token';
    return [
      `passes on a JWT that never comes (introspection.accept of ${name} is ${accept}): every request with ${which} of it will be 503. Set accept: application/jwt if the server can give one, phantom_jwt: mint on the service ${service.name}, or identity_headers: { jwt: false }`,
    ];
  });
}

/** RFC 9728 clients ask for tokens whose `aud` is the identifier (RFC 8707). */
function withoutIdentifier({ service, audience }: Route): string[] {
  const identifier = service.resource?.identifier;
  if (identifier === undefined || audience.length === 0 || audience.includes(identifier)) return [];
  return [
    `takes tokens for ${audience.join(' or ')}, and not for ${identifier}, the resource.identifier of the service ${service.name}, for which discovering clients get theirs`,
  ];
}
