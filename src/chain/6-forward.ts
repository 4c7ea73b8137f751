import type { Denial } from '../denial.ts';
import type { Answered, Permitted } from '../exchange.ts';
import { claimFields } from '../http/claim-fields.ts';
import { forwardingFields } from '../http/forwarded.ts';
import { field, passUpstream, spelling } from '../http/headers.ts';
import type { Phantom, Send, Sink } from './ports.ts';

/**
 * Sends the permitted request upstream: what the client may not say is gone, what Portcullis says is appended after it. The path
 * is the very string that was matched and judged. Denials: phantom_unavailable, unrepresentable_claim, upstream_*, client_gone.
 */
export function forward(phantom: Phantom, send: Send, ownNames: ReadonlySet<string>) {
  const removed = new Set([...ownNames, 'traceparent', 'tracestate', 'baggage']);
  removed.delete('authorization');
  const removedWithAuthorization = new Set([...removed, 'authorization']);

  return async (exchange: Permitted, sink: Sink): Promise<Answered | Denial> => {
    const { route, identity, target, decision } = exchange;
    const { service, identity_headers: named } = route;
    const unverified = identity === null && route.forward_unverified_authorization;

    const fields = passUpstream(exchange.fields, unverified ? removed : removedWithAuthorization);
    if (decision && decision.removed.length > 0) removeAll(fields, decision.removed);
    if (route.preserve_host) fields.push('Host', field(exchange.fields, 'host') ?? exchange.host);
    fields.push(...forwardingFields(exchange.caller, exchange.peer, exchange.host, exchange.port));
    if (decision) fields.push(...decision.fields);

    if (identity) {
      const claims = claimFields(identity.facts.claims, named.claims);
      if ('unrepresentable' in claims)
        return { denial: 'unrepresentable_claim', detail: claims.unrepresentable };
      fields.push(...claims);
      if (named.jwt !== false) {
        const jwt = await phantom(identity, service);
        if (typeof jwt !== 'string') return jwt;
        fields.push(named.jwt, named.jwt.toLowerCase() === 'authorization' ? `Bearer ${jwt}` : jwt);
      }
    }
    return send(
      {
        service,
        method: exchange.method,
        target: target.query === null ? target.path : `${target.path}?${target.query}`,
        fields,
        body: exchange.body,
        responseFields: decision?.responseFields ?? [],
      },
      sink,
    );
  };
}

function removeAll(fields: string[], names: readonly string[]): void {
  const gone = new Set(names.map(spelling));
  for (let i = fields.length - 2; i >= 0; i -= 2)
    if (gone.has(spelling(fields[i] as string))) fields.splice(i, 2);
}
