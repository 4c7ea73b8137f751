/** TLS towards the upstreams: their certificates are verified, whatever anybody asks for. */
import { buildConnector } from 'undici';
import type { ServiceConfig } from '../config/service.ts';
import { contextOf, isAddress } from '../config/tls.ts';

/** Opens connections to the service's upstream, for undici. The certificate is verified whatever the environment says. */
export function connector({ upstream, tls, timeouts }: ServiceConfig): buildConnector.connector {
  const timeout = timeouts.connect;
  // HTTP/1.1 alone: over HTTP/2, undici gives no raw header fields.
  if (!upstream.startsWith('https:')) return buildConnector({ timeout, allowH2: false });
  const { hostname } = new URL(upstream);
  const open = buildConnector({
    timeout,
    allowH2: false,
    // Read once: from PEM it would be made anew for every connection.
    secureContext: contextOf(tls),
    rejectUnauthorized: true,
  });
  // SNI has no addresses; a certificate for one is compared with where the connection goes.
  const servername = tls.server_name ?? (isAddress(hostname) ? '' : hostname);
  // Not what undici would take, the Host header: with preserve_host the client would choose whom we believe.
  return (options, done) => open({ ...options, servername }, done);
}
