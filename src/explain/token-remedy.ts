/** What can be done about a token that is refused, by what was said of it. */
import type { AuthorizationServerConfig } from '../config/authorization-server.ts';
import type { Consumer } from '../config/consumer.ts';
import type { Route } from '../config/route.ts';
import type { TokenFault } from '../denial.ts';
import { foreignClaim, isBound } from '../oauth/token-kind.ts';
import { jwtRemedy } from './jwt-remedy.ts';
import { moment } from './moment.ts';
import type { Unverified } from './undisclosed.ts';

/** What is known beside the refusal. */
export type About = {
  readonly route: Route | undefined;
  /** What the server said of the token, good or not; null where it said nothing. */
  readonly claims: Readonly<Record<string, unknown>> | null;
  /** What a JWT says of itself, verified by nobody; null for an opaque token. */
  readonly said: Unverified | null;
  /** The authorization server whose token it was taken for; null for none. */
  readonly asked: string | null;
  /** Those that are configured. */
  readonly servers: Readonly<
    Record<string, Pick<AuthorizationServerConfig, 'client_id' | 'jwt_types' | 'algorithms'>>
  >;
  readonly consumers: readonly Consumer[];
  /** Milliseconds since the epoch. */
  readonly now: number;
};

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** What to do about a token with this fault. */
export function tokenRemedy(fault: TokenFault, detail: string, about: About): string[] {
  const { route, claims, said, asked, servers } = about;
  switch (fault) {
    case 'malformed':
      return ['send the token whole and bare: no quotes, no line break, no percent-encoding'];
    case 'inactive':
      return [
        'it expired, was revoked, or is of another server or realm: take a new one from the issuer that the route asks',
        `some servers say so of a token that is not for the client that asks: with Keycloak, ${clientsOf(about)} must be in the token’s aud (an audience mapper)`,
      ];
    case 'expired':
      return [
        ...timesOf(about, ['exp']),
        'take a new token; if it is new, compare the clocks of the gateway and the authorization server',
      ];
    case 'not_yet_valid':
      return [
        ...timesOf(about, ['nbf', 'iat']),
        'compare the clocks of the gateway and the authorization server: only 5 s are forgiven',
      ];
    case 'wrong_issuer':
      return claims === null && said === null ? unknownPrefix(route) : wrongIssuer(about);
    case 'wrong_audience':
      return wrongAudience(about);
    case 'sender_constrained':
      return [
        ...told(
          claims,
          Object.keys(claims ?? {}).filter((name) => isBound({ [name]: claims?.[name] })),
        ),
        'take a plain bearer token: this one is bound to a key (DPoP or mutual TLS), and proofs are not verified here',
      ];
    case 'not_an_access_token':
      return [
        ...told(claims, [foreignClaim(claims ?? {}) ?? []].flat()),
        'send the access token, not the ID token, refresh token or logout token that came with it',
      ];
    case 'unverifiable':
      return [
        ...jwtRemedy(detail, said?.header ?? {}, servers[asked ?? '']),
        'or have the server judge it: jwt_tokens: introspect',
      ];
    case 'jwt_refused':
      return ['send an opaque token, or set jwt_tokens: introspect or verify on the route'];
  }
}

/** The client as which the server is asked, or those of all that may be. */
function clientsOf({ route, asked, servers }: About): string {
  const names = asked === null ? route?.authorization_servers.map(({ name }) => name) : [asked];
  return (names ?? Object.keys(servers)).map((name) => `${servers[name]?.client_id} (${name})`).join(' or ');
}

const told = (claims: About['claims'], names: readonly string[]): string[] =>
  names.map((name) => `the token’s ${name} is ${shown(claims?.[name])}`);

const timesOf = ({ claims, now }: About, names: readonly string[]): string[] =>
  names.flatMap((name) => {
    const value = claims?.[name];
    return value === undefined || value === null ? [] : [`the token’s ${name} is ${moment(value, now)}`];
  });

const wrongIssuer = ({ route, claims, said }: About): string[] => [
  `the token’s iss is ${shown((claims ?? said?.claims)?.['iss'])}; taken are ${listed(route?.authorization_servers.flatMap(({ issuers }) => issuers))}`,
  'if it is right, write it as the server’s issuer, or among its issuers; or give the route its authorization_server',
];

/** Nobody was asked about an opaque token: of which server it is, its beginning has to tell. */
function unknownPrefix(route: Route | undefined): string[] {
  const servers = route?.authorization_servers ?? [];
  const bare = servers.flatMap(({ name, token_prefix }) => (token_prefix === null ? [name] : []));
  const prefixes = servers.flatMap(({ name, token_prefix }) =>
    token_prefix === null ? [] : [`${token_prefix} (${name})`],
  );
  return [
    `of which server an opaque token is, its token_prefix tells; it begins with none: ${listed(prefixes)}`,
    bare.length > 1
      ? `only one server of the list can do without: give all but one of ${bare.join(', ')} a token_prefix`
      : 'if it is a token of one of them, compare that one’s token_prefix with how its tokens begin',
  ];
}

function wrongAudience({ route, claims, said }: About): string[] {
  const identifier = route?.service.resource?.identifier;
  const taken = route?.audience ?? [];
  const fix =
    'have the authorization server put it into aud (resource or audience in the token request, or a mapper), or change the route’s audience';
  const first = `the token’s aud is ${shown((claims ?? said?.claims)?.['aud'])}; the route takes ${listed(taken)}`;
  if (identifier === undefined) return [first, fix];
  return [
    first,
    taken.includes(identifier)
      ? `ask for the token with resource=${identifier}, the service’s resource.identifier`
      : `clients that discover the API ask for tokens with resource=${identifier}, the service’s resource.identifier: put it into the route’s audience`,
    fix,
  ];
}

const listed = (names: readonly string[] | undefined): string => (names ?? []).join(' or ') || 'none';
