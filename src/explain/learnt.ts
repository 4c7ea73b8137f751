/** What each stage of the chain learnt, in words and values for the operator who asked (`portcullis explain`). */
import type { Answer } from '../chain/ports.ts';
import type { StageName } from '../chain/stage.ts';
import type { Bearing, Identified, Permitted, Routed, Scoped } from '../exchange.ts';
import { claimsIn } from './held-back.ts';
import { moment } from './moment.ts';
import { described, unverified } from './undisclosed.ts';

/** Names and values, in the order in which they are told. */
export type Learnt = Readonly<Record<string, unknown>>;

/** What this stage found, in the exchange that it gave. */
export function learnt(stage: StageName, exchange: object, now: number): Learnt {
  switch (stage) {
    case 'route':
      return ofRoute(exchange as Routed);
    case 'credential':
      return ofCredential(exchange as Bearing);
    case 'introspection':
      return ofIntrospection(exchange as Identified, now);
    case 'scope':
      return ofScope(exchange as Scoped);
    case 'policy':
      return ofPolicy(exchange as Permitted);
    case 'forward':
      return {};
  }
}

/** What the answer said about which this stage refused the token. */
export function learntOfRefused(stage: StageName, answer: Answer | null, now: number): Learnt {
  if (stage !== 'introspection' || answer === null) return {};
  const claims = claimsIn(answer);
  const { authorization_server } = answer;
  if (claims === null) return { authorization_server };
  const times = Object.entries({ exp: 'expires', nbf: 'not_before', iat: 'issued' }).filter(
    ([name]) => typeof claims[name] === 'number',
  );
  return {
    authorization_server,
    ...('iss' in claims ? { issuer: claims['iss'] } : {}),
    ...Object.fromEntries(times.map(([name, shown]) => [shown, moment(claims[name], now)])),
    claims,
  };
}

const ofRoute = ({ route, pattern, params, upstream_path, caller }: Routed): Learnt => ({
  route: route.name,
  pattern,
  ...(Object.keys(params).length > 0 ? { params } : {}),
  client_ip: caller.client_ip,
  service: route.service.name,
  upstream_path,
  token: route.token,
});

function ofCredential({ token, route }: Bearing): Learnt {
  if (token === null)
    return { token: route.token === 'none' ? 'none is looked for' : 'none, and none is needed' };
  const jwt = unverified(token);
  if (!jwt) return { token: described(token) };
  return { token: described(token), unverified: jwt.claims, jwt_tokens: route.jwt_tokens };
}

function ofIntrospection({ identity }: Identified, now: number): Learnt {
  if (identity === null) return { identity: 'nobody' };
  const { facts, authorization_server, cache, verified_jwt } = identity;
  const { scopes, audience, issuer, client_id, expires_at, jwt, claims } = facts;
  return {
    authorization_server,
    answer: cache === 'stale' ? 'stale' : 'fresh',
    active: true,
    issuer,
    client_id,
    scopes,
    audience,
    expires: expires_at === null ? 'it does not say' : moment(expires_at, now),
    jwt: verified_jwt
      ? 'the token itself, verified here'
      : jwt === null
        ? 'the answer carries none'
        : 'the answer carries one',
    claims,
  };
}

const ofScope = ({ identity, consumer, route }: Scoped): Learnt => ({
  ...(identity === null
    ? { required: 'nothing of a caller without a token' }
    : {
        scopes: route.scopes,
        audience: route.audience,
        claims: route.required_claims.map(({ claim }) => claim),
      }),
  consumer: consumer === null ? null : (consumer.username ?? consumer.custom_id ?? consumer.id),
});

function ofPolicy({ decision }: Permitted): Learnt {
  if (decision === null) return { policy: 'none' };
  const { entrypoint, revision, reason } = decision;
  return { entrypoint, revision, allow: true, ...(reason === null ? {} : { reason }) };
}
