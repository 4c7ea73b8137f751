/** The fix for each refusal, for the operator who asked (`portcullis explain`). Claims are named here, as nowhere else. */
import type { Denial, PolicyDenied } from '../denial.ts';
import type { Permitted } from '../exchange.ts';
import { MEANINGLESS } from '../http/credential-places.ts';
import { crossOriginRemedy } from './cross-origin-remedy.ts';
import { claimsRemedy, consumerRemedy, loginRemedy } from './requirement-remedy.ts';
import { phantomRemedy, serverRemedy } from './server-remedy.ts';
import { type About, tokenRemedy } from './token-remedy.ts';

/** What is known beside the refusal. */
export type Known = Omit<About, 'route'> & {
  /** The exchange as far as it came. */
  readonly exchange: Partial<Permitted>;
  /** Where there is no route: those that come near, and why they are none. */
  readonly near: readonly string[];
  /** Those of the policies in force, and why there are no policies, where that is so. */
  readonly entrypoints: readonly string[];
  readonly policyFailure: string | null;
};

/** What to do, the likeliest first; at least one line. It has no default arm: a new reason does not compile until it has a remedy. */
export function remedy(denial: Denial, known: Known): string[] {
  const { exchange, near, entrypoints, policyFailure } = known;
  const { route } = exchange;
  const about: About = { ...known, route };
  switch (denial.denial) {
    case 'malformed_request':
      return /method that was judged/.test(denial.detail)
        ? [
            'call by the method that is meant; for an upstream that needs the header, see dangerously_forward_method_override',
          ]
        : ['mend the request itself: no route takes it as it is'];
    case 'ambiguous_path':
      return pathRemedy(denial.detail);
    case 'uri_too_long':
      return ['shorten the target, or raise server.limits.url_length'];
    case 'header_fields_too_large':
      return ['send less, or raise server.limits.header_size or header_count'];
    case 'content_too_large':
      return [
        'send less, or raise body.max_size of the route (of a form with a token in it: body.credential_max_size; and it has 1,000 fields at most)',
      ];
    case 'request_timeout':
      return ['send faster, or raise server.limits.header_timeout or body_timeout'];
    case 'expectation_failed':
      return ['send no Expect but 100-continue'];
    case 'method_not_allowed':
      return ['TRACE is never served: use another method'];
    case 'upgrade_not_served':
      return ['send no Upgrade: WebSockets and other protocols are not served'];
    case 'too_many_connections':
      return ['raise server.limits.connections, or find who holds them'];
    case 'too_many_connections_of_address':
      return ['raise server.limits.connections_per_address, or name the proxy in server.trusted_proxies'];
    case 'no_route':
      return near.length > 0
        ? ['these routes come near:', ...near]
        : ['no route has such a path: `portcullis routes` lists them all'];
    case 'cross_origin_refused':
      return crossOriginRemedy(denial.detail, exchange);
    case 'credential_missing':
      return [
        `send a token, in one of: ${placesOf(route)} (here: --token -)`,
        'a route for callers without one says token: optional, or none',
      ];
    case 'credential_not_bearer':
      return ['send Authorization: Bearer and the token: Basic and other schemes are not taken'];
    case 'credential_ambiguous':
      return /has no meaning/.test(denial.detail)
        ? formRemedy(exchange)
        : [`send one token, once, in one of: ${placesOf(route)}`];
    case 'invalid_token':
      return tokenRemedy(denial.fault, denial.detail, about);
    case 'insufficient_scope':
      return [
        `the token has ${exchange.identity?.facts.scopes.join(' ') || 'no scope'}; the route needs ${(route?.scopes ?? []).map((anyOf) => anyOf.join(' or ')).join(', and ')}`,
        'ask for it in the token request, and let the authorization server grant it to that client; or change the route’s scopes',
      ];
    case 'insufficient_claims':
      return claimsRemedy(denial, about);
    case 'insufficient_user_authentication':
      return loginRemedy(denial, about);
    case 'consumer_unknown':
      return consumerRemedy(about);
    case 'too_many_new_tokens':
      return ['wait, or raise introspection.limits.misses_per_address or burst of the authorization server'];
    case 'authorization_server_unavailable':
      return serverRemedy(denial.detail);
    case 'phantom_unavailable':
      return phantomRemedy(route, known.asked);
    case 'policy_denied':
      return policyRemedy(denial);
    case 'policy_unavailable':
      return [
        entrypoints.length > 0
          ? `the policies have ${entrypoints.join(', ')}: name one of them, or add this one and build anew`
          : `see policies.source: ${policyFailure ?? 'no policies are there'}`,
      ];
    case 'policy_error':
      if (denial.detail.startsWith('the evaluation failed'))
        return [
          `see what ${denial.entrypoint} does with this input: opa eval shows it, with the input that --json prints here; docs/engine.md has the limits`,
        ];
      return [
        'mend the decision: a boolean, or an object with allow and the keys that docs/policies.md lists; headers only by policy_headers',
      ];
    case 'policy_timeout':
      return [
        'raise policy_timeout, or policies.threads where others hold the threads; see what the policy does with this input that takes so long',
      ];
    case 'unrepresentable_claim':
      return ['leave that claim out of identity_headers: no header can carry it; the JWT can'];
    case 'loop_detected':
      return [
        'see where the upstream leads: back here. Of several gateways in a row, each has its own server.via',
      ];
    case 'upstream_busy':
      return ['raise connections or queue of the service, or see why the upstream is slow'];
    case 'upstream_unreachable':
      return ['see the service’s upstream and tls: is it up, and reachable from here?'];
    case 'upstream_malformed':
      return ['see what the upstream answers: it is not HTTP as it should be'];
    case 'upstream_timeout':
      return ['see why the upstream is slow, or raise timeouts of the service'];
    case 'client_gone':
      return ['the client left before the end: nothing is to be mended here'];
    case 'internal_error':
      return ['this is a bug of Portcullis: please report it'];
  }
}

const placesOf = (route: Pick<Permitted['route'], 'credential'> | undefined): string =>
  (route?.credential ?? [{ in: 'header', name: 'authorization' }])
    .map(({ in: place, name }) =>
      name === 'authorization' ? 'Authorization: Bearer' : `${place === 'body' ? 'form' : place} ${name}`,
    )
    .join(', ');

/** Of what makes a path ambiguous, some forms can be admitted. */
function pathRemedy(detail: string): string[] {
  const form = /^the path(?: for the upstream)? has (%2F|%3F|%23|%25|;|\/\/)$/.exec(detail)?.[1];
  if (form === undefined)
    return [
      'write the path plainly: no dot segments, backslashes, or what another reader may take for them. No setting admits those',
    ];
  return [
    `write the path without ${form}`,
    `or, where the upstream is known to read it as Portcullis does: ambiguous_paths: { allow: ['${form}'] } on the route`,
  ];
}

/** A token stood in a body that nobody has to take for a form (RFC 6750 section 2.2). */
function formRemedy({ method = '', route }: Partial<Permitted>): string[] {
  const others = route?.credential.filter(({ in: place }) => place !== 'body') ?? [];
  return [
    MEANINGLESS.has(method)
      ? `a ${method} has no form for a token to be in (RFC 6750 section 2.2): use POST`
      : 'say that the body is a form: Content-Type: application/x-www-form-urlencoded',
    ...(route && others.length > 0 ? [`or send it in one of: ${placesOf({ credential: others })}`] : []),
  ];
}

function policyRemedy({ entrypoint, undefined: none, reason, revision }: PolicyDenied): string[] {
  const rule = `data.${entrypoint.replaceAll('/', '.')}`;
  if (none)
    return [
      `no rule of ${rule} holds for this input: see which condition fails with opa eval, on the input that docs/policies.md describes`,
      `is the policy that was meant in force? This is revision ${revision}`,
    ];
  return [
    `${rule} of revision ${revision} says no${reason === null ? ', and not why: let it give a reason (docs/policies.md)' : ''}`,
    'see what it looks at: the claims above, the request, and its data',
  ];
}
