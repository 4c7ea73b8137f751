/**
 * Answers that come at another time than they should: before the request is whole, when nobody waits, or when who asked has left.
 * Whatever comes of them, bob's next request over the one connection to the upstream gets bob's answer, and a client's bytes that no
 * longer are a body are never a request.
 */
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { ask, startLying } from '../support/lying.ts';
import { okay } from '../support/recording.ts';
import { requestOf } from '../support/smuggling.ts';
import { closed, openWire, problemOf } from '../support/wire.ts';

const EARLY = okay('early');
const POISON = okay('poison');
const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer alice\r\n\r\n';

t.test('before the body was sent: the rest of it is no request (0.CL, Pause-based desync)', async (t) => {
  for (const [name, framing, part] of [
    ['of a length', `Content-Length: ${5 + HIDDEN.length}`, 'hello'],
    ['in chunks', 'Transfer-Encoding: chunked', `${(5 + HIDDEN.length).toString(16)}\r\nhello`],
  ] as const)
    for (const bytes of [EARLY, EARLY + POISON]) {
      const targets: string[] = [];
      const gateway = await startLying(t, (socket, target) => {
        targets.push(target);
        socket.write(bytes);
      });
      const alice = await openWire(t, gateway.url);
      alice.send(requestOf('alice', 'POST /lie HTTP/1.1', [framing], part));
      const { text, headers } = await alice.reply();
      t.equal(text, 'early', name);
      t.equal(headers['connection'], 'close', 'the rest of the body is in the way');
      alice.send(HIDDEN + ask('alice', '/lie/next'));
      const bob = await openWire(t, gateway.url);
      bob.send(ask('bob', '/a'));
      t.equal((await bob.reply()).text, 'bob GET /a');
      alice.socket.end();
      t.equal(await alice.rest(), '');
      t.strictSame(targets, ['/lie']);
    }
});

t.test('after 100 Continue, with the body on its way', async (t) => {
  const gateway = await startLying(t, (socket) => socket.write(EARLY + POISON));
  const alice = await openWire(t, gateway.url);
  alice.send(
    requestOf('alice', 'POST /lie HTTP/1.1', ['Expect: 100-continue', `Content-Length: ${HIDDEN.length}`]),
  );
  t.equal((await alice.reply()).status, 100);
  alice.send(HIDDEN.slice(0, 1));
  t.equal((await alice.reply()).text, 'early');
  alice.send(HIDDEN.slice(1) + HIDDEN);
  const bob = await openWire(t, gateway.url);
  bob.send(ask('bob', '/a'));
  t.equal((await bob.reply()).text, 'bob GET /a');
  alice.socket.end();
  t.equal(await alice.rest(), '');
});

t.test('when nobody waits: the connection is dropped, and the answer with it', async (t) => {
  let upstream: Socket | undefined;
  const gateway = await startLying(t, (socket) => {
    upstream = socket;
    socket.write(okay('true'));
  });
  const alice = await openWire(t, gateway.url);
  const bob = await openWire(t, gateway.url);
  alice.send(ask('alice', '/lie'));
  t.equal((await alice.reply()).text, 'true');
  const dropped = closed(upstream as Socket);
  upstream?.write(POISON);
  await dropped;
  bob.send(ask('bob', '/a'));
  t.equal((await bob.reply()).text, 'bob GET /a');
});

t.test('in a piece of its own, while the next request waits for the connection', async (t) => {
  const gateway = await startLying(t, (socket) => {
    socket.setNoDelay(true);
    socket.write(EARLY);
    socket.write(POISON);
  });
  for (let n = 0; n < 50; n++) {
    const alice = await openWire(t, gateway.url);
    const bob = await openWire(t, gateway.url);
    alice.send(ask('alice', '/lie'));
    bob.send(ask('bob', '/a'));
    t.equal((await alice.reply()).text, 'early');
    t.equal((await bob.reply()).text, 'bob GET /a');
    alice.socket.destroy();
    bob.socket.destroy();
  }
});

t.test('when alice has left: the rest of her answer is not the beginning of the next one', async (t) => {
  const body = `hello${POISON}`;
  for (const sent of [0, 20, okay(body).length - POISON.length]) {
    let upstream: Socket | undefined;
    const asked = Promise.withResolvers<void>();
    const gateway = await startLying(t, (socket) => {
      upstream = socket;
      socket.write(okay(body).slice(0, sent));
      asked.resolve();
    });
    const alice = await openWire(t, gateway.url);
    const bob = await openWire(t, gateway.url);
    alice.send(ask('alice', '/lie'));
    await asked.promise;
    bob.send(ask('bob', '/a'));
    await turn();
    alice.socket.destroy();
    upstream?.write(okay(body).slice(sent));
    t.equal((await bob.reply()).text, 'bob GET /a', `${sent} bytes`);
  }
});

t.test('when the gateway has given it up: a late answer is nobody’s', async (t) => {
  let upstream: Socket | undefined;
  const gateway = await startLying(t, (socket) => (upstream = socket), 'headers: 100ms');
  const alice = await openWire(t, gateway.url);
  const bob = await openWire(t, gateway.url);
  alice.send(ask('alice', '/lie'));
  const reply = await alice.reply();
  upstream?.write(POISON);
  t.match(problemOf(reply), { status: 504 });
  bob.send(ask('bob', '/a'));
  t.equal((await bob.reply()).text, 'bob GET /a');
});

t.test('an answer that breaks off ends its client’s connection, with what was pipelined there', async (t) => {
  const asked: string[] = [];
  const gateway = await startLying(t, (socket, target) => {
    asked.push(target);
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello');
  });
  const alice = await openWire(t, gateway.url);
  alice.send(ask('alice', '/lie') + ask('alice', '/lie/pipelined'));
  await t.rejects(alice.reply(), 'nobody takes it for whole');
  const bob = await openWire(t, gateway.url);
  bob.send(ask('bob', '/a'));
  t.equal((await bob.reply()).text, 'bob GET /a');
  t.strictSame(asked, ['/lie']);
});
