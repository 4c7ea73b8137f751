/** A route in force: its settings in the form that the stages use, with what would be the same for every request made once. */
import type { StaticDecode } from 'typebox';
import type { Challenge } from '../denial.ts';
import type { HeaderCondition } from '../http/header-conditions.ts';
import { spelling } from '../http/headers.ts';
import { type ClaimPath, claimPath } from '../oauth/claim.ts';
import type { Consumer } from './consumer.ts';
import { metadataUrl, type ResourceConfig } from './resource.ts';
import type { RouteSettings } from './route-settings.ts';
import type { ServiceConfig } from './service.ts';

export type Settings = StaticDecode<typeof RouteSettings>;

/** A route with every setting in force. */
export type Route = Omit<
  Settings,
  | 'scopes'
  | 'policy'
  | 'policy_timeout'
  | 'authorization_server'
  | 'cors'
  | 'credential'
  | 'required_claims'
  | 'step_up'
  | 'consumer'
  | 'anonymous'
  | 'identity_headers'
> & {
  readonly name: string;
  readonly match: {
    /** Canonical host names or `*.suffix`; null for any. */
    readonly hosts: readonly string[] | null;
    readonly paths: readonly string[];
    /** null for all. */
    readonly methods: readonly string[] | null;
    /** What tells it from other routes of the same path and method: names in canonical spelling, each with the values that fit. */
    readonly headers: readonly HeaderCondition[];
  };
  readonly service: ServiceConfig;
  /** The authorization servers that its tokens may be from; none where none is asked. */
  readonly authorization_servers: readonly Candidate[];
  /** Where a token may be. Names of header fields are in canonical spelling. */
  readonly credential: readonly CredentialLocation[];
  /** All of these, each satisfied by any one of its members. */
  readonly scopes: readonly (readonly string[])[];
  /** What the token's claims must say. */
  readonly required_claims: readonly RequiredClaim[];
  /** Null where nothing is asked of how the user authenticated. `max_age` in milliseconds. */
  readonly step_up: { readonly acr: readonly string[]; readonly max_age: number | null } | null;
  /** How the consumer is found; null where none is looked for. */
  readonly consumer: (Exclude<Settings['consumer'], false> & { readonly path: ClaimPath }) | null;
  /** Who a caller without a token is; null where nobody in particular. */
  readonly anonymous: Consumer | null;
  readonly identity_headers: Omit<Settings['identity_headers'], 'claims'> & {
    readonly claims: readonly ClaimHeader[];
  };
  /** What a refusal tells the client to come back with. */
  readonly challenge: Challenge;
  /** Entrypoint; null where the route says `policy: none`. */
  readonly policy: string | null;
  /** Milliseconds; null where it is evaluated at once, without a limit. */
  readonly policy_timeout: number | null;
  /** Null where no origin is named. */
  readonly cors: Settings['cors'] | null;
};

/** An authorization server as a route's tokens are told from others'. */
export type Candidate = {
  readonly name: string;
  /** Values of `iss` in its JWTs. */
  readonly issuers: readonly string[];
  /** How its opaque tokens begin; null when that says nothing. */
  readonly token_prefix: string | null;
};

/** `name` is a header field's, a query or form parameter's, or a cookie's. */
export type CredentialLocation = {
  readonly in: 'header' | 'query' | 'body' | 'cookie';
  readonly name: string;
};

/** A claim, as the configuration names it, and the values of which it must have one; null when it must only be there, or be absent. */
export type RequiredClaim = {
  readonly claim: string;
  readonly path: ClaimPath;
  readonly anyOf: readonly (string | number | boolean)[] | null;
  readonly present: boolean;
};

/** A claim that goes upstream as a header field of that name. */
export type ClaimHeader = { readonly claim: string; readonly path: ClaimPath; readonly name: string };

/** What a route says of tokens, in the form that the stages use. */
export function identification(settings: Settings) {
  const { scopes, credential, required_claims, step_up, consumer, identity_headers } = settings;
  return {
    scopes: scopes.map((scope) => (typeof scope === 'string' ? [scope] : scope)),
    credential: credential.map(locationOf),
    required_claims: Object.entries(required_claims).map(([claim, value]) => ({
      claim,
      path: claimPath(claim),
      ...demandOf(value),
    })),
    step_up:
      step_up.acr.length > 0 || step_up.max_age !== undefined
        ? { acr: step_up.acr, max_age: step_up.max_age ?? null }
        : null,
    consumer: consumer === false ? null : { ...consumer, path: claimPath(consumer.claim) },
    identity_headers: {
      ...identity_headers,
      claims: Object.entries(identity_headers.claims).map(([claim, name]) => ({
        claim,
        path: claimPath(claim),
        name,
      })),
    },
  };
}

const demandOf = (value: Settings['required_claims'][string]): Pick<RequiredClaim, 'anyOf' | 'present'> => {
  if (Array.isArray(value)) return { anyOf: value, present: true };
  return typeof value === 'object'
    ? { anyOf: null, present: value.present }
    : { anyOf: [value], present: true };
};

function locationOf(written: Settings['credential'][number]): CredentialLocation {
  if (typeof written === 'string')
    return { in: written, name: written === 'header' ? 'authorization' : 'access_token' };
  const [[location, name]] = Object.entries(written) as [[CredentialLocation['in'], string]];
  return { in: location, name: location === 'header' ? spelling(name) : name };
}

/** What refusals of a route's tell its clients to come back with. */
export const challengeOf = ({ scopes }: Settings, resource: ResourceConfig | undefined): Challenge => ({
  scopes: [...new Set(scopes.flat())],
  // What is no URL is a rule's matter.
  resource_metadata: resource && URL.canParse(resource.identifier) ? metadataUrl(resource.identifier) : null,
});
