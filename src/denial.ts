/**
 * Every reason a request is refused, and the one map from reasons to HTTP. Terse outside, rich inside: the client gets what
 * RFC 6750 and RFC 9457 give it; the whole denial goes to the trace and the decision log under the same decision id.
 */

/** Why a token was refused. */
export type TokenFault =
  | 'malformed'
  | 'inactive'
  | 'expired'
  | 'not_yet_valid'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'sender_constrained';

/** A refusal, as a value. `detail` is for operators: it is logged and traced, and never reaches the client. */
export type Denial =
  | { readonly denial: 'malformed_request'; readonly detail: string }
  | { readonly denial: 'ambiguous_path'; readonly detail: string }
  | { readonly denial: 'header_fields_too_large' }
  | { readonly denial: 'request_timeout' }
  | { readonly denial: 'expectation_failed' }
  | { readonly denial: 'method_not_allowed'; readonly allow: readonly string[] }
  | { readonly denial: 'no_route' }
  | { readonly denial: 'credential_missing'; readonly required: Required }
  | { readonly denial: 'credential_not_bearer'; readonly required: Required }
  | { readonly denial: 'credential_ambiguous'; readonly detail: string }
  | {
      readonly denial: 'invalid_token';
      readonly fault: TokenFault;
      readonly detail: string;
      readonly required: Required;
    }
  | {
      readonly denial: 'insufficient_scope';
      readonly missing: readonly string[];
      readonly required: Required;
    }
  | { readonly denial: 'authorization_server_unavailable'; readonly detail: string }
  | { readonly denial: 'phantom_unavailable'; readonly detail: string }
  | PolicyDenied
  | { readonly denial: 'policy_unavailable'; readonly detail: string }
  | { readonly denial: 'policy_error'; readonly entrypoint: string; readonly detail: string }
  | { readonly denial: 'unrepresentable_claim'; readonly detail: string }
  | { readonly denial: 'upstream_unreachable'; readonly detail: string }
  | { readonly denial: 'upstream_timeout'; readonly detail: string }
  | { readonly denial: 'client_gone' }
  | { readonly denial: 'internal_error'; readonly detail: string };

/** Scopes that a challenge names: all that the route requires. */
type Required = readonly string[];

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
  /** For a denial that asks for another token (401). */
  readonly required: Required;
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

const RETRY = ['Retry-After', '1'] as const;

/** The one map from reasons to HTTP. It has no default arm: a new reason does not compile until it is mapped. */
export function refusal(denial: Denial): Refusal {
  switch (denial.denial) {
    case 'malformed_request':
      return { status: 400, fields: [], title: 'Bad Request', detail: 'The request is malformed.' };
    case 'ambiguous_path':
      return {
        status: 400,
        fields: [],
        title: 'Bad Request',
        detail: 'The path can be read in more than one way.',
      };
    case 'header_fields_too_large':
      return {
        status: 431,
        fields: [],
        title: 'Request Header Fields Too Large',
        detail: 'The header is too large.',
      };
    case 'request_timeout':
      return {
        status: 408,
        fields: [],
        title: 'Request Timeout',
        detail: 'The request took too long to arrive.',
      };
    case 'expectation_failed':
      return {
        status: 417,
        fields: [],
        title: 'Expectation Failed',
        detail: 'Only 100-continue can be expected.',
      };
    case 'method_not_allowed':
      return {
        status: 405,
        fields: ['Allow', denial.allow.join(', ')],
        title: 'Method Not Allowed',
        detail: 'This method is not served.',
      };
    case 'no_route':
      return { status: 404, fields: [], title: 'Not Found', detail: 'There is nothing here.' };
    case 'credential_missing':
    case 'credential_not_bearer':
      // RFC 6750 section 3.1: no error code when the request had no bearer token.
      return {
        status: 401,
        fields: challenge(null, denial.required),
        title: 'Unauthorized',
        detail: 'A bearer token is needed.',
      };
    case 'credential_ambiguous':
      return {
        status: 400,
        fields: challenge('invalid_request', []),
        title: 'Bad Request',
        detail: 'Send one credential, once.',
      };
    case 'invalid_token':
      return {
        status: 401,
        fields: challenge('invalid_token', denial.required),
        title: 'Unauthorized',
        detail: 'The token is not valid here.',
      };
    case 'insufficient_scope':
      return {
        status: 403,
        fields: challenge('insufficient_scope', denial.required),
        title: 'Forbidden',
        detail: 'The token lacks a scope that is needed here.',
        members: { missing_scopes: denial.missing },
      };
    case 'authorization_server_unavailable':
    case 'phantom_unavailable':
    case 'unrepresentable_claim':
      return {
        status: 503,
        fields: RETRY,
        title: 'Service Unavailable',
        detail: 'The token cannot be checked at the moment.',
      };
    case 'policy_denied':
      return {
        status: denial.status ?? 403,
        fields:
          denial.status === 401
            ? [...denial.fields, ...challenge('invalid_token', denial.required)]
            : denial.fields,
        title: denial.status === 401 ? 'Unauthorized' : 'Forbidden',
        detail: denial.message ?? 'The policy does not allow this.',
        ...(denial.body === null ? {} : { body: denial.body }),
      };
    case 'policy_unavailable':
      return {
        status: 503,
        fields: RETRY,
        title: 'Service Unavailable',
        detail: 'The policy is not available at the moment.',
      };
    case 'policy_error':
      return {
        status: 500,
        fields: [],
        title: 'Internal Server Error',
        detail: 'The policy gave no usable decision.',
      };
    case 'upstream_unreachable':
      return { status: 502, fields: [], title: 'Bad Gateway', detail: 'The API cannot be reached.' };
    case 'upstream_timeout':
      return { status: 504, fields: [], title: 'Gateway Timeout', detail: 'The API took too long.' };
    case 'client_gone':
      // Nobody reads it; 499 is how logs and traces know a client who left.
      return { status: 499, fields: [], title: 'Client Closed Request', detail: 'The client left.' };
    case 'internal_error':
      return {
        status: 500,
        fields: [],
        title: 'Internal Server Error',
        detail: 'Something went wrong here.',
      };
  }
}

/** WWW-Authenticate by RFC 6750 section 3; `scope` names every scope that the route requires. */
function challenge(error: string | null, required: readonly string[]): string[] {
  const attributes = [
    ...(error === null ? [] : [`error="${error}"`]),
    ...(required.length > 0 ? [`scope="${required.join(' ')}"`] : []),
  ];
  return ['WWW-Authenticate', attributes.length > 0 ? `Bearer ${attributes.join(', ')}` : 'Bearer'];
}

/** What an operator reads of a denial, in a log or a trace. Holds nothing of the token. */
export function explanation(denial: Denial): string {
  if (denial.denial === 'policy_denied')
    return (
      denial.reason ?? (denial.undefined ? 'the policy is undefined for this input' : 'the policy said no')
    );
  if (denial.denial === 'insufficient_scope') return `missing scopes: ${denial.missing.join(' ')}`;
  if (denial.denial === 'invalid_token') return `${denial.fault}: ${denial.detail}`;
  return 'detail' in denial ? denial.detail : denial.denial;
}
