/** What can be done about an authorization server that gives no answer, or none that is of use, by what was said of it. */
import type { Route } from '../config/route.ts';
import { inWords } from './jwt-remedy.ts';

/** What a server’s trouble says, and what mends it; the first that fits. */
const TROUBLE: readonly (readonly [said: RegExp, remedy: string])[] = [
  [
    /invalid_client|unauthorized_client|answered 401/,
    'it does not know us: see client_id and client_auth, and compare them, and the secret or key, with the client’s registration',
  ],
  [
    /answered 403|access_denied/,
    'it knows the gateway, and does not let it introspect: permit that to the client at the server',
  ],
  [/answered 5\d\d/, 'it is ill itself: its own log says why'],
  [
    /[Tt]imeout|TIMEOUT|TIMEDOUT/,
    'it is too slow: see how it is, or give it longer with introspection.timeout',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|ERR_TLS|ERR_SSL|EPROTO/,
    'its certificate is not believed: name the CA that signed it in tls.ca, and the host that it is for in base_url',
  ],
  [
    /ECONN|ENOTFOUND|EAI_AGAIN|EHOST|ENET|EPIPE|UND_ERR/,
    'it cannot be reached from here: compare issuer and base_url, DNS and firewalls; is it up?',
  ],
  [/nor one of endpoint_origins/, 'if that address is the server’s, name its origin in endpoint_origins'],
  [/allow_insecure_requests/, 'use https://; for tests alone, set allow_insecure_requests: true'],
  [/decrypt/, 'give the key that it encrypts for in introspection.decryption_keys, with its alg'],
  [
    /no metadata/,
    'no metadata names this issuer: compare issuer, letter by letter, and base_url; or set introspection.endpoint',
  ],
  [
    /jwks_uri|key set|JWS|JWKS|JWK_|JOSE/,
    'compare the server’s keys (jwks_uri) and algorithms with what signs its answers',
  ],
  [
    /answered 404|answered 405|introspection_endpoint/,
    'there is no such endpoint: compare issuer and base_url with the server’s metadata, or set introspection.endpoint',
  ],
  [
    /without a JWT in it/,
    'with Keycloak, switch on “Support JWT claim in introspection response” for the client; or take its JSON with introspection.accept: application/json',
  ],
  [
    /answered with text\/html/,
    'that is a page for people: introspection.endpoint is wrong, or a login page or a proxy stands before it',
  ],
  [/answered with .* not /, 'it answers in another form: set introspection.accept to that, or to auto'],
  [/aud is not this client/, 'its answer is for another client: compare client_id'],
  [/iss is not the issuer|no iss/, 'write the issuer letter by letter as the server’s own iss has it'],
  [
    /left alone|too many|under way/,
    'it has been failing or is asked too much: see introspection.breaker and introspection.limits',
  ],
];

/** What to do when an authorization server gives no usable answer. */
export function serverRemedy(detail: string): string[] {
  const remedy =
    TROUBLE.find(([said]) => said.test(detail))?.[1] ??
    'its answer breaks the form of RFC 7662: see the server’s log, and what it answers to the same call by hand';
  const why = inWords(detail);
  return why === null ? [remedy] : [`of the JWT in its answer: ${why}`, remedy];
}

/** What to do when the upstream is to get a JWT, and the answer carried none. */
export const phantomRemedy = (route: Route | undefined, asked: string | null): string[] => [
  `have ${asked ?? 'the server'} send one: with Keycloak, introspection.accept: application/jwt, and the client’s “Support JWT claim in introspection response”`,
  `or mint one here: phantom_jwt: mint and an audience on the service${route ? ` ${route.service.name}` : ''}, and the section phantom with issuer and keys`,
  'or send none: identity_headers: { jwt: false }',
];
