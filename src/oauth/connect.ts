/** Connections to an authorization server: its certificate is verified, whatever anybody asks for, and a proxy may stand between. */
import { request as requestPlainly, type RequestOptions } from 'node:http';
import { request as requestSecurely } from 'node:https';
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { AuthorizationServerConfig } from '../config/authorization-server.ts';
import { contextOf } from '../config/tls.ts';

/** The proxy did not open the way, by this status. */
export class ProxyError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`the proxy answered ${status}`);
    this.status = status;
  }
}

/** Opens connections to the server, for undici. */
export function connector(server: AuthorizationServerConfig): buildConnector.connector {
  const { tls, introspection, proxy } = server;
  const open = buildConnector({
    timeout: introspection.timeout,
    allowH2: false,
    // Read once: from PEM it would be made anew for every connection.
    secureContext: contextOf(tls),
    // Said here, since NODE_TLS_REJECT_UNAUTHORIZED=0 would otherwise say no.
    rejectUnauthorized: !tls.dangerously_skip_verification,
  });
  const { server_name } = tls;
  const direct: buildConnector.connector = (options, done) =>
    open(
      // Without TLS, undici would look up that name.
      server_name === undefined || options.protocol !== 'https:'
        ? options
        : { ...options, servername: server_name },
      done,
    );
  if (proxy === undefined) return direct;
  return (options, done) => {
    tunnel(server, new URL(proxy), authorityOf(options), (error, socket) => {
      if (error) done(error, null);
      else if (options.protocol === 'https:') direct({ ...options, httpSocket: socket }, done);
      else done(null, socket);
    });
  };
}

/** undici's `host` has brackets, and the port where that is not the scheme's own. */
const authorityOf = ({ host, hostname, port, protocol }: buildConnector.Options): string =>
  `${host ?? hostname}${port ? '' : protocol === 'https:' ? ':443' : ':80'}`;

/**
 * A way through the proxy (RFC 9110 section 9.3.6): `done` gets it, or a ProxyError, or why there is no connection to the proxy.
 */
function tunnel(
  { introspection: { timeout }, proxy_authorization: authorization }: AuthorizationServerConfig,
  proxy: URL,
  authority: string,
  done: (...result: [error: null, socket: Socket] | [error: Error, socket: null]) => void,
): void {
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    host: proxy.hostname.replaceAll(/^\[|\]$/g, ''),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...(authorization && { 'proxy-authorization': authorization.reveal() }) },
    agent: false,
    rejectUnauthorized: true,
  };
  const request = proxy.protocol === 'https:' ? requestSecurely(options) : requestPlainly(options);
  const late = new DOMException('the proxy is too slow', 'TimeoutError');
  const timer = setTimeout(() => request.destroy(late), timeout);
  request.once('error', (error) => {
    clearTimeout(timer);
    done(error, null);
  });
  // Whatever the status: to CONNECT, Node takes any answer for a connection.
  request.once('connect', ({ statusCode = 0 }, socket: Socket, head) => {
    clearTimeout(timer);
    // Neither HTTP nor TLS begin with the server: what came already is the proxy's own.
    if (statusCode === 200 && head.length === 0) {
      done(null, socket);
      return;
    }
    socket.on('error', () => {}).destroy();
    done(new ProxyError(statusCode), null);
  });
  request.end();
}
