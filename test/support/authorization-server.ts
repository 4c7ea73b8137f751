/** Authorization servers for tests: the demo's real one, and small ones that answer just as a test wants. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { Test } from 'tap';
import { startAuthorizationServer as startProvider } from '../../demo/authorization-server.ts';
import { takeToken } from '../../demo/story.ts';
import { startServer } from './http.ts';

/** The real oidc-provider of the demo: opaque tokens, RFC 9701 answers. */
export async function startRealServer(
  t: Test,
): Promise<{ issuer: string; take: (who: 'alice' | 'bob' | 'carol', scope: string) => Promise<string> }> {
  const { issuer, server } = await startProvider({ host: '127.0.0.1', port: 0 });
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { issuer, take: (who, scope) => takeToken(issuer, who, scope) };
}

/** What a scripted server answers to an introspection: a status, a content type and a body. */
export type Scripted = {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type ScriptedServer = {
  readonly issuer: string;
  /** Each introspection request's form, with the Accept and Authorization headers it came with. */
  readonly asked: {
    readonly form: URLSearchParams;
    readonly accept: string;
    readonly authorization: string;
  }[];
  /** Signs claims with the server's key; `header` and `key` can be bent to be wrong. */
  readonly sign: (claims: JWTPayload, header?: Record<string, unknown>) => Promise<string>;
};

/**
 * A server whose introspection answers are the test's own, over real HTTP, with real discovery and a real ES256 key. `answer` gets the
 * token and the server's issuer.
 */
export async function startScriptedServer(
  t: Test,
  answer: (token: string, server: ScriptedServer) => Scripted | Promise<Scripted>,
): Promise<ScriptedServer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256', use: 'sig' }] };
  const asked: ScriptedServer['asked'] = [];
  const issuer = await startServer(t, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const json = (value: object): void =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      if (request.url === '/.well-known/oauth-authorization-server')
        json({ issuer, introspection_endpoint: `${issuer}/introspect`, jwks_uri: `${issuer}/jwks` });
      else if (request.url === '/jwks') json(jwks);
      else if (request.url === '/introspect') {
        const form = new URLSearchParams(Buffer.concat(chunks).toString());
        asked.push({
          form,
          accept: request.headers.accept ?? '',
          authorization: request.headers.authorization ?? '',
        });
        void Promise.resolve(answer(form.get('token') ?? '', server)).then(
          ({ status = 200, type = 'application/json', body = '', headers = {} }) =>
            response
              .writeHead(status, { ...(status === 204 ? {} : { 'content-type': type }), ...headers })
              .end(body),
        );
      } else response.writeHead(404).end();
    });
  });
  const server: ScriptedServer = {
    issuer,
    asked,
    sign: (claims, header = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'at+jwt', ...header })
        .sign(privateKey),
  };
  return server;
}
