/** Large uploads that are refused: whoever is still sending reads why, and no reset. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import t, { type Test } from 'tap';
import { startScriptedServer } from '../support/authorization-server.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { startServer } from '../support/http.ts';
import { reasons } from '../support/open-gateway.ts';
import { pour } from '../support/pour.ts';
import { openWire, problemOf, type Reply } from '../support/wire.ts';

const LENGTH = 50_000_000;
const PIECE = 'x'.repeat(1_000_000);

type Framing = 'counted' | 'chunked';

const HEADS: Record<Framing, string> = {
  counted: `Content-Length: ${LENGTH}`,
  chunked: 'Transfer-Encoding: chunked',
};

/** Sends it all before it reads a byte of the answer, as simple clients do. */
async function uploadFirst(t: Test, { url }: Gateway, path: string, framing: Framing): Promise<Reply> {
  const wire = await openWire(t, url);
  wire.socket.pause();
  wire.send(`POST ${path} HTTP/1.1\r\nHost: a\r\n${HEADS[framing]}\r\n\r\n`);
  const piece = framing === 'counted' ? PIECE : `${PIECE.length.toString(16)}\r\n${PIECE}\r\n`;
  for (let sent = 0; sent < LENGTH; sent += PIECE.length)
    await new Promise((resolve) => {
      wire.socket.write(piece, 'latin1', resolve);
    });
  if (framing === 'chunked') wire.send('0\r\n\r\n');
  wire.socket.resume();
  return wire.reply();
}

/** Reads the answer while it sends, as node:http does. */
async function upload(
  { url }: Gateway,
  path: string,
  framing: Framing,
): Promise<{ status: number; text: string }> {
  const sent = request(url, {
    path,
    method: 'POST',
    agent: false,
    headers: framing === 'counted' ? { 'content-length': LENGTH } : {},
  });
  // It cannot go on sending when it has its answer.
  sent.on('error', () => {});
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  pour(sent, LENGTH);
  const [answer] = await answered;
  return { status: answer.statusCode ?? 0, text: (await answer.toArray()).join('') };
}

/** A gateway whose upstream answers at `/early` before it has read a body, and else reads all of it. */
async function start(t: Test): Promise<Gateway> {
  const { issuer } = await startScriptedServer(t, () => ({ body: '{"active":true}' }));
  const upstream = await startServer(t, (incoming, response) => {
    if (incoming.url === '/early') response.writeHead(413, { 'content-length': 5 }).end('large');
    else incoming.resume().on('end', () => response.end('read'));
  });
  return startGateway(t, {
    issuer,
    upstream,
    more: 'defaults: { policy: none, token: none, body: { max_size: 100MiB } }',
    routes: `
  - { name: guarded, match: { path: /guarded }, service: api, token: required }
  - { name: small, match: { path: /small }, service: api, body: { max_size: 1KiB } }
  - { name: open, match: { path: /** }, service: api }
  - { name: dead, match: { path: /dead }, service: dead }
`,
    service: '    defaults: { identity_headers: { jwt: false } }\n  dead:\n    upstream: http://127.0.0.1:1',
  });
}

const CASES: [string, Framing, number, string | null][] = [
  ['/guarded', 'counted', 401, 'credential_missing'],
  ['/guarded', 'chunked', 401, 'credential_missing'],
  ['/small', 'counted', 413, 'content_too_large'],
  ['/small', 'chunked', 413, 'content_too_large'],
  ['/dead', 'counted', 502, 'upstream_unreachable'],
  ['/dead', 'chunked', 502, 'upstream_unreachable'],
  ['/early', 'counted', 413, null],
  ['/early', 'chunked', 413, null],
];

t.test('who reads when everything is sent reads the refusal', async (t) => {
  const gateway = await start(t);
  for (const [path, framing, status, reason] of CASES) {
    const reply = await uploadFirst(t, gateway, path, framing);
    t.match(reply, { status, headers: { connection: 'close' } }, `${path} ${framing}`);
    if (reason) t.match(problemOf(reply), { status });
    else t.equal(reply.text, 'large', "an upstream's own answer, too");
  }
  t.strictSame(
    reasons(gateway),
    CASES.flatMap(([, , , reason]) => reason ?? []),
  );
});

t.test('who reads while it sends reads it at once', async (t) => {
  const gateway = await start(t);
  for (const [path, framing, status, reason] of CASES) {
    const reply = await upload(gateway, path, framing);
    t.equal(reply.status, status, `${path} ${framing}`);
    t.match(reply.text, reason ? `"status":${status}` : 'large');
  }
});

t.test('who waits for 100 Continue has the last word at once, and need not send', async (t) => {
  const { url } = await start(t);
  for (const [path, status] of [
    ['/guarded', 401],
    ['/small', 413],
  ] as const) {
    const wire = await openWire(t, url);
    wire.send(`POST ${path} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n${HEADS.counted}\r\n\r\n`);
    t.match(await wire.reply(), { status, headers: { connection: 'close' } });
    t.equal(await wire.rest(), '');
  }
});

t.test('an upload that is admitted is read to its end, however it is framed', async (t) => {
  const gateway = await start(t);
  for (const framing of ['counted', 'chunked'] as const)
    t.match(await uploadFirst(t, gateway, '/open', framing), { status: 200, text: 'read' });
});
