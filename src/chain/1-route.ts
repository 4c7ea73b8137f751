import type { Route } from '../config/resolve.ts';
import type { Received, Routed } from '../exchange.ts';
import { type Fields, fieldsFault } from '../http/headers.ts';
import { buildRouteTable } from '../http/route-table.ts';
import type { Stage } from './stage.ts';

/** What a route without `methods` serves, as far as it has names. */
const COMMON = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Finds the route of a request, by host, path and method, and refuses what two programs could read differently.
 * Denials: malformed_request, credential_ambiguous, method_not_allowed, ambiguous_path, no_route.
 */
export function route(routes: readonly Route[]): Stage<Received, Routed> {
  const table = buildRouteTable(routes);
  const methods = new Set([...COMMON, ...routes.flatMap(({ match }) => match.methods ?? [])]);
  methods.delete('TRACE');
  return {
    name: 'route',
    run(exchange) {
      const { target, method, host, fields } = exchange;
      const fault = fieldsFault(fields);
      if (fault !== null)
        return {
          // RFC 6750 section 3.1: a token sent in more than one way is its `invalid_request`.
          denial: authorizations(fields) > 1 ? 'credential_ambiguous' : 'malformed_request',
          detail: fault,
        };
      if (method === 'TRACE') {
        const allow = [...methods].filter((served) => table.match(host, served, target.segments) !== null);
        return { denial: 'method_not_allowed', allow };
      }
      const match = table.match(host, method, target.segments);
      const refused = target.ambiguities.find((form) => !match?.route.ambiguous_paths.allow.includes(form));
      if (refused !== undefined) return { denial: 'ambiguous_path', detail: `the path has ${refused}` };
      if (!match) return { denial: 'no_route' };
      return { ...exchange, ...match };
    },
  };
}

const authorizations = (fields: Fields): number =>
  fields.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'authorization').length;
