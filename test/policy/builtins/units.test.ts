import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError, LimitError } from '../../../src/policy/builtins/builtin.ts';
import { units } from '../../../src/policy/builtins/units.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(units);
const parse = (amount: string): string | undefined => call('units.parse', JSON.stringify(amount));
const bytes = (amount: string): string | undefined => call('units.parse_bytes', JSON.stringify(amount));

t.test('units are decimal, or binary with an i', async (t) => {
  for (const [amount, value] of [
    ['7', '7'],
    ['2k', '2000'],
    ['2K', '2000'],
    ['2Ki', '2048'],
    ['3mi', '3145728'],
    ['1.5G', '1500000000'],
    ['1EI', '1152921504606846976'],
    ['-5k', '-5000'],
    ['"4"', '4'],
    ['12e2', '1200'],
    ['1e-2k', '10'],
    ['5e', '5000000000000000000'],
    ['0.0', '0'],
  ] as const)
    t.equal(parse(amount), value, amount);
});

t.test('what is no integer has ten decimal places, rounded half up', async (t) => {
  t.equal(parse('0.5'), '0.5000000000');
  t.equal(parse('-1.25'), '-1.2500000000');
  t.equal(parse('5e-11'), '0.0000000001');
  t.equal(parse('4.9e-11'), '0.0000000000');
  t.equal(parse('-1e-20'), '-0.0000000000');
  t.equal(parse('1e-999999'), '0.0000000000');
  t.equal(parse('1.99999999999'), '2.0000000000');
  t.equal(parse('5m'), '0.0050000000');
  t.equal(parse('2000m'), '2.0000000000', 'a milli is a double, and not quite a thousandth');
  t.equal(parse('2000M'), '2000000000', 'only its case tells it from a mega');
});

t.test('bytes are whole, and their units of any case', async (t) => {
  for (const [amount, value] of [
    ['10', '10'],
    ['10KB', '10000'],
    ['10kib', '10240'],
    ['10Ki', '10240'],
    ['10m', '10000000'],
    ['1.9', '1'],
    ['-1.9k', '-1900'],
    ['0.3kb', '300'],
    ['1.15kb', '1150'],
    ['18446744073709551615', '18446744073709551615'],
    ['36893488147419103233', '36893488147419103232'],
    ['1e30', '1000000000000000000024696061952'],
    ['1K', '1000'],
    ['0', '0'],
  ] as const)
    t.equal(bytes(amount), value, amount);
  t.equal(bytes('1\u212a\u0130'), '1024', 'Go’s lower case makes ASCII of a Kelvin sign and a dotted I');
});

t.test('what is no amount is refused in OPA’s words', async (t) => {
  for (const [amount, ofUnits, ofBytes] of [
    ['', 'no amount provided', 'no byte amount provided'],
    ['MB', 'no amount provided', 'no byte amount provided'],
    ['1 k', 'spaces not allowed in resource strings', 'spaces not allowed in resource strings'],
    ['1.2.3', 'could not parse amount to a number', 'could not parse byte amount to a number'],
    ['1e5e5k', 'could not parse amount to a number', 'could not parse byte amount to a number'],
    ['.', 'could not parse amount to a number', 'could not parse byte amount to a number'],
    ['1e1000000', 'exponent too large', 'exponent too large'],
    ['1xy', 'unit xy not recognized', 'byte unit xy not recognized'],
  ] as const) {
    t.throws(() => parse(amount), new BuiltinError(`units.parse: ${ofUnits}`));
    t.throws(() => bytes(amount), new BuiltinError(`units.parse_bytes: ${ofBytes}`));
  }
  t.throws(() => parse('1kb'), new BuiltinError('units.parse: unit kb not recognized'));
  t.throws(
    () => parse(`1.${'3'.repeat(1_000_001)}`),
    new BuiltinError('units.parse: could not parse amount to a number'),
  );
  t.throws(() => call('units.parse', '1'), new BuiltinError('operand 1 must be string but got number'));
});

t.test('integers of up to 64 bits are read as they are', async () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (integer) => {
      return parse(String(integer)) === String(integer) && bytes(String(integer)) === String(integer);
    }),
  );
});

t.test('an amount of more than ten thousand digits is beyond a limit', async (t) => {
  t.equal(bytes('1e9999')?.length, 10_000);
  t.equal(bytes('0e999999'), '0');
  t.equal(bytes('1e-999999'), '0');
  for (const amount of ['1e10000', '1e999999', '7'.repeat(10_001)]) {
    t.throws(() => parse(amount), new LimitError('units.parse: an amount of more than 10000 digits'));
    t.throws(() => bytes(amount), new LimitError('units.parse_bytes: an amount of more than 10000 digits'));
  }
  t.throws(
    () => parse(`1${'x'.repeat(100_000)}`),
    new BuiltinError(`units.parse: unit ${'x'.repeat(100)}… not recognized`),
  );
});
