/**
 * An upstream that can be told to misbehave, in a process of its own (killable.ts starts it). It answers with a line, as often as the
 * query's `lines` says: the request's X-Id and the X-User that came with it. `pieces` and `pause` (in ms) say how the lines come, and
 * `together` how many such requests must be here at once before any of them is answered.
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { drained } from './pour.ts';

/**
 * `well`: as it should; `mute`: never answers; `drop`: closes the connection instead; `stall` and `cut`: within an answer, no more comes
 * or the connection closes; `reset`: takes no connections; `early`: answers without having read the body.
 */
export type Mode = 'well' | 'mute' | 'drop' | 'stall' | 'cut' | 'reset' | 'early';

let mode: Mode = 'well';
/** Those that must not be sent twice. */
const posted = new Set<unknown>();
const together = new Set<() => void>();
process.on('message', (told: Mode) => {
  mode = told;
  process.send?.('heard');
});
process.on('disconnect', () => process.exit());

/** Waits until so many do; who leaves does no longer. */
function all(count: number, response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  together.add(resolve);
  response.once('close', () => together.delete(resolve));
  if (together.size === count) for (const go of together) go();
  return promise;
}

const server = createServer((request, response) => {
  const answer = async (): Promise<void> => {
    const { 'x-id': id = '', 'x-user': user = '' } = request.headers;
    if (posted.has(id)) return void response.writeHead(500).end();
    if (request.method === 'POST') posted.add(id);
    const { searchParams } = new URL(request.url ?? '/', 'http://a');
    const { bytes, crc } = mode === 'early' ? { bytes: 0, crc: 0 } : await drained(request);
    if (mode === 'mute') return;
    if (mode === 'drop') return void request.socket.destroy();
    if (searchParams.has('together')) await all(Number(searchParams.get('together')), response);
    const body = Buffer.from(`${String(id)} ${String(user)}\n`.repeat(Number(searchParams.get('lines'))));
    const pieces = Math.max(2, Number(searchParams.get('pieces')));
    const size = Math.ceil(body.length / pieces);
    response.writeHead(200, {
      'x-id': id,
      'x-user': user,
      ...(mode === 'early' ? {} : { 'x-sum': `${bytes} ${crc}` }),
      ...(searchParams.has('chunked') ? {} : { 'content-length': body.length }),
    });
    for (let at = 0; at < body.length && request.method !== 'HEAD'; at += size) {
      const more = response.write(body.subarray(at, at + size));
      if (mode === 'stall') return;
      await pause(Number(searchParams.get('pause')));
      if (mode === 'cut') return void response.destroy();
      if (!more && !response.destroyed)
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    response.end();
  };
  answer().catch(() => response.destroy());
});
server.on('connection', (socket) => {
  socket.on('error', () => {});
  if (mode === 'reset') socket.resetAndDestroy();
});
server.on('error', () => process.exit(1));
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('listening'));
