/** Rules between the settings of how an authorization server is asked. */
import { isProtected, isReserved, spelling } from '../http/headers.ts';
import type { AuthorizationServerConfig } from './authorization-server.ts';
import { isPlainValue } from './client-rules.ts';
import { DECRYPTING, jwksFault } from './jwk.ts';
import type { Within } from './token-rules.ts';

type Introspection = AuthorizationServerConfig['introspection'];

/** The request's own parameters (RFC 7662 section 2.1, RFC 6749 section 2.3.1, RFC 7521 section 4.2). */
const OWN_PARAMETERS = new Set([
  'token',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
]);
/** Fields that are the request's own, those that say how it is read, and the trace's. */
const OWN_FIELDS =
  /^(?:accept(?:-.*)?|content-.*|traceparent|tracestate|baggage|b3|x-b3-.*|(?:x-)?http-method(?:-override)?|x-method-override)$/;
/** Which, beside the reserved ones, say who calls or from where. */
const WHO_CALLS =
  /^(?:cookie|via|max-forwards|remote-.*|.*client-(?:ip|cert|dn|verify).*|.*-connecting-ip|x-client-.*)$/;
/** What `introspect_request` sets. */
const REQUEST_FIELDS = new Set(['x-request-path', 'x-request-http-method']);

/** Every such rule that the settings break. */
export const introspectionFaults = (introspection: Introspection): Within[] =>
  [
    ...parameterFaults(introspection),
    ...headerFaults(introspection),
    ...clientHeaderFaults(introspection),
    ...answerFaults(introspection),
  ].map(({ at, message }) => ({ at: ['introspection', ...at], message }));

function parameterFaults({ parameters }: Introspection): Within[] {
  return Object.keys(parameters).flatMap((name): Within[] => {
    const at = ['parameters', name];
    if (name === 'token_type_hint') return [{ at, message: 'is a setting of its own' }];
    return OWN_PARAMETERS.has(name) ? [{ at, message: 'is the request’s own' }] : [];
  });
}

function headerFaults(introspection: Introspection): Within[] {
  const faults: Within[] = [];
  const said = new Set<string>();
  for (const [name, value] of Object.entries(introspection.headers)) {
    const at = ['headers', name];
    const spelled = spelling(name);
    // Reserved names are Portcullis's towards upstreams; here the operator may say X-Forwarded-Proto.
    if (spelled === 'authorization')
      faults.push({ at, message: 'is how the client authenticates: see client_auth: authorization' });
    else if (isOwn(spelled, introspection) || (isProtected(name) && !isReserved(name)))
      faults.push({ at, message: 'is the request’s own' });
    if (said.has(spelled)) faults.push({ at, message: 'stands twice' });
    said.add(spelled);
    if (!isPlainValue(value.reveal())) faults.push({ at, message: 'expected a header value, on one line' });
  }
  return faults;
}

/** The caller writes these fields: nothing that says who asks, or from where, or what. */
function clientHeaderFaults(introspection: Introspection): Within[] {
  const said = new Set(Object.keys(introspection.headers).map(spelling));
  return introspection.client_headers.flatMap((name, index): Within[] => {
    const at = ['client_headers', index];
    const spelled = spelling(name);
    const twice = said.has(spelled);
    said.add(spelled);
    if (isOwn(spelled, introspection) || isProtected(name) || WHO_CALLS.test(spelled))
      return [{ at, message: 'cannot be a caller’s to say' }];
    return twice ? [{ at, message: 'stands twice, here or in headers' }] : [];
  });
}

const isOwn = (spelled: string, { introspect_request }: Introspection): boolean =>
  OWN_FIELDS.test(spelled) || (introspect_request && REQUEST_FIELDS.has(spelled));

/** Members of an answer that say something else. */
const REGISTERED = new Set(
  'active iss sub aud exp nbf iat jti scope scp client_id azp username token_type cnf act acr auth_time'.split(
    ' ',
  ),
);

function answerFaults({ accept, decryption_keys, jwt_claim, cache }: Introspection): Within[] {
  const faults: Within[] = [];
  if (cache.max_size === 0)
    faults.push({
      at: ['cache', 'max_size'],
      message: 'expected a size above zero; to keep nothing, say max_ttl: 0s',
    });
  if (jwt_claim !== undefined && REGISTERED.has(jwt_claim))
    faults.push({ at: ['jwt_claim'], message: 'is a member that says something else' });
  if (!decryption_keys) return faults;
  const at = ['decryption_keys'];
  const unusable = jwksFault(decryption_keys, DECRYPTING);
  if (unusable !== null) faults.push({ at, message: unusable });
  if (accept !== 'auto' && accept !== 'application/token-introspection+jwt')
    faults.push({
      at,
      message: 'are for RFC 9701: they need accept: auto, or application/token-introspection+jwt',
    });
  return faults;
}
