import type { Denial } from '../denial.ts';
import type { Bearing, Routed } from '../exchange.ts';
import { field } from '../http/headers.ts';
import type { Stage } from './stage.ts';

/** RFC 6750 section 2.1: the scheme, one or more spaces, a b64token. */
const BEARER = /^bearer +(?<token>[A-Za-z0-9\-._~+/]+=*)$/i;
/** A JWT has three parts; anything else is opaque, and no server's opaque tokens come near 4 KiB. */
const LONGEST_JWT_BYTES = 65_536;
const LONGEST_OPAQUE_BYTES = 4_096;

/**
 * Takes the bearer token from the Authorization header. A token with bad characters or too long is refused without asking.
 * Denials: credential_missing, credential_not_bearer, invalid_token (malformed).
 */
export function credential(): Stage<Routed, Bearing> {
  return {
    name: 'credential',
    run(exchange) {
      const { route, fields } = exchange;
      if (route.token === 'none') return { ...exchange, token: null };
      const required = route.scopes.flat();
      const authorization = field(fields, 'authorization');
      if (authorization === undefined) {
        return route.token === 'optional'
          ? { ...exchange, token: null }
          : { denial: 'credential_missing', required };
      }
      // `Bearer` before a tab or a comma is still bearer to a lenient upstream: malformed, not another scheme.
      if (!/^bearer\b/i.test(authorization)) return { denial: 'credential_not_bearer', required };
      const token = BEARER.exec(authorization)?.groups?.['token'];
      const refuse = (detail: string): Denial => ({
        denial: 'invalid_token',
        fault: 'malformed',
        detail,
        required,
      });
      if (token === undefined) return refuse('it has characters that a bearer token cannot have');
      if (token.length > (looksLikeJwt(token) ? LONGEST_JWT_BYTES : LONGEST_OPAQUE_BYTES))
        return refuse('it is too long');
      return { ...exchange, token };
    },
  };
}

const looksLikeJwt = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
