/** One part of the demo in a process of its own, for docker compose: `keys`, `authorization-server`, `api`, or `probe`. */
import { connect } from 'node:net';
import { startApi } from './api.ts';
import { AUDIENCE, startAuthorizationServer } from './authorization-server.ts';
import { makeKeys } from './keys.ts';

const {
  HOST: host = '127.0.0.1',
  PORT = '0',
  ISSUER: issuer,
  JWKS = 'http://localhost:8080/.well-known/jwks.json',
} = process.env;
const port = Number(PORT);

const parts: Record<string, () => Promise<unknown>> = {
  keys: makeKeys,
  'authorization-server': () => startAuthorizationServer({ host, port, issuer }),
  api: () =>
    startApi({ host, port, jwks: () => JWKS, issuer: 'http://gateway.demo.example', audience: AUDIENCE }),
  /** Is the part of this container listening? For its health check. */
  probe: () =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket.end()));
      socket.once('error', reject);
    }),
};

const part = parts[process.argv[2] ?? ''];
if (!part) throw new Error(`name one of: ${Object.keys(parts).join(', ')}`);
await part();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
