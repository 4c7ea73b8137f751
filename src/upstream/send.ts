/** Sends permitted requests to the upstreams over keep-alive connections, and streams their answers back. */
import type { Send } from '../chain/ports.ts';
import type { ServiceConfig } from '../config/service.ts';
import { Pool } from './pool.ts';
import { Relay } from './relay.ts';

export type Upstreams = {
  readonly send: Send;
  /** Ends idle connections at once, and others when their answer is done. */
  readonly close: () => Promise<void>;
};

/** Makes a pool for each service, which connects when first needed. */
export function upstreams(services: Readonly<Record<string, ServiceConfig>>): Upstreams {
  const pools = new Map(Object.values(services).map((service) => [service.name, new Pool(service)]));
  return {
    send(request, sink) {
      const pool = pools.get(request.service.name);
      if (!pool) throw new Error(`no pool for the service ${request.service.name}`);
      return new Promise((resolve) => {
        new Relay(pool, request, sink, resolve).start();
      });
    },
    close: async () => void (await Promise.all([...pools.values()].map((pool) => pool.close()))),
  };
}
