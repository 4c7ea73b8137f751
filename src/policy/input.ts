/**
 * The document a policy sees (native format, version 1; published as policies/schemas/input.json). Identity that is absent is
 * null, never missing. Neither the token, cookies nor names that only Portcullis may set are in it.
 */
import type { Scoped } from '../exchange.ts';
import { fieldsByName } from '../http/headers.ts';
import { queryParameters } from '../http/target.ts';

export const INPUT_VERSION = 1;

/** Credentials: what proves who calls is not for the policy, whose input is logged. */
const CREDENTIALS = ['authorization', 'proxy-authorization', 'cookie'];

/** Makes the builder of inputs; `hidden` are canonical spellings of headers that a client may not speak of. */
export function policyInput(hidden: ReadonlySet<string>): (exchange: Scoped) => object {
  const unseen = new Set([...hidden, ...CREDENTIALS]);
  return (exchange) => {
    const { target, route, identity, consumer } = exchange;
    const facts = identity?.facts;
    return {
      request: {
        id: exchange.id,
        method: exchange.method,
        scheme: exchange.caller.scheme,
        host: exchange.host,
        path: target.path,
        segments: target.segments,
        query: queryParameters(target.query),
        headers: fieldsByName(exchange.fields, unseen),
        client_ip: exchange.caller.client_ip,
        body: null,
        truncated_body: false,
      },
      authenticated: identity !== null,
      issuer: facts?.issuer ?? null,
      authorization_server: identity?.authorization_server ?? null,
      claims: facts?.claims ?? null,
      scopes: facts?.scopes ?? null,
      client_id: facts?.client_id ?? null,
      token: facts
        ? {
            type: facts.token_type,
            audience: facts.audience,
            expires_at: facts.expires_at,
            authorization_details: facts.authorization_details,
          }
        : null,
      consumer: consumer && {
        id: consumer.id ?? null,
        username: consumer.username ?? null,
        custom_id: consumer.custom_id ?? null,
        groups: consumer.groups,
      },
      route: { name: route.name, params: exchange.params, service: route.service.name, tags: {} },
      version: INPUT_VERSION,
    };
  };
}
