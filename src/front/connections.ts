/** Who may connect: so many connections in all, and so many of one address. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Denial } from '../denial.ts';
import type { Trust } from '../http/forwarded.ts';
import { networkOf } from '../http/network.ts';
import { closeLingering } from './lingering-close.ts';

/** Connections turned away that may linger until they have read why. Of a flood, the others are cut at once. A test may want less. */
const MOST_LINGERING = 1_000;

export type Admission = {
  readonly connections: number;
  readonly connections_per_address: number;
  /** Their connections are those of many callers: only the whole is counted. */
  readonly trust: Trust;
  /** Answers a connection that is one too many, and closes it. */
  readonly turnAway: (socket: Socket, denial: Denial) => void;
};

/**
 * Stands before the server's own listener, which gives a connection its parser: of those turned away nothing is read. Gives the
 * connections that are open, those that are being turned away included.
 */
export function guardConnections(
  server: Server,
  admission: Admission,
  mostLingering = MOST_LINGERING,
): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  const admit = counted(admission);
  let lingering = 0;
  const turnAway = (socket: Socket, denial: Denial): void => {
    lingering++;
    socket.once('close', () => lingering--);
    admission.turnAway(socket, denial);
    if (lingering > mostLingering) socket.destroy();
  };

  const attach = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // Asked now, the socket knows it even when the client has left.
    const address = socket.remoteAddress;
    if (address === undefined) {
      socket.destroy();
      return;
    }
    const denial = admit(socket, address);
    if (denial) {
      turnAway(socket, denial);
      return;
    }
    // What Node calls after the last answer.
    socket.destroySoon = () => closeLingering(socket);
    for (const listener of attach) listener.call(server, socket);
  });
  return open;
}

/** Counts a connection until it closes, or says why it is one too many. */
function counted({
  connections,
  connections_per_address,
  trust,
}: Admission): (socket: Socket, address: string) => Denial | null {
  let all = 0;
  const ofNetwork = new Map<string, number>();
  return (socket, address) => {
    if (all >= connections) return { denial: 'too_many_connections' };
    const network = trust(address) ? null : networkOf(address);
    const before = network === null ? 0 : (ofNetwork.get(network) ?? 0);
    if (before >= connections_per_address) return { denial: 'too_many_connections_of_address' };
    all++;
    if (network !== null) ofNetwork.set(network, before + 1);
    socket.once('close', () => {
      all--;
      if (network === null) return;
      const left = (ofNetwork.get(network) ?? 1) - 1;
      if (left > 0) ofNetwork.set(network, left);
      else ofNetwork.delete(network);
    });
    return null;
  };
}
