import assert from 'node:assert/strict';
import { format, inspect } from 'node:util';
import * as fc from 'fast-check';
import t from 'tap';
import { Type } from 'typebox';
import { Check, Decode, Encode } from 'typebox/value';
import { Duration, named, Rate, Secret, SecretString, Size, Timeout, Url } from '../../src/config/units.ts';

const duration = Duration({ description: 'a wait' });
const timeout = Timeout({ description: 'a deadline' });
const size = Size({ description: 'a bound' });
const rate = Rate({ description: 'a pace' });

t.test('a duration is a whole number with a unit, and becomes milliseconds', async (t) => {
  for (const [text, milliseconds] of [
    ['0s', 0],
    ['250ms', 250],
    ['007s', 7_000],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
  ] as const)
    t.equal(Decode(duration, text), milliseconds, text);
});

t.test('what is no duration, size or URL is refused', async (t) => {
  for (const text of ['', '30', 's', '1.5s', '-1s', '30 s', '30S', '1d', '1s1s', '1s\n', ' 1s', '١s', '1e3s'])
    t.notOk(Check(duration, text), JSON.stringify(text));
  for (const text of ['', '64', '64kb', '64KB', '1.5MiB', '-1B', '1TiB', '1B '])
    t.notOk(Check(size, text), JSON.stringify(text));
  for (const text of ['', 'as.example', 'ftp://as.example', 'HTTPS://as.example', ' https://as.example'])
    t.notOk(Check(Url({ description: 'a place' }), text), JSON.stringify(text));
});

t.test('no duration is longer than a timer can wait: setTimeout would fire at once', async (t) => {
  t.equal(Decode(duration, '596h'), 596 * 3_600_000, '596 hours fit');
  t.equal(Decode(duration, '597h'), 2 ** 31 - 1, '597 hours do not');
  t.equal(Decode(duration, `${'9'.repeat(400)}h`), 2 ** 31 - 1, 'nor does infinity');
});

t.test('a deadline is above zero, however it is written', async (t) => {
  for (const text of ['0s', '0ms', '000m', '0h']) t.notOk(Check(timeout, text), text);
  for (const text of ['1ms', '010s', '10s']) t.ok(Check(timeout, text), text);
});

t.test('a size is a whole number with a unit, and becomes bytes', async (t) => {
  for (const [text, bytes] of [
    ['0B', 0],
    ['512B', 512],
    ['64KiB', 65_536],
    ['1MiB', 1_048_576],
    ['2GiB', 2_147_483_648],
    [`${'9'.repeat(400)}GiB`, Number.MAX_SAFE_INTEGER],
  ] as const)
    t.equal(Decode(size, text), bytes, text);
});

t.test(
  'a rate is a whole number above zero by the second or minute, and becomes a number per second',
  async (t) => {
    for (const [text, perSecond] of [
      ['20/s', 20],
      ['600/m', 10],
      ['1/m', 1 / 60],
    ] as const)
      t.equal(Decode(rate, text), perSecond, text);
    for (const text of ['', '20', '20/h', '20/S', '0/s', '-1/s', '1.5/s', '20 /s', '20/s\n', '1000000000/s'])
      t.notOk(Check(rate, text), JSON.stringify(text));
  },
);

t.test('milliseconds and bytes are written as what they are read from', async (t) => {
  const roundTrip = fc.property(fc.nat(2 ** 31 - 1), (number) => {
    assert.equal(Decode(duration, Encode(duration, number)), number);
    assert.equal(Decode(size, Encode(size, number)), number);
    if (number > 0 && number < 1e8) assert.equal(Decode(rate, Encode(rate, number / 60)), number / 60);
  });
  t.doesNotThrow(() => fc.assert(roundTrip));
});

t.test('names of prototypes, with line breaks or empty are no names', async (t) => {
  const record = Type.Record(Type.String(), Type.Integer(), named);
  for (const name of ['__proto__', 'constructor', 'prototype', '', 'a\nb', '\u2028'])
    t.notOk(Check(record, Object.fromEntries([[name, 1]])), encodeURI(name));
  for (const name of ['main', 'toString', 'constructors', 'my service', '${NAME}', 'ü'])
    t.ok(Check(record, { [name]: 1 }), name);
});

t.test('a secret never prints: only reveal() gives it', async (t) => {
  const hidden = fc.property(fc.string({ minLength: 1 }), (value) => {
    const secret = new Secret(value);
    assert.equal(secret.reveal(), value);
    const shown = [
      String(secret),
      `a ${secret as unknown as string}`.slice(2),
      inspect(secret),
      inspect(secret, { showHidden: true, depth: null }),
      format('%s', secret),
      format('%o', secret),
      format('%O', secret),
    ];
    assert.deepEqual([...new Set(shown)], ['[secret]']);
    assert.equal(JSON.stringify({ secret }), '{"secret":"[secret]"}');
    assert.equal(inspect({ deep: { in: [secret] } }), '{ deep: { in: [ [secret] ] } }');
    assert.equal(inspect(secret, { customInspect: false }), 'Secret {}');
    assert.deepEqual(Reflect.ownKeys(secret), []);
    assert.equal('reveal' in structuredClone(secret), false);
  });
  t.doesNotThrow(() => fc.assert(hidden));
});

t.test('a secret of the configuration is a Secret from the start, and not empty', async (t) => {
  const schema = SecretString({ description: 'a secret' });
  const secret = Decode(schema, 'correct horse');
  t.type(secret, Secret);
  t.equal(secret.reveal(), 'correct horse');
  t.equal(Encode(schema, secret), 'correct horse');
  t.notOk(Check(schema, ''));
});
