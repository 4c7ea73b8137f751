/** The health front: `/livez`, `/readyz` and `/metrics`, for probes and Prometheus. It gives no details. */
import Fastify, { type FastifyInstance } from 'fastify';
import type { Telemetry } from '../observe/telemetry.ts';

export type HealthPorts = {
  /** Is there a policy in force that has every entrypoint the routes name? */
  readonly ready: () => boolean;
  readonly scrape: Telemetry['scrape'];
};

/** Makes the front; it listens when told to. */
export function healthFront({ ready, scrape }: HealthPorts): FastifyInstance {
  // A probe that hangs must not hold up the end of the process.
  const app = Fastify({ logger: false, forceCloseConnections: true });
  app.get('/livez', () => 'live\n');
  app.get('/readyz', (_request, reply) =>
    reply.code(ready() ? 200 : 503).send(ready() ? 'ready\n' : 'not ready\n'),
  );
  app.get('/metrics', (request, reply) => {
    reply.hijack();
    scrape(request.raw, reply.raw);
  });
  return app;
}
