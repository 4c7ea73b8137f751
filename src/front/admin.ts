/** The admin front: details and changes for operators, on loopback. */
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Demanded, Listed } from '../config/listing.ts';
import type { Secret } from '../config/units.ts';
import { canonicalHost } from '../http/host.ts';
import type { Purged } from '../oauth/answer-cache.ts';
import type { ServerStatus } from '../oauth/introspector.ts';
import { type AdminProblem, adminProblem, changeRefused, purgeRequest } from './admin-changes.ts';

/** What `/status` shows. Secrets have no place in it. */
export type Status = {
  readonly version: string;
  readonly ready: boolean;
  readonly policies: {
    readonly revision: string | null;
    readonly entrypoints: readonly string[];
    readonly failure: string | null;
  };
  readonly authorization_servers: Readonly<Record<string, ServerStatus & { readonly issuer: string }>>;
  readonly routes: readonly (Demanded & {
    readonly name: string;
    /** null for any. */
    readonly hosts: readonly string[] | null;
    readonly paths: readonly string[];
    /** null for all. */
    readonly methods: readonly string[] | null;
    readonly headers: Listed['headers'];
    readonly service: string;
  })[];
};

export type AdminPorts = {
  readonly status: () => Status;
  /** Forgets answers of all servers, or of the one named, and says how many; null where none has that name. */
  readonly purge: (of: Purged, server: string | null) => number | null;
  /** `admin.token`: without it nothing can be changed. */
  readonly token: Secret | undefined;
};

const HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);
/** A token of 64 KiB, the longest that is taken, and what stands around it. */
const LARGEST_BODY_BYTES = 69_632;

/** What can be wrong with a body before it is read, in our own words: a parser's may quote it. */
const UNREADABLE: Readonly<Record<number, string>> = {
  400: 'The body is not JSON.',
  413: 'The body is too large.',
};

/** Makes the front; it listens when told to. A Host that is not loopback's is 421: a page in a browser may have rebound its name. */
export function adminFront({ status, purge, token }: AdminPorts): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true, bodyLimit: LARGEST_BODY_BYTES });
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    if (!HOSTS.has(canonicalHost(request.headers.host ?? '') ?? '')) return refuse(reply, adminProblem(421));
    return undefined;
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, adminProblem(404)));
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    const { statusCode = 500 } = error;
    return refuse(reply, adminProblem(statusCode, UNREADABLE[statusCode]));
  });

  app.get('/status', (_request, reply) => reply.send(status()));
  app.post(
    '/cache/purge',
    {
      // Before the body is read.
      onRequest: async (request, reply) => {
        const refused = changeRefused(request.headers, token);
        return refused === null ? undefined : refuse(reply, refused);
      },
    },
    (request, reply) => {
      const asked = purgeRequest(request.body);
      if (typeof asked === 'string') return refuse(reply, adminProblem(400, asked));
      const purged = purge(asked.of, asked.server);
      if (purged === null) return refuse(reply, adminProblem(400, 'No authorization server has that name.'));
      return reply.send({ purged });
    },
  );
  app.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: '/cache/purge',
    onRequest: async (_request, reply) => refuse(reply.header('allow', 'POST'), adminProblem(405)),
    handler: () => {},
  });
  return app;
}

function refuse(reply: FastifyReply, problem: AdminProblem): FastifyReply {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="admin"');
  return reply.code(problem.status).type('application/problem+json').send(problem);
}
