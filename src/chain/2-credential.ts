import { type Denial, isDenial } from '../denial.ts';
import type { Bearing, Routed } from '../exchange.ts';
import {
  emptied,
  isAuthorization,
  passesOn,
  type Taken,
  takeFromForm,
  takeFromHead,
} from '../http/credential-places.ts';
import { crossSite } from '../http/cross-site.ts';
import { readToken } from '../oauth/token-form.ts';
import type { Stage } from './stage.ts';

/**
 * Takes the bearer token from where the route says that it may be. It looks everywhere there, and refuses a request with two, or with
 * what another reader may take for a second one. A form is read only where the route names `body`. A token with bad characters or too
 * long is refused without asking. Where no token is needed, those places are emptied all the same, unless what is unverified goes on.
 * A token in a cookie is not taken of a page of another site that would change something by it.
 * Denials: credential_missing, credential_not_bearer, credential_ambiguous, invalid_token (malformed), cross_origin_refused,
 * content_too_large, client_gone.
 */
export function credential(): Stage<Routed, Bearing> {
  return {
    name: 'credential',
    run(exchange) {
      const head = takeFromHead(exchange);
      const judged = judge(exchange, head);
      // Whoever is refused by the head need not send the rest.
      if (isDenial(judged) && judged.denial !== 'credential_missing') return judged;
      const form = takeFromForm(exchange, head);
      if (form === null || isDenial(form)) return form ?? judged;
      return form.then((taken) => (isDenial(taken) ? taken : judge(exchange, taken)));
    },
  };
}

/** Is there the one token that the route needs, or none where it needs none? */
function judge(exchange: Routed, taken: Taken): Bearing | Denial {
  const { route } = exchange;
  const { challenge } = route;
  const { sent, doubt } = taken;
  if (doubt !== null && !passesOn(route)) return { denial: 'credential_ambiguous', detail: doubt };
  const bearing = (token: string | null): Bearing => ({
    ...exchange,
    ...emptied(exchange, { ...taken, token }),
  });
  if (route.token === 'none') return bearing(null);
  if (sent.length > 1)
    return {
      denial: 'credential_ambiguous',
      detail: `there are several: ${sent.map(({ at }) => `${at.in} ${at.name}`).join(', ')}`,
    };
  const [only] = sent;
  if (!only) return route.token === 'optional' ? bearing(null) : { denial: 'credential_missing', challenge };
  const { at, written } = only;
  // `Bearer` before a tab or a comma is still bearer to a lenient upstream: malformed, not another scheme.
  if (isAuthorization(at) && !/^bearer\b/i.test(written))
    return { denial: 'credential_not_bearer', challenge };
  const token = readToken(
    written,
    isAuthorization(at) ? 'needed' : at.in === 'header' ? 'tolerated' : 'none',
  );
  if (typeof token === 'object')
    return { denial: 'invalid_token', fault: 'malformed', detail: token.malformed, challenge };
  const detail = at.in === 'cookie' ? crossSite(exchange, route.cors) : null;
  if (detail !== null) return { denial: 'cross_origin_refused', detail };
  return bearing(token);
}
