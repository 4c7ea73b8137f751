/** The demo's API: accounts and transactions. It trusts the gateway's JWT alone, and echoes what it got. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';

type Options = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Where the gateway's public keys are, asked at the first request. */
  readonly jwks: () => string;
  /** `iss` and `aud` that its JWTs have to have. */
  readonly issuer: string;
  readonly audience: string;
};

/** Starts it, and gives its address and server. Without a valid JWT of the gateway's it answers 401. */
export async function startApi({
  host,
  port,
  jwks,
  issuer,
  audience,
}: Options): Promise<{ url: string; server: Server }> {
  let keys: ReturnType<typeof createRemoteJWKSet> | null = null;
  const verify = async (request: IncomingMessage): Promise<object | null> => {
    const jwt = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    keys ??= createRemoteJWKSet(new URL(jwks()));
    const verified = await jwtVerify(jwt, keys, { issuer, audience, typ: 'at+jwt' }).catch(() => null);
    return verified?.payload ?? null;
  };

  const server = createServer((request, response) => {
    void verify(request).then((caller) => {
      const { authorization: _, ...headers } = request.headers;
      const echo = { method: request.method, path: request.url, caller, headers };
      response.writeHead(caller ? 200 : 401, { 'content-type': 'application/json' });
      response.end(
        `${JSON.stringify(caller ? echo : { error: 'only the gateway may call here' }, null, 2)}\n`,
      );
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { url: `http://${host}:${(server.address() as AddressInfo).port}`, server };
}
