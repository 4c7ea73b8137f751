import type { Route } from '../config/resolve.ts';
import type { Received, Routed } from '../exchange.ts';
import { fieldsFault } from '../http/headers.ts';
import { buildRouteTable } from '../http/route-table.ts';
import type { Stage } from './stage.ts';

/**
 * Finds the route of a request, by host, path and method, and refuses what two programs could read differently.
 * Denials: malformed_request, method_not_allowed, ambiguous_path, no_route.
 */
export function route(routes: readonly Route[]): Stage<Received, Routed> {
  const table = buildRouteTable(routes);
  return {
    name: 'route',
    run(exchange) {
      const { target, method, host } = exchange;
      const fault = fieldsFault(exchange.fields);
      if (fault !== null) return { denial: 'malformed_request', detail: fault };
      if (method === 'TRACE') {
        const { methods } = table.match(host, 'GET', target.segments)?.route.match ?? {};
        return {
          denial: 'method_not_allowed',
          allow: methods ?? ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
        };
      }
      const match = table.match(host, method, target.segments);
      const refused = target.ambiguities.find((form) => !match?.route.ambiguous_paths.allow.includes(form));
      if (refused !== undefined) return { denial: 'ambiguous_path', detail: `the path has ${refused}` };
      if (!match) return { denial: 'no_route' };
      return { ...exchange, ...match };
    },
  };
}
