/** A gateway before an upstream whose answers are not what HTTP says they are, over the one connection that it may have there. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Test } from 'tap';
import { startScriptedServer } from './authorization-server.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { okay } from './recording.ts';
import { requestOf } from './smuggling.ts';

/**
 * Starts both. The upstream answers with who asked for what, such as `bob GET /a`, save for targets that begin with `/lie`, which it
 * leaves to `lie` as soon as their head is there. `timeouts` is YAML within the braces of the service's.
 */
export async function startLying(
  t: Test,
  lie: (socket: Socket, target: string) => void,
  timeouts = '',
): Promise<Gateway> {
  const upstream = createServer((socket) => {
    t.teardown(() => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      const text = bytes.toString('latin1');
      const [line, target = ''] = /^[A-Z]+ (\S+)/.exec(text) ?? [];
      const user = /^x-user: (.*)$/im.exec(text)?.[1]?.trimEnd();
      if (target.startsWith('/lie')) lie(socket, target);
      else if (line !== undefined) socket.write(okay(`${user} ${line}`));
    });
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  t.teardown(() => upstream.close());
  const server = await startScriptedServer(t, (token) => ({
    body: JSON.stringify({ active: true, sub: token }),
  }));
  return startGateway(t, {
    issuer: server.issuer,
    upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
    service: `    connections: 1\n    timeouts: { ${timeouts} }`,
    routes: `
  - name: all
    match: { path: "/**" }
    service: api
    policy: none
    identity_headers: { claims: { sub: X-User }, jwt: false }
`,
  });
}

/** A request of this caller, without a body. */
export const ask = (caller: string, target: string, method = 'GET'): string =>
  requestOf(caller, `${method} ${target} HTTP/1.1`);
