/** The admin front: details for operators, on loopback. It only shows; nothing can be changed here. */
import Fastify, { type FastifyInstance } from 'fastify';
import { canonicalHost } from '../http/host.ts';

/** What `/status` shows. Secrets have no place in it. */
export type Status = {
  readonly version: string;
  readonly ready: boolean;
  readonly policies: {
    readonly revision: string | null;
    readonly entrypoints: readonly string[];
    readonly failure: string | null;
  };
  readonly authorization_servers: Readonly<
    Record<string, { readonly issuer: string; readonly cached: number; readonly failure: string | null }>
  >;
  readonly routes: readonly {
    readonly name: string;
    readonly paths: readonly string[];
    readonly methods: readonly string[] | null;
    readonly service: string;
    readonly token: string;
    readonly scopes: readonly (readonly string[])[];
    readonly audience: readonly string[];
    readonly policy: string | null;
  }[];
};

const HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Makes the front; it listens when told to. A Host that is not loopback's is 421: a page in a browser may have rebound its name. */
export function adminFront(status: () => Status): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  app.addHook('onRequest', async (request, reply) => {
    if (!HOSTS.has(canonicalHost(request.headers.host ?? '') ?? ''))
      return reply
        .code(421)
        .type('application/problem+json')
        .send({ type: 'about:blank', title: 'Misdirected Request', status: 421 });
    return undefined;
  });
  app.get('/status', (_request, reply) => reply.header('cache-control', 'no-store').send(status()));
  return app;
}
