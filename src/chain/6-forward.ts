import type { Denial } from '../denial.ts';
import type { Answered, Permitted } from '../exchange.ts';
import { cacheFields } from '../http/credential-places.ts';
import { forwardingFields, type Moved } from '../http/forwarded.ts';
import { field, passUpstream, spelling } from '../http/headers.ts';
import { identityFields, isAuthorization, keepsAuthorization } from '../http/identity-fields.ts';
import { strippedPrefix } from '../http/rewrite.ts';
import { isLoop, viaField } from '../http/via.ts';
import type { Phantom, Send, Sink } from './ports.ts';

/**
 * Sends the permitted request upstream: what the client may not say is gone, what Portcullis says is appended after it. The path
 * is the very string that was matched and judged, or what the route makes of it. `via` is the gateway's name in Via.
 * Denials: loop_detected, phantom_unavailable, unrepresentable_claim, upstream_*, content_too_large, client_gone.
 */
export function forward(phantom: Phantom, send: Send, ownNames: ReadonlySet<string>, via: string) {
  const passedOn = viaField(via);
  const removed = new Set([...ownNames, 'traceparent', 'tracestate', 'baggage']);
  removed.delete('authorization');
  const removedWithAuthorization = new Set([...removed, 'authorization']);

  return async (exchange: Permitted, sink: Sink): Promise<Answered | Denial> => {
    const { route, identity, decision, unhidden } = exchange;
    const { service } = route;
    const { jwt: carrier } = route.identity_headers;
    // Only what is sent on can go in a circle: a request that is refused keeps its own reason.
    if (isLoop(exchange.fields, via)) return { denial: 'loop_detected' };
    const { query } = unhidden ?? exchange.target;
    const fields = passUpstream(
      (unhidden ?? exchange).fields,
      keepsAuthorization(exchange) ? removed : removedWithAuthorization,
    );
    if (decision && decision.removed.length > 0) removeAll(fields, decision.removed);
    if (route.preserve_host) fields.push('Host', field(exchange.fields, 'host') ?? exchange.host);
    fields.push(...passedOn, ...forwardingFields(exchange, moved(exchange)));
    if (decision) fields.push(...decision.fields);

    const identifying = identityFields(exchange);
    if ('unrepresentable' in identifying)
      return { denial: 'unrepresentable_claim', detail: identifying.unrepresentable };
    fields.push(...identifying);
    if (identity && carrier !== false) {
      const jwt = await phantom(identity, service);
      if (typeof jwt !== 'string') return jwt;
      fields.push(carrier, isAuthorization(carrier) ? `Bearer ${jwt}` : jwt);
    }
    return send(
      {
        service,
        method: exchange.method,
        target: query === null ? exchange.upstream_path : `${exchange.upstream_path}?${query}`,
        fields,
        body: (unhidden ?? exchange).body,
        client_ip: exchange.caller.client_ip,
        body_max_size: route.body.max_size,
        responseFields: [...passedOn, ...cacheFields(exchange), ...(decision?.responseFields ?? [])],
      },
      sink,
    );
  };
}

/** How the upstream's path differs from the client's; null where it does not. */
function moved({ target: { path }, upstream_path, route }: Permitted): Moved | null {
  if (upstream_path === path) return null;
  return { path, prefix: route.strip_prefix === false ? '' : strippedPrefix(path, upstream_path) };
}

function removeAll(fields: string[], names: readonly string[]): void {
  const gone = new Set(names.map(spelling));
  for (let i = fields.length - 2; i >= 0; i -= 2)
    if (gone.has(spelling(fields[i] as string))) fields.splice(i, 2);
}
