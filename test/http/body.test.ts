import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { BodyTooLargeError, collected, held, limited } from '../../src/http/body.ts';
import { closed } from '../support/wire.ts';

/** Of a BodyTooLargeError. */
const TOO_LARGE = { code: 'PORTCULLIS_BODY_TOO_LARGE' };

const pieces = (...all: string[]): Readable => Readable.from(all.map((piece) => Buffer.from(piece)));

t.test('what is not too large passes as it is', async (t) => {
  t.equal(String(await buffer(limited(pieces('hello', 'there'), 10))), 'hellothere');
  t.equal(String(await buffer(limited(pieces(), 0))), '');
});

t.test('the piece that goes beyond is withheld, and ends it', async (t) => {
  let passed = '';
  const body = limited(pieces('hello', 'there', 'you'), 9).on('data', (chunk) => (passed += String(chunk)));
  const [error] = (await once(body, 'error')) as [Error];
  t.type(error, BodyTooLargeError);
  t.equal(passed, 'hello');
});

t.test('whoever gave it up leaves the rest of the body to others', async (t) => {
  for (const giveUp of [
    (body: Readable) => void body.resume(),
    (body: Readable) => void body.destroy(),
    (body: Readable) => void body.destroy(new Error('the upstream is gone')),
  ]) {
    const source = new PassThrough();
    const body = limited(source, 1);
    source.write('too large');
    giveUp(body);
    await closed(body);
    t.equal(source.destroyed, false);
    source.end('the rest');
    t.match(String(await buffer(source)), /the rest$/);
  }
});

t.test('a body that fails, or is closed before its end, fails it', async (t) => {
  for (const [error, expected] of [
    [new Error('reset'), { message: 'reset' }],
    [undefined, { code: 'ERR_STREAM_PREMATURE_CLOSE' }],
  ] as const) {
    const source = new PassThrough();
    const body = limited(source, 10);
    source.write('half');
    await once(body.resume(), 'data');
    source.destroy(error);
    await t.rejects(once(body, 'end'), expected);
  }
  const gone = new PassThrough().destroy();
  await closed(gone);
  await t.rejects(once(limited(gone, 10).resume(), 'end'), 'so does one that was closed before');
});

t.test('nobody need listen for failures of a body that was given up', async (t) => {
  const [large, cut] = [new PassThrough(), new PassThrough()];
  const bodies = [limited(large, 1), limited(cut, 10)];
  large.write('too large');
  cut.destroy(new Error('reset'));
  await Promise.all(bodies.map(closed));
  t.pass('unheard errors would have ended the process');
});

t.test('a body waits for a reader who does not read', async (t) => {
  const source = new PassThrough();
  const body = limited(source, Number.MAX_SAFE_INTEGER);
  const chunk = Buffer.alloc(65_536);
  let written = 0;
  while (source.write(chunk) || (await room(source))) written += chunk.length;
  t.ok(written < 10 * chunk.length, `${written} bytes`);
  source.end();
  t.ok((await buffer(body)).length >= written);
});

t.test('a body is collected whole, whatever its pieces', async (t) => {
  t.equal(String(await collected(pieces('hello', '', 'there'), 10)), 'hellothere');
  t.equal((await collected(pieces(), 0)).length, 0);
  const large = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
  for (const size of [1, 4_095, 4_096, 4_097, 100_000]) {
    const source = new PassThrough({ highWaterMark: 1_000_000 });
    for (let at = 0; at < large.length; at += size) source.write(large.subarray(at, at + size));
    source.end();
    const bytes = await collected(source, large.length);
    t.ok(bytes.equals(large), `in pieces of ${size} bytes`);
    t.ok(bytes.buffer.byteLength <= 2 * large.length, 'and it keeps none of these');
  }
});

t.test('a body that comes slowly is collected to its last byte', async (t) => {
  async function* slowly(): AsyncGenerator<Buffer> {
    for (const piece of ['a'.repeat(4_096), 'b', 'c'.repeat(4_097), 'd']) {
      await turn();
      yield Buffer.from(piece);
    }
  }
  const whole = `${'a'.repeat(4_096)}b${'c'.repeat(4_097)}d`;
  t.equal(String(await collected(Readable.from(slowly()), 10_000)), whole);
});

t.test('one that is too large, or fails, is not collected', async (t) => {
  await t.rejects(collected(pieces('hello', 'there'), 9), TOO_LARGE);
  const source = new PassThrough();
  const collecting = collected(source, 10);
  source.write('half');
  source.destroy(new Error('reset'));
  await t.rejects(collecting, { message: 'reset' });
});

t.test('a body that is held is as one that arrives', async (t) => {
  const body = held(Buffer.from('hello'));
  t.equal(body.length, 5);
  t.equal(String(await buffer(body.stream(5))), 'hello');
  t.equal(String(await body.buffer(5)), 'hello');
  await t.rejects(buffer(body.stream(4)), TOO_LARGE);
  await t.rejects(body.buffer(4), TOO_LARGE);
  t.equal(String(await buffer(held(Buffer.alloc(0)).stream(0))), '', 'nothing of it, too');
});

/** Is there room again, once everything that was on its way has arrived? */
async function room(stream: PassThrough): Promise<boolean> {
  for (let turns = 0; turns < 10 && stream.writableNeedDrain; turns++) await turn();
  return !stream.writableNeedDrain;
}
