/** Requests of every kind for an upstream that echoes them (chaotic-upstream.ts), and the judgement of what came back. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { Test } from 'tap';
import { openWire, type Reply } from './wire.ts';

/** How a request ended. `wrong` is what must not be: no answer, somebody else's, or one that is not whole and does not show it. */
export type Ending = 'whole' | 'refused' | 'unavailable' | 'cut' | 'left' | 'unasked' | `wrong: ${string}`;

/** Numbers in [0, 1), always the same for a seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** An answer that takes longer is none: every wait of the gateway ends long before. */
const LONGEST_MS = 20_000;

type Plan = {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  /** Nobody, when the token is none or not good. */
  readonly user: string | null;
  /** What the upstream says when all is well. */
  readonly expected: () => string;
};

/** Plans a request: `size` bounds what it carries and asks for. */
function plan(id: string, dice: () => number, size: number): Plan {
  const pick = <T>(...of: readonly T[]): T => of[Math.floor(dice() * of.length)] as T;
  const user = `user-${Math.floor(dice() * 50)}`;
  const token = pick(user, user, user, user, user, user, user, `stale-${user}`, null);
  const method = pick('GET', 'GET', 'POST', 'POST', 'HEAD');
  const lines = Math.floor(dice() ** 4 * size) + 1;
  const shape = pick('', '&chunked', '&pieces=4&pause=2', '&chunked&pieces=5&pause=3');
  const body =
    method === 'POST' ? Buffer.alloc(Math.floor(dice() ** 4 * size * 16) * pick(0, 1, 1, 1), id) : null;
  const framing =
    body &&
    (dice() < 0.5 && body.length > 0
      ? { 'Transfer-Encoding': 'chunked' }
      : { 'Content-Length': body.length });
  return {
    id,
    method,
    path: `/?lines=${lines}${shape}`,
    fields: {
      Host: 'a',
      'X-Id': id,
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...(framing as Record<string, string> | null),
    },
    body,
    user: token === user ? user : null,
    expected: () => (method === 'HEAD' ? '' : `${id} ${user}\n`.repeat(lines)),
  };
}

/** Says how a request ended that got an answer. */
function judge({ id, user, body, expected }: Plan, { status, headers, text }: Reply): Ending {
  if (user === null && status === 401) return 'refused';
  // Whoever has no good token is not sent upstream; whether it is good may be unknown for the moment.
  if (status === 503 || (user !== null && (status === 502 || status === 504))) return 'unavailable';
  if (status !== 200 || user === null) return `wrong: ${id} of ${user ?? 'nobody'} got ${status}`;
  const { 'x-id': forId, 'x-user': forUser, 'x-sum': sum } = headers;
  if (forId !== id || forUser !== user)
    return `wrong: ${id} of ${user} got what is for ${forId} of ${forUser}`;
  // Without a sum, it was answered before the body was read.
  if (sum !== undefined && sum !== `${body?.length ?? 0} ${body ? crc32(body) : 0}`)
    return `wrong: ${id}'s body arrived as ${sum}`;
  return text === expected() ? 'whole' : `wrong: ${id}'s answer is not what was sent for it`;
}

export type Client = {
  /** Sends what the number says, one request or several, and tells how each of them ended. */
  readonly run: (number: number) => Promise<Ending[]>;
  /** Closes what is kept alive. */
  readonly close: () => void;
};

/** A client of many users. What it does is decided by `seed` and a request's number. */
export function mixedClient(t: Test, url: string, seed: number): Client {
  const agent = new Agent({ keepAlive: true });
  return {
    run(number) {
      const dice = random(seed + number * 7_919);
      const kind = dice();
      if (kind < 0.1) return pipelined(t, url, `${seed}-${number}`, dice);
      const one = plan(`${seed}-${number}`, dice, dice() < 0.1 ? 40_000 : 3_000);
      const leaveAfter = kind < 0.2 ? Math.floor(dice() * 4) : null;
      return alone(url, one, { agent: dice() < 0.7 ? agent : false, leaveAfter, dice }).then((ending) => [
        ending,
      ]);
    },
    close: () => agent.destroy(),
  };
}

/** Sends one request by node:http; a client who leaves does so at one of four points. */
async function alone(
  url: string,
  plan: Plan,
  { agent, leaveAfter, dice }: { agent: Agent | false; leaveAfter: number | null; dice: () => number },
): Promise<Ending> {
  const { method, path, fields, body, id } = plan;
  const late = AbortSignal.timeout(LONGEST_MS);
  const sent = request(new URL(path, url), { method, headers: fields, agent, signal: late });
  const leave = (): Ending => {
    sent.on('error', () => {}).destroy();
    return 'left';
  };
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  answered.catch(() => {});
  if (body) {
    sent.write(body.subarray(0, body.length / 2));
    if (leaveAfter === 0) await pause(dice() * 10);
    if (leaveAfter === 0) return leave();
  }
  sent.end(body?.subarray(body.length / 2));
  if (leaveAfter !== null && leaveAfter < 3) {
    await pause(dice() * 20);
    return leave();
  }
  let answer: IncomingMessage;
  try {
    [answer] = await answered;
  } catch (error) {
    return `wrong: ${id} got no answer: ${(error as Error).message}`;
  }
  // An answer that comes before all was read may end the connection under what is still being sent.
  sent.on('error', () => {});
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      if (leaveAfter === 3) return leave();
      chunks.push(chunk);
    }
  } catch {
    const cut = answer.statusCode === 200 && !late.aborted;
    return cut ? 'cut' : `wrong: ${id} got half of a ${answer.statusCode}`;
  }
  const headers = answer.headers as Record<string, string>;
  return judge(plan, { status: answer.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString() });
}

/** Sends several at once on a connection of their own; some clients leave in the middle of them. */
async function pipelined(t: Test, url: string, id: string, dice: () => number): Promise<Ending[]> {
  const plans = Array.from({ length: 2 + Math.floor(dice() * 6) }, (_, index) =>
    plan(`${id}-${index}`, dice, 50),
  );
  const wire = await openWire(t, url);
  wire.socket.setTimeout(LONGEST_MS, () => wire.socket.destroy());
  const bytes = Buffer.concat(plans.map(bytesOf));
  if (dice() < 0.2) {
    wire.send(bytes.subarray(0, dice() * bytes.length));
    await pause(dice() * 10);
    wire.socket.destroy();
    return plans.map(() => 'left');
  }
  wire.send(bytes);
  const endings: Ending[] = [];
  for (const each of plans) {
    try {
      const reply = await wire.reply(each.method === 'HEAD' ? 'bodyless' : undefined);
      endings.push(judge(each, reply));
      if (reply.headers['connection'] === 'close') break;
    } catch {
      const rest = await wire.rest();
      endings.push(rest.startsWith('HTTP/1.1 200 ') ? 'cut' : `wrong: ${each.id} got no answer, but ${rest}`);
      break;
    }
  }
  wire.socket.destroy();
  // Whoever comes after an answer that ends its connection has to ask again.
  return [...endings, ...plans.slice(endings.length).map((): Ending => 'unasked')];
}

function bytesOf({ method, path, fields, body }: Plan): Buffer {
  const head = Object.entries(fields).map((field) => `${field.join(': ')}\r\n`);
  const start = Buffer.from(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n`);
  if (!body) return start;
  if (!('Transfer-Encoding' in fields)) return Buffer.concat([start, body]);
  return Buffer.concat([
    start,
    Buffer.from(`${body.length.toString(16)}\r\n`),
    body,
    Buffer.from('\r\n0\r\n\r\n'),
  ]);
}
