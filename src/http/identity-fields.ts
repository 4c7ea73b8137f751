/**
 * Header fields that say whose the token is and which consumer calls, under the names of Kong's plugins: upstreams that read those go on
 * as they are. All the names are reserved, so that none ever comes from a client.
 */
import type { Consumer } from '../config/consumer.ts';
import type { Permitted } from '../exchange.ts';
import { claimAt } from '../oauth/claim.ts';
import type { Facts } from '../oauth/facts.ts';
import { claimFields, fieldsFor, type Unrepresentable } from './claim-fields.ts';
import { field } from './headers.ts';

const claim =
  (name: string) =>
  (facts: Facts): unknown =>
    claimAt(facts.claims, [name]);

/** What of the facts goes by which name. Lists that are empty say nothing. */
const CREDENTIAL: readonly (readonly [name: string, of: (facts: Facts) => unknown])[] = [
  ['X-Credential-Scope', ({ scopes }) => (scopes.length > 0 ? scopes.join(' ') : null)],
  ['X-Credential-Client-ID', ({ client_id }) => client_id],
  ['X-Credential-Identifier', claim('username')],
  ['X-Credential-Token-Type', claim('token_type')],
  ['X-Credential-Exp', ({ expires_at }) => expires_at],
  ['X-Credential-Iat', claim('iat')],
  ['X-Credential-Nbf', claim('nbf')],
  ['X-Credential-Sub', claim('sub')],
  // Always as a list: one audience `a,b` is not the two a and b.
  ['X-Credential-Aud', ({ audience }) => (audience.length > 0 ? audience : null)],
  ['X-Credential-Iss', ({ issuer }) => issuer],
  ['X-Credential-Jti', claim('jti')],
];

/** Names that `identity_headers.credential` sets. */
export const CREDENTIAL_FIELDS: readonly string[] = CREDENTIAL.map(([name]) => name);

/** Names that `identity_headers.consumer` sets. */
export const CONSUMER_FIELDS: readonly string[] = [
  'X-Consumer-ID',
  'X-Consumer-Custom-ID',
  'X-Consumer-Username',
  'X-Consumer-Groups',
  'X-Anonymous-Consumer',
];

const credentialFields = (facts: Facts): string[] | Unrepresentable =>
  fieldsFor(CREDENTIAL.map(([name, of]) => ({ name, called: `what ${name} says`, value: of(facts) })));

/** Flat fields of a consumer; `anonymous` for one that stands for a caller without a token. */
export const consumerFields = (
  { id, custom_id, username, groups }: Consumer,
  anonymous: boolean,
): string[] | Unrepresentable => {
  const values = [id, custom_id, username, groups.length > 0 ? groups : null, anonymous || null];
  return fieldsFor(
    CONSUMER_FIELDS.map((name, index) => ({ name, called: `the consumer’s ${name}`, value: values[index] })),
  );
};

/** Flat fields for all that a route tells its upstream of who calls, save the JWT; or what of it no header can carry. */
export function identityFields({
  route,
  identity,
  consumer,
}: Pick<Permitted, 'route' | 'identity' | 'consumer'>): string[] | Unrepresentable {
  const asked = route.identity_headers;
  const fields: string[] = [];
  for (const part of [
    identity && claimFields(identity.facts.claims, asked.claims),
    identity && asked.credential ? credentialFields(identity.facts) : null,
    consumer && asked.consumer ? consumerFields(consumer, identity === null) : null,
  ]) {
    if (part === null) continue;
    if ('unrepresentable' in part) return part;
    fields.push(...part);
  }
  return fields;
}

/** Is it the name of the header that carries a JWT as Bearer? */
export const isAuthorization = (name: string | false): boolean =>
  name !== false && name.toLowerCase() === 'authorization';

/**
 * Does the client's Authorization go on? What was not verified, only where the route says so; what was, where it hides no credential and
 * nothing of ours takes the place. A token that came elsewhere vouches for no Authorization beside it.
 */
export function keepsAuthorization({ route, identity, token, fields }: Permitted): boolean {
  if (identity === null) return route.forward_unverified_authorization;
  if (route.hide_credentials || isAuthorization(route.identity_headers.jwt)) return false;
  const [, sent] = /^bearer +(.+)$/i.exec(field(fields, 'authorization') ?? '') ?? [];
  return sent !== undefined && sent === token;
}
