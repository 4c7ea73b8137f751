/**
 * Request smuggling, tried on a real gateway: bytes of one connection that two programs might divide into requests differently, before
 * an upstream that divides strictly. The caller of these bytes is alice; bob's request follows them on her connection, and carol's on
 * another one.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Test } from 'tap';
import { startScriptedServer } from './authorization-server.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { okay, type RecordedBytes, type Recording, startRecording, valuesOf } from './recording.ts';
import { openWire, problemOf, type Wire } from './wire.ts';

/** Refused with 400, and the connection is closed: nobody can say where its next request starts. */
export const REFUSED = 'refused';
/** Never a whole request: nothing is answered, and the client gives up. */
export const UNFINISHED = 'unfinished';

/**
 * What becomes of a case's bytes, one for each answer in their order: the status of a refusal, or what reaches the upstream as
 * `POST /a body`, or one of the two above. After a status, the connection may go on or be closed, as its answer says.
 */
export type Case = readonly [name: string, bytes: string, ...becomes: (number | string)[]];

const DEADLINE = { timeout: 10_000 };

/** A request of this caller, whose name is the token. `lines` are further header lines, as they are written. */
export const requestOf = (caller: string, line: string, lines: readonly string[] = [], body = ''): string =>
  `${line}\r\n${['Host: a', `Authorization: Bearer ${caller}`, ...lines, '', body].join('\r\n')}`;

/** Alice's, with these further header lines. */
export const get = (...lines: string[]): string => requestOf('alice', 'GET /a HTTP/1.1', lines);
export const post = (lines: readonly string[], body: string): string =>
  requestOf('alice', 'POST /a HTTP/1.1', lines, body);

/** The texts between the bars, of which a case is made each. */
export const each = (...lists: string[]): string[] => lists.flatMap((list) => list.split('|'));

const NEXT = requestOf('bob', 'GET /next HTTP/1.1', ['Connection: close']);
const OTHER = requestOf('carol', 'GET /other HTTP/1.1', ['Connection: close']);

/** Tries every case twice: all bytes at once, and each byte by itself. */
export async function holds(t: Test, cases: readonly Case[]): Promise<void> {
  const scene = await startScene(t);
  for (const [name, bytes, ...becomes] of cases)
    await t.test(name, DEADLINE, async (t) => {
      for (const pace of [atOnce, byteByByte]) await hold(t, scene, bytes, becomes, pace);
    });
}

type Scene = { readonly gateway: Gateway; readonly upstream: Recording };

/** A gateway that tells the upstream who calls, and an upstream that answers with who called for what. */
export async function startScene(t: Test): Promise<Scene> {
  const server = await startScriptedServer(t, (token) => ({
    body: JSON.stringify({ active: token !== 'mallory', sub: token }),
  }));
  const upstream = await startRecording(t, (request) =>
    request.line.startsWith('HEAD ') ? 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n' : okay(told(request)),
  );
  const gateway = await startGateway(t, {
    issuer: server.issuer,
    upstream: upstream.url,
    routes: `
  - name: all
    match: { path: "/**" }
    service: api
    policy: none
    identity_headers: { claims: { sub: X-User }, jwt: false }
`,
  });
  return { gateway, upstream };
}

/** Who called, for what, and with which body: `alice POST /a body`. */
export const told = (request: RecordedBytes): string =>
  [...valuesOf(request, 'x-user'), request.line.replace(/ HTTP\/1\.1$/, ''), request.body]
    .join(' ')
    .trimEnd();

async function hold(
  t: Test,
  { gateway, upstream }: Scene,
  bytes: string,
  becomes: readonly (number | string)[],
  send: (wire: Wire, bytes: string) => Promise<void>,
): Promise<void> {
  const wire = await openWire(t, gateway.url);
  const sent = send(wire, bytes + NEXT);
  const forwarded: string[] = [];
  const replied = async (what: string): Promise<boolean> => {
    const { status, text, headers } = await wire.reply(what.includes(' HEAD ') ? 'bodyless' : undefined);
    t.equal(status, 200);
    t.equal(text, what.includes(' HEAD ') ? '' : what);
    forwarded.push(what);
    return headers['connection'] !== 'close';
  };

  let goesOn = true;
  for (const one of becomes) {
    t.ok(goesOn, 'nothing is answered on a connection that was said to close');
    if (one === UNFINISHED) {
      await sent;
      wire.socket.end();
      goesOn = false;
    } else if (typeof one === 'string' && one !== REFUSED) goesOn = await replied(`alice ${one}`);
    else {
      const reply = await wire.reply();
      t.equal(reply.status, one === REFUSED ? 400 : one);
      if (reply.status >= 200) t.equal(problemOf(reply)['status'], reply.status);
      goesOn = reply.headers['connection'] !== 'close';
      if (one === REFUSED) t.notOk(goesOn, 'the connection is closed');
    }
  }
  if (goesOn) await replied('bob GET /next');
  t.equal(await wire.rest(), '', 'every answer has its request');
  await sent;

  const other = await openWire(t, gateway.url);
  other.send(OTHER);
  t.equal((await other.reply()).text, 'carol GET /other');
  const { requests, faults } = upstream.take();
  t.strictSame(faults, [], 'the upstream can read all that it gets in one way alone');
  t.strictSame(requests.map(told).toSorted(), [...forwarded, 'carol GET /other'].toSorted());
  for (const { fields } of requests)
    t.ok(fields.filter(([name]) => isFraming(name)).length <= 1, 'one framing, in any spelling');
}

const isFraming = (name: string): boolean => /^(?:content.length|transfer.encoding)$/i.test(name);

const atOnce = async (wire: Wire, bytes: string): Promise<void> => wire.send(bytes);

async function byteByByte({ socket, send }: Wire, bytes: string): Promise<void> {
  socket.setNoDelay(true);
  for (const byte of bytes) {
    // Whoever goes on writing to a connection that is closed may have its last answer taken away by the reset.
    if (socket.readableEnded || socket.destroyed) return;
    send(byte);
    await turn();
  }
}
