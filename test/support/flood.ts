/** Floods of requests over bare, pipelined connections. */
import { randomBytes } from 'node:crypto';
import type { Test } from 'tap';
import { openWire } from './wire.ts';

/** How many requests one connection has on the way at a time, at most; the gateway takes 32. */
const AT_ONCE = 16;

/** Tokens that nobody has ever seen. */
export const randomTokens = (count: number): string[] =>
  Array.from({ length: count }, () => randomBytes(16).toString('base64url'));

/** Opens connections, and gives a function that sends a request with each token over them, and counts the statuses of the answers. */
export async function openFlood(
  t: Test,
  url: string,
  connections: number,
): Promise<(tokens: readonly string[]) => Promise<Readonly<Record<number, number>>>> {
  const wires = await Promise.all(Array.from({ length: connections }, () => openWire(t, url)));
  return async (tokens) => {
    const left = [...tokens];
    const atOnce = Math.min(AT_ONCE, Math.ceil(tokens.length / connections));
    const statuses: Record<number, number> = {};
    const flow = async (wire: (typeof wires)[number]): Promise<void> => {
      for (;;) {
        const sent = left.splice(0, atOnce);
        if (sent.length === 0) return;
        wire.send(
          sent.map((token) => `GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`).join(''),
        );
        for (let answer = 0; answer < sent.length; answer++) {
          const { status } = await wire.reply();
          statuses[status] = (statuses[status] ?? 0) + 1;
        }
      }
    };
    await Promise.all(wires.map(flow));
    return statuses;
  };
}
