/**
 * Every reason a request is refused, and the one map from reasons to HTTP. Terse outside, rich inside: the client gets what
 * RFC 6750 and RFC 9457 give it; the whole denial goes to the trace and the decision log under the same decision id.
 */
import { STATUS_CODES } from 'node:http';

/** Why a token was refused. */
export type TokenFault =
  | 'malformed'
  | 'inactive'
  | 'expired'
  | 'not_yet_valid'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'sender_constrained'
  /** A refresh token, an ID token, or the like. */
  | 'not_an_access_token'
  /** A JWT whose signature or form is not right, on a route that verifies JWTs itself. */
  | 'unverifiable'
  /** A JWT, on a route that takes none. */
  | 'jwt_refused';

/** A refusal, as a value. `detail` is for operators: it is logged and traced, and never reaches the client. */
export type Denial =
  | { readonly denial: 'malformed_request'; readonly detail: string }
  | { readonly denial: 'ambiguous_path'; readonly detail: string }
  | { readonly denial: 'uri_too_long' }
  | { readonly denial: 'header_fields_too_large' }
  | { readonly denial: 'content_too_large' }
  | { readonly denial: 'request_timeout' }
  | { readonly denial: 'expectation_failed' }
  | { readonly denial: 'method_not_allowed'; readonly allow: readonly string[] }
  | { readonly denial: 'upgrade_not_served' }
  | { readonly denial: 'too_many_connections' }
  | { readonly denial: 'too_many_connections_of_address' }
  | { readonly denial: 'no_route' }
  | { readonly denial: 'cross_origin_refused'; readonly detail: string }
  | { readonly denial: 'credential_missing'; readonly challenge: Challenge }
  | { readonly denial: 'credential_not_bearer'; readonly challenge: Challenge }
  | { readonly denial: 'credential_ambiguous'; readonly detail: string }
  | {
      readonly denial: 'invalid_token';
      readonly fault: TokenFault;
      readonly detail: string;
      readonly challenge: Challenge;
    }
  | {
      readonly denial: 'insufficient_scope';
      /** What of the route's `scopes` the token lacks: of each list one would suffice. */
      readonly missing: readonly (readonly string[])[];
      readonly challenge: Challenge;
    }
  | {
      readonly denial: 'insufficient_claims';
      /** The claims, as the configuration names them. */
      readonly missing: readonly string[];
    }
  | {
      /** RFC 9470: the user must log in better, or anew. */
      readonly denial: 'insufficient_user_authentication';
      readonly detail: string;
      readonly acr: readonly string[];
      /** Milliseconds. */
      readonly max_age: number | null;
      readonly challenge: Challenge;
    }
  | { readonly denial: 'consumer_unknown'; readonly detail: string }
  | {
      readonly denial: 'too_many_new_tokens';
      readonly detail: string;
      /** Seconds until there is room for another one. */
      readonly retry_after: number;
    }
  | {
      readonly denial: 'authorization_server_unavailable';
      readonly detail: string;
      /** Seconds until it may be worth to try again. */
      readonly retry_after: number;
    }
  | { readonly denial: 'phantom_unavailable'; readonly detail: string }
  | PolicyDenied
  | { readonly denial: 'policy_unavailable'; readonly detail: string }
  | PolicyFailed<'policy_error'>
  | PolicyFailed<'policy_timeout'>
  | { readonly denial: 'unrepresentable_claim'; readonly detail: string }
  | { readonly denial: 'loop_detected' }
  | { readonly denial: 'upstream_busy'; readonly detail: string }
  | { readonly denial: 'upstream_unreachable'; readonly detail: string }
  | { readonly denial: 'upstream_malformed'; readonly detail: string }
  | { readonly denial: 'upstream_timeout'; readonly detail: string }
  | { readonly denial: 'client_gone' }
  | { readonly denial: 'internal_error'; readonly detail: string };

/** What a challenge tells the client, besides its error. */
export type Challenge = {
  /** All that the route requires. */
  readonly scopes: readonly string[];
  /** Where the API's metadata is, which names its authorization servers (RFC 9728); null when it has none. */
  readonly resource_metadata: string | null;
};

const NO_CHALLENGE: Challenge = { scopes: [], resource_metadata: null };

/** A policy gave no decision: its evaluation failed, or its result is none; or it was stopped. */
export type PolicyFailed<Name extends string> = {
  readonly denial: Name;
  readonly entrypoint: string;
  readonly revision: string;
  readonly detail: string;
};

/** A policy said no, and perhaps what to tell the client. */
export type PolicyDenied = {
  readonly denial: 'policy_denied';
  readonly entrypoint: string;
  readonly revision: string;
  /** The policy gave no decision at all: Rego's undefined. */
  readonly undefined: boolean;
  readonly reason: string | null;
  readonly status: number | null;
  readonly message: string | null;
  readonly body: unknown;
  /** Fields for the client's answer. */
  readonly fields: readonly string[];
  /** Nobody was identified: a 401 then asks for a token, else for another one. */
  readonly anonymous: boolean;
  /** For a denial that asks for a token (401). */
  readonly challenge: Challenge;
};

export type Reason = Denial['denial'];

/** Is this a refusal, rather than a richer exchange? */
export const isDenial = (result: object): result is Denial => 'denial' in result;

/** What a client is told: status, header fields and the problem's members (RFC 9457). */
export type Refusal = {
  readonly status: number;
  /** Flat header fields. */
  readonly fields: readonly string[];
  readonly title: string;
  readonly detail: string;
  /** Further members of the problem. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** A body of the policy's own, instead of the problem. */
  readonly body?: unknown;
};

/** In seconds. */
const retryAfter = (seconds: number): readonly string[] => ['Retry-After', String(seconds)];
const RETRY = retryAfter(1);

/** The one map from reasons to HTTP. It has no default arm: a new reason does not compile until it is mapped. */
export function refusal(denial: Denial): Refusal {
  switch (denial.denial) {
    case 'malformed_request':
      return answer(400, 'The request is malformed.');
    case 'ambiguous_path':
      return answer(400, 'The path can be read in more than one way.');
    case 'uri_too_long':
      return answer(414, 'The request target is too long.');
    case 'content_too_large':
      return answer(413, 'The body is too large.');
    case 'header_fields_too_large':
      return answer(431, 'The header is too large.');
    case 'request_timeout':
      return answer(408, 'The request took too long to arrive.');
    case 'expectation_failed':
      return answer(417, 'Only 100-continue can be expected.');
    case 'method_not_allowed':
      return answer(405, 'This method is not served.', ['Allow', denial.allow.join(', ')]);
    case 'upgrade_not_served':
      return answer(501, 'Other protocols are not served here.');
    case 'too_many_connections':
      return answer(503, 'There are too many connections at the moment.', RETRY);
    case 'too_many_connections_of_address':
      return answer(429, 'There are too many connections from this address.', RETRY);
    case 'no_route':
      return answer(404, 'There is nothing here.');
    case 'cross_origin_refused':
      return answer(403, 'This page may not send this request.');
    case 'credential_missing':
    case 'credential_not_bearer':
      // RFC 6750 section 3.1: no error code when the request had no bearer token.
      return answer(401, 'A bearer token is needed.', challenge(null, denial.challenge));
    case 'credential_ambiguous':
      return answer(400, 'Send one credential, once.', challenge('invalid_request', NO_CHALLENGE));
    case 'invalid_token':
      return answer(401, 'The token is not valid here.', challenge('invalid_token', denial.challenge));
    case 'insufficient_scope':
      return {
        ...answer(
          403,
          'The token lacks a scope that is needed here.',
          challenge('insufficient_scope', denial.challenge),
        ),
        // In the notation of the route's own `scopes`: a nested list is any of.
        members: { missing_scopes: denial.missing.map((anyOf) => (anyOf.length === 1 ? anyOf[0] : anyOf)) },
      };
    case 'insufficient_claims':
    case 'consumer_unknown':
      return answer(403, 'The token does not give access here.');
    case 'insufficient_user_authentication':
      return answer(
        401,
        'The user has to log in again, or by other means.',
        challenge('insufficient_user_authentication', denial.challenge, [
          ...(denial.acr.length > 0 ? [`acr_values="${denial.acr.join(' ')}"`] : []),
          ...(denial.max_age === null ? [] : [`max_age="${Math.floor(denial.max_age / 1_000)}"`]),
        ]),
      );
    case 'too_many_new_tokens':
      return answer(429, 'Too many tokens were sent from this address.', retryAfter(denial.retry_after));
    case 'authorization_server_unavailable':
      return answer(503, 'The token cannot be checked at the moment.', retryAfter(denial.retry_after));
    case 'phantom_unavailable':
    case 'unrepresentable_claim':
      return answer(503, 'The request cannot be passed on at the moment.', RETRY);
    case 'policy_denied': {
      const { status, message, body, fields, anonymous, challenge: asked } = denial;
      const asking = status === 401 ? challenge(anonymous ? null : 'invalid_token', asked) : [];
      return {
        ...answer(status ?? 403, message ?? 'The policy does not allow this.', [...fields, ...asking]),
        ...(body === null ? {} : { body }),
      };
    }
    case 'policy_timeout':
      return answer(503, 'The policy took too long.', RETRY);
    case 'policy_unavailable':
      return answer(503, 'The policy is not available at the moment.', RETRY);
    case 'policy_error':
      return answer(500, 'The policy gave no usable decision.');
    case 'loop_detected':
      return answer(508, 'The request goes in a circle.');
    case 'upstream_busy':
      return answer(503, 'The API is busy at the moment.', RETRY);
    case 'upstream_unreachable':
      return answer(502, 'The API cannot be reached.');
    case 'upstream_malformed':
      return answer(502, 'The API gave no usable answer.');
    case 'upstream_timeout':
      return answer(504, 'The API took too long.');
    case 'client_gone':
      // Nobody reads it; 499 is how logs and traces know a client who left.
      return answer(499, 'The client left.');
    case 'internal_error':
      return answer(500, 'Something went wrong here.');
  }
}

/** The title is the status's own phrase, as RFC 9457 section 4.2.1 asks where the type is `about:blank`. */
const answer = (status: number, detail: string, fields: readonly string[] = []): Refusal => ({
  status,
  fields,
  title: STATUS_CODES[status] ?? 'Refused',
  detail,
});

/** WWW-Authenticate by RFC 6750 section 3, RFC 9470 section 3 and RFC 9728 section 5.1; `scope` names every scope that the route requires. */
function challenge(
  error: string | null,
  { scopes, resource_metadata }: Challenge,
  more: readonly string[] = [],
): string[] {
  const attributes = [
    ...(error === null ? [] : [`error="${error}"`]),
    ...(scopes.length > 0 ? [`scope="${scopes.join(' ')}"`] : []),
    ...more,
    ...(resource_metadata === null ? [] : [`resource_metadata="${resource_metadata}"`]),
  ];
  // The scheme must be followed by an attribute: a realm, where there is nothing else to say.
  return ['WWW-Authenticate', `Bearer ${attributes.join(', ') || 'realm="api"'}`];
}

/** What an operator reads of a denial, in a log or a trace. Holds nothing of the token. */
export function explanation(denial: Denial): string {
  if (denial.denial === 'policy_denied')
    return (
      denial.reason ?? (denial.undefined ? 'the policy is undefined for this input' : 'the policy said no')
    );
  if (denial.denial === 'insufficient_scope')
    return `missing scopes: ${denial.missing.map((anyOf) => anyOf.join(' or ')).join(', ')}`;
  if (denial.denial === 'insufficient_claims')
    return `claims absent or not as required: ${denial.missing.join(', ')}`;
  if (denial.denial === 'invalid_token') return `${denial.fault}: ${denial.detail}`;
  return 'detail' in denial ? denial.detail : denial.denial;
}
