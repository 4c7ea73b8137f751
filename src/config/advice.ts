/** What a configuration may say but seldom means: warnings of `portcullis check`. Nothing here keeps a gateway from starting. */
import { METHODS } from 'node:http';
import { exclude } from '../http/header-conditions.ts';
import type { Fields } from '../http/headers.ts';
import {
  entryWithout,
  type Examples,
  examplesOf,
  fieldsOf,
  fieldsOfBoth,
  type Place,
  type Rivals,
  rivals,
} from '../http/route-overlap.ts';
import { buildRouteTable, type Entry, entryOf, type RouteTable } from '../http/route-table.ts';
import { parsePattern } from '../http/path-pattern.ts';
import { lacks } from './demands.ts';
import { type Place as OwnPlace, publishedPlaces } from './published.ts';
import type { Config } from './resolve.ts';
import type { Route } from './route.ts';
import { adviseOfTokens } from './token-advice.ts';

/** Stands for the methods of a route that names none; nobody misses OPTIONS. */
const USUAL = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** TRACE is 405 and CONNECT 400, whatever routes say; and what Node's parser does not know is 400. */
const isServed = (method: string): boolean =>
  METHODS.includes(method) && method !== 'TRACE' && method !== 'CONNECT';

/**
 * Warnings, one line each: routes that can never match, methods that a more specific path hides, a laxer route over a stricter one, and
 * those of `adviseOfTokens`.
 */
export function advise(
  config: Pick<Config, 'routes' | 'phantom' | 'services' | 'authorization_servers'>,
): string[] {
  const { routes } = config;
  const table = buildRouteTable(routes);
  const examples = examplesOf(table);
  const names = new Map(routes.map((route, at) => [route, `routes[${at}] ${route.name}`]));
  const name = (route: Route): string => names.get(route) as string;
  const hidden = onceEach();
  const laxer = onceEach();
  for (const pair of rivals(table, examples)) {
    const { first, second } = pair;
    const [hiding] = first.entries as [Entry<Route>];
    for (const entry of second.entries) {
      hidden.tell(hiding.route, entry.route, () => {
        const request = refused(entry, pair);
        const at = `${first.host === '*' ? '' : first.host}${hiding.pattern}`;
        return (
          request &&
          `${request} is 404: ${at} of ${name(hiding.route)} is more specific and does not take it, ${name(entry.route)} would`
        );
      });
      for (const lax of first.entries)
        if (lax.route !== entry.route && !exclude(lax, entry))
          laxer.tell(lax.route, entry.route, () => {
            const lacking = lacks(lax.route, entry.route);
            const request = lacking.length > 0 ? taken(lax, entry, pair) : null;
            return (
              request &&
              `${name(lax.route)} demands less than ${name(entry.route)}, which would take ${request} without it: ${lacking.join(', ')}`
            );
          });
    }
  }
  const own = publishedPlaces(config);
  const dead = routes.flatMap((route) =>
    neverMatched(route, table, examples, own).map((why) => `${name(route)} ${why}`),
  );
  const colons = routes.flatMap((route) =>
    route.match.paths.flatMap((pattern) =>
      [...pattern.matchAll(/\/:(\w+)/g)].map(
        ([, text]) => `${name(route)} takes :${text} literally: a parameter is written {${text}}`,
      ),
    ),
  );
  return [...dead, ...colons, ...hidden.warnings, ...laxer.warnings, ...adviseOfTokens(config)];
}

/** Keeps the first warning of each pair of routes. */
function onceEach() {
  const told = new Map<Route, Set<Route>>();
  const warnings: string[] = [];
  return {
    warnings,
    tell(one: Route, other: Route, warning: () => string | null): void {
      const others = told.get(one);
      const text = others?.has(other) ? null : warning();
      if (text === null) return;
      if (others) others.add(other);
      else told.set(one, new Set([other]));
      warnings.push(text);
    },
  };
}

/** Why a route or one of its patterns or methods is never matched. */
function neverMatched(
  route: Route,
  table: RouteTable<Route>,
  { method, places }: Examples,
  published: readonly OwnPlace[],
): string[] {
  const { hosts, paths, methods, headers } = route.match;
  const served = methods?.filter(isServed);
  if (served?.length === 0) return [`can never match: nobody is served ${methods?.join(' or ')}`];
  const fields = fieldsOf({ conditions: headers });
  const matches = (pattern: string): boolean =>
    (hosts ?? ['*']).some((host) =>
      places(host, parsePattern(pattern)).some((at) => {
        const match = table.match(at.host, served?.[0] ?? method, at.segments, fields);
        return match?.route === route && match.pattern === pattern;
      }),
    );
  const readOnly = !!served?.every((named) => named === 'GET' || named === 'HEAD');
  const own = (pattern: string): boolean => {
    const here = published.filter(({ path }) => path === pattern);
    // The only document of a path is that of all hosts, where no route speaks of any.
    const alone = here.length === 1 && [...table.hosts.keys()].join() === '*';
    const answered = (at: string): boolean => here.some(({ host }) => host === null || host === at || alone);
    return readOnly && (hosts ?? ['*']).every(answered);
  };
  return paths.flatMap((pattern) => {
    if (own(pattern)) return [`can never match ${pattern}: the gateway itself answers there`];
    if (matches(pattern)) return [];
    return [
      `can never match ${pattern}: a path that differs in letter case, a slash or a parameter’s name is taken first`,
    ];
  });
}

/** A request that this entry of the second leaf would take, and that no route of the first does. */
function refused({ route, ...entry }: Entry<Route>, { first, second, place }: Rivals<Route>): string | null {
  const fields = fieldsOf(entry);
  const method = (route.match.methods ?? USUAL).find(
    (named) =>
      isServed(named) &&
      entryOf(first, named, fields) === null &&
      entryOf(second, named, fields)?.route === route,
  );
  return method === undefined ? null : shown(method, place, fields);
}

/** A request that the lax entry of the first leaf takes, and that the strict one would take if the lax route were not there. */
function taken(
  lax: Entry<Route>,
  strict: Entry<Route>,
  { first, second, place }: Rivals<Route>,
): string | null {
  const fields = fieldsOfBoth(lax, strict);
  if (fields === null) return null;
  const methods = [...(lax.route.match.methods ?? strict.route.match.methods ?? USUAL), 'HEAD', 'OPTIONS'];
  const method = methods.find((named) => {
    if (!isServed(named) || entryOf(first, named, fields)?.route !== lax.route) return false;
    const next = entryWithout(first, lax.route, named, fields);
    return first === second
      ? next?.route === strict.route
      : next === null && entryWithout(second, lax.route, named, fields)?.route === strict.route;
  });
  return method === undefined ? null : shown(method, place, fields);
}

/** A request in a line: `GET api.example.com/files/x with x-version: 2`. */
function shown(method: string, place: Place, fields: Fields): string {
  const written = fields.flatMap((field, i) => (i % 2 === 0 ? [`${field}: ${fields[i + 1]}`] : []));
  return `${method} ${place.shown}${written.length > 0 ? ` with ${written.join(', ')}` : ''}`;
}
