/** Wiring only: configuration → ports → chain → fronts. */
import { type Assembly, assemble } from './assembly.ts';
import { conditionsOf, demanded } from './config/listing.ts';
import { JWKS_PATH } from './config/published.ts';
import type { Config } from './config/resolve.ts';
import { adminFront, type Status } from './front/admin.ts';
import { crossOrigin } from './front/cross-origin.ts';
import { explain, type Explained } from './explain/explain.ts';
import { heldBack, overheard } from './explain/held-back.ts';
import type { Asked } from './explain/arguments.ts';
import { healthFront } from './front/health.ts';
import { proxyFront } from './front/proxy.ts';
import { type Publication, publishes } from './front/published.ts';
import { receiver } from './front/receive.ts';
import { trustedProxies } from './http/forwarded.ts';
import { configuredDressing } from './http/response-fields.ts';
import { decisionLog } from './observe/decision-log.ts';
import type { Logger } from './observe/log.ts';
import { protectedResources } from './oauth/protected-resource.ts';
import { observation } from './observe/observation.ts';
import type { Telemetry } from './observe/telemetry.ts';

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
  const gateway = await assemble(config, { log, env, now });
  const { policies, servers } = gateway;
  const trust = trustedProxies(config.server.trusted_proxies);
  const proxy = proxyFront({
    serve: gateway.chain.serve,
    observe: observation(decisionLog(log, now), {
      trust: config.tracing.trust,
      now: elapsed,
    }),
    receive: receiver(trust, 'http', config.server.limits, now),
    log,
    limits: config.server.limits,
    trust,
    dressing: configuredDressing(config.server.response_headers),
    judgeOrigin: config.routes.some(({ cors }) => cors !== null) ? crossOrigin(gateway.table) : null,
    published: publishes(publicationsOf(config, gateway), gateway.table.hosts.keys()),
  });
  const status = (): Status => statusOf(config, version, policies, servers);
  const health = healthFront({
    // While it drains, nothing new should come.
    ready: () => closing === null && policies.missing.length === 0,
    scrape: telemetry.scrape,
  });
  const admin = adminFront({ status, purge: gateway.purge, token: config.admin.token });

  const drain = async (): Promise<void> => {
    await proxy.close(config.server.drain);
    await Promise.all([health.close(), admin.close(), gateway.close()]);
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

/**
 * Runs one request through the chain of a gateway that does not listen: authorization servers are asked, upstreams are not.
 * Rejects with a KeyError as `createApp` does.
 */
export async function explainOnce(
  config: Config,
  asked: Asked,
  { log, env, now }: Pick<Surroundings, 'log' | 'env' | 'now'>,
): Promise<Explained> {
  const { send, held } = heldBack();
  const { overhear, heard } = overheard();
  const gateway = await assemble(config, { log, env, now, send, overhear });
  const { policies, table, chain } = gateway;
  try {
    return await explain(
      {
        serve: chain.serve,
        table,
        receive: receiver(
          trustedProxies(config.server.trusted_proxies),
          asked.scheme,
          config.server.limits,
          now,
        ),
        port: config.server.port,
        published: publishes(publicationsOf(config, gateway), table.hosts.keys()),
        judgeOrigin: crossOrigin(table),
        held,
        heard,
        policies: { entrypoints: [...(policies.current?.entrypoints ?? [])], failure: policies.failure },
        servers: config.authorization_servers,
        consumers: config.consumers,
        now,
      },
      asked,
    );
  } finally {
    await gateway.close();
  }
}

/** What the gateway says of itself: the keys of minted JWTs, and the metadata of its APIs. */
const publicationsOf = (config: Config, { minter }: Pick<Assembly, 'minter'>): Publication[] => [
  ...(minter ? [{ path: JWKS_PATH, host: null, document: minter.jwks }] : []),
  ...protectedResources(config),
];

function statusOf(
  config: Config,
  version: string,
  policies: Assembly['policies'],
  servers: Assembly['servers'],
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
      servers.map(({ name, issuer, status }) => [name, { issuer, ...status() }]),
    ),
    routes: config.routes.map((route) => ({
      name: route.name,
      hosts: route.match.hosts,
      paths: route.match.paths,
      methods: route.match.methods,
      headers: conditionsOf(route),
      service: route.service.name,
      ...demanded(route),
    })),
  };
}
