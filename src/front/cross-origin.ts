/** CORS at the gateway: preflights are answered here, and every other answer of such a route says who may read it, refusals too. */
import type { Route } from '../config/route.ts';
import type { Denial } from '../denial.ts';
import type { Received } from '../exchange.ts';
import { CORS_FIELDS, corsFields, originOf, preflightFields, preflightOf } from '../http/cors.ts';
import { fieldsFault, methodOverride } from '../http/headers.ts';
import type { Dressing } from '../http/response-fields.ts';
import type { RouteTable } from '../http/route-table.ts';

/** How CORS concerns a request: what its answer is dressed in, and, for a preflight, the answer itself. */
export type CrossOrigin = {
  readonly dressing: Dressing;
  /** Fields of a preflight's 204, or its refusal; null for any other request. */
  readonly preflight: { readonly fields: readonly string[] } | Denial | null;
};

/** Judges a request; null where its route says nothing of CORS. */
export type JudgeOrigin = (received: Received) => CrossOrigin | null;

/**
 * Makes the judge of the routes' `cors`. A true preflight is matched by the method it asks about: only where that route configures
 * CORS does it skip the chain. Anything else is matched, and goes on, as what it is.
 */
export function crossOrigin(table: RouteTable<Route>): JudgeOrigin {
  return ({ host, method, target: { segments, ambiguities }, fields }) => {
    const preflight = preflightOf(method, fields);
    const route = preflight && table.match(host, preflight.method, segments, fields)?.route;
    const asked = route?.cors;
    // What the chain would refuse of any request is left to it.
    const sound = (): boolean =>
      (fieldsFault(fields) ?? methodOverride(fields) ?? table.headersFault(fields)) === null &&
      ambiguities.every((form) => route?.ambiguous_paths.allow.includes(form));
    if (preflight && asked && sound()) {
      const answer = preflightFields(asked, preflight);
      return typeof answer === 'string'
        ? {
            dressing: { removes: CORS_FIELDS, adds: corsFields(asked, undefined) },
            preflight: { denial: 'cross_origin_refused', detail: answer },
          }
        : { dressing: { removes: new Set(), adds: [] }, preflight: { fields: answer } };
    }
    const cors = table.match(host, method, segments, fields)?.route.cors;
    return cors
      ? { dressing: { removes: CORS_FIELDS, adds: corsFields(cors, originOf(fields)) }, preflight: null }
      : null;
  };
}
