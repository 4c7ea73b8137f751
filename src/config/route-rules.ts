/** Rules between a route's settings, and between routes. */
import { isOriginPattern } from '../http/cors.ts';
import { isFieldValue, isProtected, spelling } from '../http/headers.ts';
import { canonicalHost } from '../http/host.ts';
import { tiedRoutes } from '../http/route-table.ts';
import { rewriteFault } from '../http/rewrite.ts';
import { parsePattern, PatternError } from '../http/path-pattern.ts';
import type { Fault } from './fault.ts';
import type { Config } from './resolve.ts';
import { tokenFaults, type Within } from './token-rules.ts';
import type { Route } from './route.ts';

/** Every rule that the routes break. */
export const routesFaults = ({ routes, own_names }: Pick<Config, 'routes' | 'own_names'>): Fault[] => [
  ...routes.flatMap((route, index) => routeFaults(route, ['routes', index], own_names)),
  ...duplicateNames(routes),
  ...ties(routes),
];

function routeFaults(
  route: Route,
  path: readonly (string | number)[],
  ownNames: ReadonlySet<string>,
): Fault[] {
  const faults: Fault[] = [];
  const fault = (key: string, message: string): void => void faults.push({ path: [...path, key], message });
  if (route.token === 'optional' && route.policy === null)
    fault('policy', 'token: optional needs a policy: without one it would admit everybody');
  const only = route.match.paths.length === 1;
  for (const [index, pattern] of route.match.paths.entries()) {
    const message = patternFault(pattern);
    if (message !== null)
      faults.push({ path: [...path, 'match', 'path', ...(only ? [] : [index])], message });
  }
  for (const [index, host] of (route.match.hosts ?? []).entries())
    if (canonicalHost(host.replace(/^\*\./, '')) !== host.replace(/^\*\./, ''))
      faults.push({
        path: [...path, 'match', 'hosts', index],
        message: 'expected a host name, or *. and one, without a port',
      });
  const within = [
    ...tokenFaults(route),
    ...rewriteFaults(route),
    ...conditionFaults(route, ownNames),
    ...corsFaults(route),
    ...headerFaults(route),
  ];
  return [...faults, ...within.map(({ at, message }) => ({ path: [...path, ...at], message }))];
}

function patternFault(pattern: string): string | null {
  try {
    parsePattern(pattern);
    return null;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    // Its message may begin with a segment of the pattern.
    return error.message.replace(/^(?:"(?:[^"\\]|\\.)*"|\{\w+\})/, 'a segment');
  }
}

/** Told once, whatever the number of patterns that it does not fit. */
function rewriteFaults(route: Route): Within[] {
  const at = [route.strip_prefix === false ? 'rewrite' : 'strip_prefix'];
  for (const pattern of route.match.paths) {
    const message = patternFault(pattern) === null ? rewriteFault(route, pattern) : null;
    if (message !== null) return [{ at, message }];
  }
  return [];
}

/** Headers by which a route cannot be told from others: the upstream would not see them, or they come in more than one way. */
function conditionFaults({ match }: Route, ownNames: ReadonlySet<string>): Within[] {
  const taken = new Set<string>();
  return match.headers.flatMap(({ name, values }): Within[] => {
    const at = ['match', 'headers'];
    if (isProtected(name) || ownNames.has(name))
      return [
        {
          at,
          message: `routes cannot be told apart by ${name}${name === 'host' ? ': that is match.hosts' : ', which the upstream does not get as it came'}`,
        },
      ];
    if (taken.has(name)) return [{ at, message: `${name} stands twice` }];
    taken.add(name);
    return values.every((value) => value !== '' && value === value.trim() && isFieldValue(value))
      ? []
      : [{ at, message: `expected a value of ${name} on one line, without blanks around it` }];
  });
}

function corsFaults({ cors }: Route): Within[] {
  if (cors === null) return [];
  const faults = cors.origins.flatMap((origin, index): Within[] =>
    isOriginPattern(origin)
      ? []
      : [
          {
            at: ['cors', 'origins', index],
            message:
              'expected an origin such as https://app.example.com or https://*.example.com, without path and default port, or *',
          },
        ],
  );
  if (cors.credentials && cors.origins.includes('*'))
    faults.push({ at: ['cors', 'credentials'], message: 'any page could act as the user: name the origins' });
  return faults;
}

/** Headers towards the upstream that no route may set, and those that two of its settings would set. */
function headerFaults(route: Route): Within[] {
  const { claims, jwt } = route.identity_headers;
  const set = [
    ...route.policy_headers.map((name, index) => ({ name, at: ['policy_headers', index] })),
    ...claims.map(({ claim, name }) => ({ name, at: ['identity_headers', 'claims', claim] })),
    ...(jwt === false ? [] : [{ name: jwt, at: ['identity_headers', 'jwt'] }]),
  ];
  const allowed = ({ name, at }: (typeof set)[number]): boolean =>
    !isProtected(name) ||
    (at[1] === 'claims' && IDENTITY_HEADER.test(name)) ||
    (at[1] === 'jwt' && name.toLowerCase() === 'authorization');
  const taken = new Set<string>();
  return set.flatMap((one) => {
    if (!allowed(one)) return [{ at: one.at, message: 'this header is not a route’s to set' }];
    if (taken.has(spelling(one.name)))
      return [{ at: one.at, message: 'another setting of this route sets this header too' }];
    taken.add(spelling(one.name));
    return [];
  });
}

/** Reserved so that no client and no policy sets them: they are for claims. */
const IDENTITY_HEADER = /^x-(?:credential|consumer|authenticated)-/i;

const duplicateNames = (routes: readonly Route[]): Fault[] =>
  routes.flatMap(({ name }, index) =>
    routes.findIndex((other) => other.name === name) < index
      ? [{ path: ['routes', index, 'name'], message: 'there is another route of this name' }]
      : [],
  );

/** Two routes that the same request would match equally well: neither could be said to be the more specific. */
const ties = (routes: readonly Route[]): Fault[] =>
  tiedRoutes(routes).map(({ index, other }) => ({
    path: ['routes', index, 'match'],
    message: `matches the same requests as routes[${other}]`,
  }));
