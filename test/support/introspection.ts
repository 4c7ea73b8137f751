/** Introspection under test: the real client over real HTTP, and a server whose keys and answers are the test's own. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';
import { Decode, Default } from 'typebox/value';
import { introspection } from '../../src/chain/3-introspection.ts';
import {
  AuthorizationServer,
  type AuthorizationServerConfig,
} from '../../src/config/authorization-server.ts';
import type { Question } from '../../src/chain/ports.ts';
import type { Denial } from '../../src/denial.ts';
import type { Identity } from '../../src/exchange.ts';
import { oauthFetch } from '../../src/oauth/fetch.ts';
import { introspectionRequest } from '../../src/oauth/introspection-request.ts';
import { type Introspected, readIntrospection } from '../../src/oauth/introspection-response.ts';
import { type Introspector, introspector } from '../../src/oauth/introspector.ts';
import { metadataOf } from '../../src/oauth/metadata.ts';
import type { Scripted } from './authorization-server.ts';
import { bearing, received } from './exchange.ts';
import { startServer } from './http.ts';

/** What the chain asks of a token that came with an ordinary request. */
export const question = (token: string, how: Question['how'] = 'introspect'): Omit<Question, 'server'> => ({
  token,
  how,
  received: received(),
});

/** Settings of an authorization server as the configuration gives them: completed by defaults, durations in milliseconds. */
export const serverConfig = (issuer: string, more: object = {}): AuthorizationServerConfig =>
  Decode(
    AuthorizationServer,
    Default(AuthorizationServer, {
      issuer,
      allow_insecure_requests: true,
      client_id: 'portcullis',
      client_secret: 'portcullis-secret',
      ...more,
    }),
  );

/** Asks the server at `issuer` once, without a cache. */
export async function ask(issuer: string, more: object = {}, token = 'token'): Promise<Introspected> {
  const config = serverConfig(issuer, more);
  const { fetch, close } = oauthFetch(config);
  const metadata = metadataOf(config, fetch, Date.now);
  try {
    const request = introspectionRequest(config, { metadata, fetch, now: Date.now });
    const response = await request({ token, received: received() });
    return await readIntrospection(config, metadata, response);
  } finally {
    await close();
  }
}

/** An introspector of the server at `issuer`; its connections close with the test. */
export function startIntrospector(
  t: Test,
  issuer: string,
  {
    name = 'main',
    now = Date.now,
    mark = () => null,
    ...more
  }: { name?: string; now?: () => number; mark?: () => unknown; [setting: string]: unknown } = {},
): Introspector {
  const config = serverConfig(issuer, more);
  const { fetch, close } = oauthFetch(config);
  t.teardown(close);
  return introspector(name, config, fetch, { now, mark });
}

/** What stage 3 makes of a token on a route that needs one: whose it is, or why not. */
export async function judged(
  { introspect }: Introspector,
  token: string,
  now: () => number = Date.now,
): Promise<Identity | Denial> {
  const stage = introspection(introspect, now);
  const result = await stage.run(bearing({ token }));
  return 'denial' in result ? result : result.identity!;
}

/** An ES256 key pair; `jwk` is the public key under that kid. */
export function keyPair(kid: string): { privateKey: KeyObject; publicKey: KeyObject; jwk: object } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, publicKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' } };
}

/** A compact JWS made by hand, so that it can be one that no library would make. A text goes in as it is. */
export function jws(header: unknown, payload: unknown, by: KeyObject | ((input: string) => Buffer)): string {
  const encode = (part: unknown): string =>
    Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
  const input = `${encode(header)}.${encode(payload)}`;
  const signature =
    typeof by === 'function'
      ? by(input)
      : sign('sha256', Buffer.from(input), { key: by, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/** A server that publishes `jwks` and says `metadata`, both to be changed at will, and answers each introspection with `answer`. */
export async function startKeyedServer(t: Test) {
  const key = keyPair('one');
  const requests: {
    readonly url: string;
    readonly headers: NodeJS.Dict<string | string[]>;
    readonly body: string;
  }[] = [];
  const issuer = await startServer(t, (request, response) => {
    void text(request).then((body) => {
      const { url = '', headers } = request;
      requests.push({ url, headers, body });
      const json = (value: object): ServerResponse => response.end(JSON.stringify(value));
      if (url === '/.well-known/oauth-authorization-server') return json(server.metadata);
      if (url === '/jwks') return json(server.jwks);
      const { status = 200, type = 'application/json', body: said = '', headers: more } = server.answer;
      return response
        .writeHead(status, { ...(status === 204 ? {} : { 'content-type': type }), ...more })
        .end(said);
    });
  });
  const server = {
    issuer,
    key,
    requests,
    answer: {} as Scripted,
    jwks: { keys: [key.jwk] },
    metadata: { issuer, introspection_endpoint: `${issuer}/ask`, jwks_uri: `${issuer}/jwks` } as object,
  };
  return server;
}
