/** Wiring of what decides: configuration → ports → chain. The fronts around it are app.ts's matter. */
import { propagation } from '@opentelemetry/api';
import { type AuthorizationServers, authorizationServers } from './authorization-servers.ts';
import { type Chain, chain } from './chain/index.ts';
import type { Introspect, Send } from './chain/ports.ts';
import type { Config } from './config/resolve.ts';
import type { Route } from './config/route.ts';
import { buildRouteTable, type RouteTable } from './http/route-table.ts';
import { type Minter, minter, phantom } from './oauth/phantom.ts';
import { tracedSend } from './observe/calls.ts';
import type { Logger } from './observe/log.ts';
import { loadPolicies, type Policies } from './policy/policies.ts';
import { bundleFrom } from './policy/source.ts';
import { upstreams } from './upstream/send.ts';

/** A chain and what it was made of. */
export type Assembly = {
  readonly chain: Chain;
  readonly table: RouteTable<Route>;
  readonly policies: Held;
  readonly servers: AuthorizationServers['servers'];
  readonly purge: AuthorizationServers['purge'];
  /** Null where nothing is minted. */
  readonly minter: Minter | null;
  /** Closes the connections to authorization servers and upstreams. */
  readonly close: () => Promise<void>;
};

type Surroundings = {
  readonly log: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Where permitted requests go, instead of their upstreams. */
  readonly send?: Send;
  /** Stands between the chain and the authorization servers, to hear what they say. */
  readonly overhear?: (introspect: Introspect) => Introspect;
};

/** Puts a chain together. Policies that do not load leave it refusing. Rejects with a KeyError for keys that cannot sign. */
export async function assemble(
  config: Config,
  { log, env, now, send, overhear = (introspect) => introspect }: Surroundings,
): Promise<Assembly> {
  const policies = await policiesInForce(config, env, log);
  const minting = config.phantom ? await minter(config.phantom, now) : null;
  const asked = authorizationServers(config.authorization_servers, { log, now });
  const sending = upstreams(config.services);
  const table = buildRouteTable(config.routes);
  return {
    chain: chain({
      table,
      // Whatever the propagators write towards an upstream, no client may have written before.
      ownNames: new Set([...config.own_names, ...propagation.fields()]),
      via: config.server.via,
      consumers: config.consumers,
      introspect: overhear(asked.introspect),
      policies: () => policies.current,
      phantom: phantom(minting),
      send: send ?? tracedSend(sending.send),
      now,
    }),
    table,
    policies,
    servers: asked.servers,
    purge: asked.purge,
    minter: minting,
    close: async () => {
      await Promise.all([sending.close(), asked.close(), policies.current?.close()]);
    },
  };
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
    const { source, threads } = config.policies;
    const limited = config.routes.some(({ policy_timeout }) => policy_timeout !== null);
    const current = await loadPolicies(await bundleFrom(source, env), limited ? threads : 0);
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
