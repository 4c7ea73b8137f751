import type { Route } from '../config/route.ts';
import type { Received, Routed } from '../exchange.ts';
import { type Fields, fieldsFault, methodOverride } from '../http/headers.ts';
import { compileRewrite, type Rewrite } from '../http/rewrite.ts';
import type { Match, RouteTable } from '../http/route-table.ts';
import type { Stage } from './stage.ts';

/** What a route without `methods` serves, as far as it has names. */
const COMMON = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Finds the route of a request, and refuses what two programs could read differently. The same answer tells of that whether there is a
 * route or not. Denials: malformed_request, credential_ambiguous, method_not_allowed, ambiguous_path, no_route, content_too_large.
 */
export function route(table: RouteTable<Route>): Stage<Received, Routed> {
  const rewriteOf = rewrites();
  return {
    name: 'route',
    run(exchange) {
      const { target, method, host, fields, body } = exchange;
      const fault = fieldsFault(fields) ?? table.headersFault(fields);
      if (fault !== null)
        return {
          // RFC 6750 section 3.1: a token sent in more than one way is its `invalid_request`.
          denial: authorizations(fields) > 1 ? 'credential_ambiguous' : 'malformed_request',
          detail: fault,
        };
      if (method === 'TRACE') {
        const served = table.allowed(host, target.segments) ?? COMMON;
        return { denial: 'method_not_allowed', allow: served.filter((name) => name !== 'TRACE') };
      }
      const match = table.match(host, method, target.segments, fields);
      const refused = target.ambiguities.find((form) => !match?.route.ambiguous_paths.allow.includes(form));
      if (refused !== undefined) return { denial: 'ambiguous_path', detail: `the path has ${refused}` };
      const override = methodOverride(fields);
      if (override !== null && !match?.route.dangerously_forward_method_override)
        return {
          denial: 'malformed_request',
          detail: `${override} would change the method that was judged`,
        };
      if (!match) return { denial: 'no_route' };
      if (body?.length && body.length > match.route.body.max_size) return { denial: 'content_too_large' };
      const upstreamPath = rewriteOf(match)?.(target.path) ?? target.path;
      if (typeof upstreamPath !== 'string')
        return {
          denial: upstreamPath.fault === 'ambiguous' ? 'ambiguous_path' : 'malformed_request',
          detail: upstreamPath.why,
        };
      return { ...exchange, ...match, upstream_path: upstreamPath };
    },
  };
}

const authorizations = (fields: Fields): number =>
  fields.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'authorization').length;

/** What a matched route does to the path, compiled when first asked for; null where nothing. */
function rewrites(): (match: Match<Route>) => Rewrite | null {
  const compiled = new Map<string, Rewrite | null>();
  return ({ route: matched, pattern }) => {
    if (matched.strip_prefix === false && matched.rewrite === false) return null;
    const key = `${matched.name} ${pattern}`;
    let rewrite = compiled.get(key);
    if (rewrite === undefined)
      compiled.set(key, (rewrite = compileRewrite(matched, pattern, matched.ambiguous_paths.allow)));
    return rewrite;
  };
}
