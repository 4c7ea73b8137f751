/** Wiring of the authorization servers: configuration → who is asked about tokens, watched from outside. */
import type { Introspect } from './chain/ports.ts';
import type { Config } from './config/resolve.ts';
import type { Purged } from './oauth/answer-cache.ts';
import { oauthFetch } from './oauth/fetch.ts';
import { type Introspector, introspector } from './oauth/introspector.ts';
import { observedIntrospect, spanUnderWay, tracedFetch } from './observe/calls.ts';
import type { Logger } from './observe/log.ts';
import { watchBreakers } from './observe/metrics.ts';

/** One of them, as operators see it. */
export type AuthorizationServer = Pick<Introspector, 'status'> & {
  readonly name: string;
  readonly issuer: string;
};

export type AuthorizationServers = {
  readonly servers: readonly AuthorizationServer[];
  /** The chain's port. */
  readonly introspect: Introspect;
  /** Forgets answers of all servers, or of the one named, and says how many; null where none has that name. */
  readonly purge: (of: Purged, server: string | null) => number | null;
  /** Closes the connections to them. */
  readonly close: () => Promise<void>;
};

type Surroundings = {
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** Puts them together. Nobody is asked for anything before the first token comes. */
export function authorizationServers(
  configured: Config['authorization_servers'],
  { log, now }: Surroundings,
): AuthorizationServers {
  const servers = Object.entries(configured).map(([name, config]) => {
    const { fetch, close } = oauthFetch(config);
    const breakerChanged = (state: 'closed' | 'open'): void =>
      state === 'open'
        ? log.warn({ authorization_server: name }, 'the authorization server fails, and is left alone')
        : log.info({ authorization_server: name }, 'the authorization server is back');
    const asked = introspector(name, config, tracedFetch(fetch), {
      now,
      mark: spanUnderWay,
      breakerChanged,
    });
    return { name, issuer: config.issuer, close, ...asked };
  });
  const byName = new Map(servers.map((server) => [server.name, server]));
  const unwatch = watchBreakers(servers);
  return {
    servers,
    introspect: observedIntrospect((question) => {
      const server = byName.get(question.server);
      if (!server) throw new Error(`no authorization server ${question.server}`);
      return server.introspect(question);
    }),
    purge(of, server) {
      if (server !== null && !byName.has(server)) return null;
      let purged = 0;
      for (const { name, purge } of servers) if (server === null || name === server) purged += purge(of);
      // Of whom is not said: it may be a token, and a subject is a claim.
      log.info({ by: Object.keys(of)[0], purged }, 'answers of introspection were purged');
      return purged;
    },
    async close() {
      unwatch();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
