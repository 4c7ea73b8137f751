/** What `portcullis routes` prints: who may do what, in the order in which requests are matched. */
import { leavesOf } from '../http/route-overlap.ts';
import { buildRouteTable, type Entry } from '../http/route-table.ts';
import { printable } from './fault.ts';
import type { Route } from './route.ts';

/** What a route demands of whoever calls, in the words of the configuration. Holds no secret. */
export type Demanded = {
  readonly token: Route['token'];
  /** Their names. */
  readonly authorization_servers: readonly string[];
  /** Where a token may be. */
  readonly credential: Route['credential'];
  readonly jwt_tokens: Route['jwt_tokens'];
  readonly scopes: Route['scopes'];
  readonly audience: readonly string[];
  readonly required_claims: Readonly<Record<string, readonly unknown[] | { readonly present: boolean }>>;
  /** `max_age` in milliseconds. */
  readonly step_up: Route['step_up'];
  /** How the consumer is found; null where none is looked for. */
  readonly consumer: {
    readonly claim: string;
    readonly by: 'id' | 'username' | 'custom_id';
    readonly required: boolean;
  } | null;
  /** The username of the consumer that a caller without a token is; null where nobody in particular. */
  readonly anonymous: string | null;
  /** null where no policy decides. */
  readonly policy: string | null;
};

/** What this route demands. Without tokens, nothing is said of them. */
export function demanded(route: Route): Demanded {
  const { token, credential, jwt_tokens, scopes, audience, step_up, consumer, anonymous, policy } = route;
  return {
    token,
    authorization_servers: route.authorization_servers.map(({ name }) => name),
    credential: token === 'none' ? [] : credential,
    jwt_tokens,
    scopes,
    audience,
    required_claims: Object.fromEntries(
      route.required_claims.map(({ claim, anyOf, present }) => [claim, anyOf ?? { present }]),
    ),
    step_up,
    consumer: consumer && { claim: consumer.claim, by: consumer.by, required: consumer.required },
    anonymous: anonymous?.username ?? null,
    policy,
  };
}

/** A route at one of its hosts and patterns. */
export type Listed = Demanded & {
  readonly route: string;
  /** null for all. */
  readonly methods: readonly string[] | null;
  /** Exact or `*.suffix`; null for any. */
  readonly host: string | null;
  readonly path: string;
  /** The values of which a header must have one, by its name. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly service: string;
  /** The path that the upstream gets, as a pattern. */
  readonly upstream_path: string;
};

/** Lists routes by host (exact, wildcard, any), then path, then headers: of two that could take a request, the one that does is first. */
export function listRoutes(routes: readonly Route[]): Listed[] {
  return leavesOf(buildRouteTable(routes))
    .toSorted((a, b) => rank(a.host) - rank(b.host) || compare(a.host, b.host))
    .flatMap(({ host, entries }) =>
      entries
        .toSorted((a, b) => b.conditions.length - a.conditions.length || forAll(a) - forAll(b))
        .map((entry) => listed(entry, host)),
    );
}

/** Exact hosts, then wildcards with the longest first, then any. */
const rank = (host: string): number => {
  if (host === '*') return Number.MAX_SAFE_INTEGER;
  return host.startsWith('*') ? Number.MAX_SAFE_INTEGER - host.length : 0;
};

const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);

const forAll = ({ route }: Entry<Route>): number => Number(route.match.methods === null);

function listed({ route, pattern }: Entry<Route>, host: string): Listed {
  const { strip_prefix: prefix, rewrite } = route;
  const stripped = prefix === false ? pattern : pattern.slice(prefix.length) || '/';
  return {
    route: route.name,
    methods: route.match.methods,
    host: host === '*' ? null : host,
    path: pattern,
    headers: conditionsOf(route),
    ...demanded(route),
    service: route.service.name,
    upstream_path: rewrite === false ? stripped : rewrite,
  };
}

/** The values of which a header must have one, by its name. */
export const conditionsOf = ({ match }: Route): Listed['headers'] =>
  Object.fromEntries(match.headers.map(({ name, values }) => [name, values]));

/** The list as a table for a terminal, with a line for each; what a terminal would obey is escaped. */
export function tableOf(list: readonly Listed[]): string {
  // Of one server that all routes ask, nobody needs to be told.
  const several = new Set(list.flatMap(({ authorization_servers: servers }) => servers)).size > 1;
  const rows = [
    ['ROUTE', 'METHODS', 'PATH', 'CALLER', 'POLICY', 'SERVICE'],
    ...list.map((one) => [
      one.route,
      one.methods?.join(',') ?? '*',
      `${one.host ?? ''}${one.path}${headersOf(one)}`,
      callerOf(one, several),
      one.policy ?? 'none',
      `→ ${one.service}${one.upstream_path === one.path ? '' : ` as ${one.upstream_path}`}`,
    ]),
  ].map((row) => row.map(printable));
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, column) => Math.max(cell.length, widest[column] ?? 0)),
    [],
  );
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

const headersOf = ({ headers }: Listed): string =>
  Object.entries(headers)
    .map(([name, values]) => ` [${name}: ${values.join(' or ')}]`)
    .join('');

/** Who may call: `token (a or b) and c, for accounts-api, in cookie session`. What is as usual is not told. */
function callerOf(one: Listed, tellServers: boolean): string {
  const { token, scopes, audience, required_claims: claims, step_up, authorization_servers: servers } = one;
  if (token === 'none') return 'anyone';
  const groups = scopes.map((anyOf) =>
    anyOf.length > 1 && scopes.length > 1 ? `(${anyOf.join(' or ')})` : anyOf.join(' or '),
  );
  const told = (words: string, names: readonly string[]): string[] =>
    names.length > 0 ? [`${words} ${names.join(' or ')}`] : [];
  const demands = [
    ...(groups.length > 0 ? [groups.join(' and ')] : []),
    ...told('for', audience),
    ...Object.entries(claims).map(([claim, value]) => `with ${claim}${wanted(value)}`),
    ...told('acr', step_up?.acr ?? []),
    ...(step_up?.max_age == null ? [] : [`logged in ${step_up.max_age / 1_000} s ago at most`]),
    ...callerOfToken(one),
    ...told('from', tellServers ? servers : []),
    ...told('in', placesOf(one)),
    ...(one.jwt_tokens === 'introspect' ? [] : [one.jwt_tokens === 'verify' ? 'JWTs verified' : 'no JWTs']),
  ].join(', ');
  const asked = `${token === 'optional' ? 'optional token' : 'token'} ${demands}`.trimEnd();
  return one.anonymous === null ? asked : `${asked}, else as ${one.anonymous}`;
}

/** Who the token has to be of. */
const callerOfToken = ({ consumer }: Demanded): string[] =>
  consumer ? [`${consumer.required ? '' : 'perhaps '}of a consumer by ${consumer.claim}`] : [];

const wanted = (value: Demanded['required_claims'][string]): string => {
  if ('present' in value) return value.present ? '' : ' absent';
  return `: ${value.map(String).join(' or ')}`;
};

/** None when Authorization is the only place. */
function placesOf({ credential }: Demanded): string[] {
  const places = credential.map(({ in: place, name }) =>
    name === 'authorization' ? 'Authorization' : `${place} ${name}`,
  );
  return places.join() === 'Authorization' ? [] : places;
}

/** A list, or something else of the kind, as JSON. */
export const jsonOf = (list: object): string =>
  // What a terminal would obey and JSON lets stand: C1 controls, and those that turn the direction of text.
  `${JSON.stringify(list, null, 2).replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)}\n`;

const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
