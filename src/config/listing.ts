/** What `portcullis routes` prints: who may do what, in the order in which requests are matched. */
import { leavesOf } from '../http/route-overlap.ts';
import { buildRouteTable, type Entry } from '../http/route-table.ts';
import { printable } from './fault.ts';
import type { Route } from './resolve.ts';

/** A route at one of its hosts and patterns. Holds no secret. */
export type Listed = {
  readonly route: string;
  /** null for all. */
  readonly methods: readonly string[] | null;
  /** Exact or `*.suffix`; null for any. */
  readonly host: string | null;
  readonly path: string;
  /** The values of which a header must have one, by its name. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly token: Route['token'];
  readonly scopes: Route['scopes'];
  readonly audience: readonly string[];
  /** null where no policy decides. */
  readonly policy: string | null;
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
    headers: Object.fromEntries(route.match.headers.map(({ name, values }) => [name, values])),
    token: route.token,
    scopes: route.scopes,
    audience: route.audience,
    policy: route.policy,
    service: route.service.name,
    upstream_path: rewrite === false ? stripped : rewrite,
  };
}

/** The list as a table for a terminal, with a line for each; what a terminal would obey is escaped. */
export function tableOf(list: readonly Listed[]): string {
  const rows = [
    ['ROUTE', 'METHODS', 'PATH', 'CALLER', 'POLICY', 'SERVICE'],
    ...list.map((one) => [
      one.route,
      one.methods?.join(',') ?? '*',
      `${one.host ?? ''}${one.path}${headersOf(one)}`,
      callerOf(one),
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

/** Who may call: `token (a or b) and c, for accounts-api`. */
function callerOf({ token, scopes, audience }: Listed): string {
  if (token === 'none') return 'anyone';
  const groups = scopes.map((anyOf) =>
    anyOf.length > 1 && scopes.length > 1 ? `(${anyOf.join(' or ')})` : anyOf.join(' or '),
  );
  const demands = [
    ...(groups.length > 0 ? [groups.join(' and ')] : []),
    ...(audience.length > 0 ? [`for ${audience.join(' or ')}`] : []),
  ].join(', ');
  return `${token === 'optional' ? 'optional token' : 'token'} ${demands}`.trimEnd();
}

/** The list as JSON. */
export const jsonOf = (list: readonly Listed[]): string =>
  // What a terminal would obey and JSON lets stand: C1 controls, and those that turn the direction of text.
  `${JSON.stringify(list, null, 2).replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)}\n`;

const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
