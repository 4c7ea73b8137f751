/** One request explained by the real wiring, of a configuration like that of test/support/config.ts. */
import type { Test } from 'tap';
import { explainOnce } from '../../src/app.ts';
import type { Asked } from '../../src/explain/arguments.ts';
import type { Explained } from '../../src/explain/explain.ts';
import { openLog } from '../../src/observe/log.ts';
import { type Scripted, startScriptedServer } from './authorization-server.ts';
import { changed, load } from './config.ts';

type Tree = Parameters<typeof changed>[0];

/** What the server says of a good token. */
export const ACTIVE = {
  active: true,
  token_type: 'Bearer',
  sub: 'alice',
  client_id: 'app',
  scope: 'read',
  aud: 'api',
};

type Options = Tree & {
  /** Settings of the authorization server. */
  readonly main?: object;
  /** What it says of a token. */
  readonly answer?: (token: string) => Scripted | Promise<Scripted>;
  /** Further authorization servers. */
  readonly others?: object;
};

const GOOD = JSON.stringify(ACTIVE);

/** Starts an authorization server, and explains requests to a gateway that asks it; `change` is of the gateway's configuration. */
export async function startExplaining(t: Test, { main = {}, answer, others = {}, ...change }: Options = {}) {
  const server = await startScriptedServer(
    t,
    answer ?? ((token) => ({ body: token === 'good-token' ? GOOD : '{"active":false}' })),
  );
  const explain = (
    asked: Partial<Asked> = {},
    routes: readonly Tree[] = [{ name: 'a', match: { path: '/a/{id}' }, service: 'api' }],
  ): Promise<Explained> =>
    explainOnce(
      load(
        changed({
          authorization_servers: {
            main: { issuer: server.issuer, allow_insecure_requests: true, ...main },
            ...others,
          },
          defaults: { identity_headers: { jwt: false } },
          routes,
          ...change,
        }),
      ),
      {
        method: 'GET',
        target: '/a/1',
        scheme: 'http',
        fields: ['Host', 'localhost'],
        from: '192.0.2.7',
        token: 'good-token',
        ...asked,
      },
      { log: openLog('silent'), env: process.env, now: Date.now },
    );
  return { server, explain };
}
