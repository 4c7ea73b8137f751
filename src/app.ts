/** Wiring only: configuration → ports → chain → fronts. */
import { propagation } from '@opentelemetry/api';
import { chain } from './chain/index.ts';
import type { Config } from './config/resolve.ts';
import { adminFront, type Status } from './front/admin.ts';
import { crossOrigin } from './front/cross-origin.ts';
import { healthFront } from './front/health.ts';
import { proxyFront } from './front/proxy.ts';
import { receiver } from './front/receive.ts';
import { trustedProxies } from './http/forwarded.ts';
import { configuredDressing } from './http/response-fields.ts';
import { buildRouteTable } from './http/route-table.ts';
import { oauthFetch } from './oauth/fetch.ts';
import { introspector } from './oauth/introspector.ts';
import { minter, phantom } from './oauth/phantom.ts';
import { observedIntrospect, spanUnderWay, tracedFetch, tracedSend } from './observe/calls.ts';
import { decisionLog } from './observe/decision-log.ts';
import type { Logger } from './observe/log.ts';
import { observation } from './observe/observation.ts';
import type { Telemetry } from './observe/telemetry.ts';
import { loadPolicies, type Policies } from './policy/engine.ts';
import { bundleFrom } from './policy/source.ts';
import { upstreams } from './upstream/send.ts';

/** What the gateway needs of the process it runs in. */
export type Surroundings = {
  readonly log: Logger;
  readonly telemetry: Telemetry;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds, and fractions of them, of a clock that is never set: for durations. */
  readonly elapsed: () => number;
  readonly version: string;
};

export type App = {
  /** Starts the three fronts and gives the addresses they listen on, as URLs. Rejects when a port is taken, and is closed then. */
  readonly listen: () => Promise<{ readonly proxy: string; readonly health: string; readonly admin: string }>;
  readonly status: () => Status;
  /** Stops taking connections, lets requests in flight end within `server.drain`, and closes everything. */
  readonly close: () => Promise<void>;
};

/** Puts a gateway together. It starts with what works: policies that do not load leave it not ready, and refusing. */
export async function createApp(
  config: Config,
  { log, telemetry, env, now, elapsed, version }: Surroundings,
): Promise<App> {
  const policies = await policiesInForce(config, env, log);
  const servers = Object.entries(config.authorization_servers).map(([name, server]) => {
    const { fetch, close } = oauthFetch(server);
    return {
      name,
      server,
      close,
      ...introspector(name, server, tracedFetch(fetch), { now, mark: spanUnderWay }),
    };
  });
  const byName = new Map(servers.map((server) => [server.name, server]));
  const minting = config.phantom ? await minter(config.phantom, now) : null;
  const sending = upstreams(config.services);
  const trust = trustedProxies(config.server.trusted_proxies);

  const table = buildRouteTable(config.routes);
  const { serve } = chain({
    table,
    // Whatever the propagators write towards an upstream, no client may have written before.
    ownNames: new Set([...config.own_names, ...propagation.fields()]),
    via: config.server.via,
    introspect: observedIntrospect((name, token) => {
      const server = byName.get(name);
      if (!server) throw new Error(`no authorization server ${name}`);
      return server.introspect(token);
    }),
    policies: () => policies.current,
    phantom: phantom(minting),
    send: tracedSend(sending.send),
    now,
  });
  const proxy = proxyFront({
    serve,
    observe: observation(decisionLog(log, now), {
      trust: config.tracing.trust,
      now: elapsed,
    }),
    receive: receiver(trust, 'http', config.server.limits, now),
    log,
    limits: config.server.limits,
    trust,
    dressing: configuredDressing(config.server.response_headers),
    judgeOrigin: config.routes.some(({ cors }) => cors !== null) ? crossOrigin(table) : null,
    published: new Map(minting ? [['/.well-known/jwks.json', minting.jwks]] : []),
  });
  const status = (): Status => statusOf(config, version, policies, servers);
  const health = healthFront({
    // While it drains, nothing new should come.
    ready: () => closing === null && policies.missing.length === 0,
    scrape: telemetry.scrape,
  });
  const admin = adminFront(status);

  const drain = async (): Promise<void> => {
    await proxy.close(config.server.drain);
    await Promise.all([
      health.close(),
      admin.close(),
      sending.close(),
      ...servers.map((server) => server.close()),
    ]);
  };
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => (closing ??= drain());

  return {
    status,
    async listen() {
      try {
        const healthUrl = await at('health', health, config.health);
        const adminUrl = await at('admin', admin, config.admin);
        return { health: healthUrl, admin: adminUrl, proxy: await at('server', proxy, config.server) };
      } catch (error) {
        await close();
        throw error;
      }
    },
    close,
  };
}

type Front = { readonly listen: (address: { host: string; port: number }) => Promise<string> };

/** Starts a front where its section says, and gives its URL: the address as configured, since 0.0.0.0 is not loopback. */
async function at(
  section: string,
  front: Front,
  { host, port }: { host: string; port: number },
): Promise<string> {
  // Of a name with two addresses Fastify would serve the second by a server that has none of our listeners.
  const address = host === 'localhost' ? '127.0.0.1' : host;
  try {
    const url = new URL(await front.listen({ host: address, port }));
    return `http://${address.includes(':') ? `[${address}]` : address}:${url.port}`;
  } catch (error) {
    (error as Error).message = `${section}: ${(error as Error).message}`;
    throw error;
  }
}

/** Found once: policies stay as they are while the gateway runs. */
type Held = {
  readonly current: Policies | null;
  /** Entrypoints that routes name and that are not there. The gateway is ready when there are none. */
  readonly missing: readonly string[];
  readonly failure: string | null;
};

async function policiesInForce(config: Config, env: Surroundings['env'], log: Logger): Promise<Held> {
  if (config.routes.every(({ policy }) => policy === null))
    return { current: null, missing: [], failure: null };
  try {
    const current = await loadPolicies(await bundleFrom(config.policies.source, env));
    const missing = missingEntrypoints(config, current.entrypoints);
    if (missing.length === 0) return { current, missing, failure: null };
    log.error(
      { missing, revision: current.revision },
      'routes refuse whose entrypoint is not in the policies',
    );
    return { current, missing, failure: `routes name entrypoints that are not there: ${missing.join(', ')}` };
  } catch (error) {
    const failure = (error as Error).message;
    log.error(
      { failure, source: config.policies.source },
      'no policies are in force: every route that needs one refuses',
    );
    return { current: null, missing: missingEntrypoints(config, new Set()), failure };
  }
}

/** Entrypoints that routes name and the policies in force do not have. */
export const missingEntrypoints = (config: Config, entrypoints: ReadonlySet<string>): string[] => [
  ...new Set(
    config.routes.flatMap(({ policy }) => (policy !== null && !entrypoints.has(policy) ? [policy] : [])),
  ),
];

function statusOf(
  config: Config,
  version: string,
  policies: Held,
  servers: readonly {
    readonly name: string;
    readonly server: { readonly issuer: string };
    readonly status: () => { cached: number; failure: string | null };
  }[],
): Status {
  return {
    version,
    ready: policies.missing.length === 0,
    policies: {
      revision: policies.current?.revision ?? null,
      entrypoints: [...(policies.current?.entrypoints ?? [])],
      failure: policies.failure,
    },
    authorization_servers: Object.fromEntries(
      servers.map(({ name, server: { issuer }, status }) => [name, { issuer, ...status() }]),
    ),
    routes: config.routes.map(({ name, match, service, token, scopes, audience, policy }) => ({
      name,
      paths: match.paths,
      methods: match.methods,
      service: service.name,
      token,
      scopes,
      audience,
      policy,
    })),
  };
}
