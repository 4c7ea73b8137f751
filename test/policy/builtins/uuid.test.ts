import * as fc from 'fast-check';
import t from 'tap';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { uuid } from '../../../src/policy/builtins/uuid.ts';
import { RegoObject } from '../../../src/policy/value.ts';
import { parseValue } from '../../../src/policy/value-text.ts';
import { caller, evaluation } from '../../support/builtin.ts';

const call = caller(uuid);
const parse = (text: string): string | undefined => call('uuid.parse', JSON.stringify(text));

t.test('a random UUID says that it is of version 4 and of RFC 4122', async (t) => {
  t.equal(caller(uuid, evaluation())('uuid.rfc4122', '"a"'), '"00010203-0405-4607-8809-0a0b0c0d0e0f"');
  const ones = evaluation({ randomBytes: (size) => new Uint8Array(size).fill(0xff) });
  t.equal(caller(uuid, ones)('uuid.rfc4122', '"a"'), '"ffffffff-ffff-4fff-bfff-ffffffffffff"');
});

t.test('a key has one UUID all through an evaluation, and another in the next', async (t) => {
  let next = 0;
  const randomBytes = (size: number): Uint8Array => new Uint8Array(size).fill(next++);
  const [first, second] = [evaluation({ randomBytes }), evaluation({ randomBytes })].map((shared) =>
    caller(uuid, shared),
  );
  const one = first?.('uuid.rfc4122', '"a"');
  t.equal(first?.('uuid.rfc4122', '"a"'), one);
  t.not(first?.('uuid.rfc4122', '"b"'), one);
  t.not(second?.('uuid.rfc4122', '"a"'), one);
});

t.test('version and variant are told of every UUID', async (t) => {
  const of = (digits: string): string | undefined => parse(`00000000-0000-${digits}-000000000000`);
  t.equal(of('4000-8000'), '{"variant": "RFC4122", "version": 4}');
  t.equal(of('7000-bfff'), '{"variant": "RFC4122", "version": 7}');
  t.equal(of('f000-7fff'), '{"variant": "Reserved", "version": 15}');
  t.equal(of('0000-dfff'), '{"variant": "Microsoft", "version": 0}');
  t.equal(of('5000-e000'), '{"variant": "Future", "version": 5}');
});

t.test('version 1 tells time, clock and node as well', async (t) => {
  // RFC 4122's namespace for DNS names.
  t.equal(
    parse('6ba7b810-9dad-11d1-80b4-00c04fd430c8'),
    '{"clocksequence": 180, "macvariables": "global:unicast", "nodeid": "00-c0-4f-d4-30-c8", ' +
      '"time": 886630433151182400, "variant": "RFC4122", "version": 1}',
  );
  const variables = (octet: string): string | undefined =>
    /"macvariables": "([^"]*)"/.exec(parse(`6ba7b810-9dad-11d1-80b4-${octet}c04fd430c8`) ?? '')?.[1];
  t.equal(variables('01'), 'global:multicast');
  t.equal(variables('02'), 'local:unicast');
  t.equal(variables('03'), 'local:multicast');
});

t.test('version 2 tells a domain and an identifier in it', async (t) => {
  const read = (octet: string): string | undefined =>
    /"domain": "\w*", "id": \d*/.exec(parse(`000003e8-9dad-21d1-80${octet}-00c04fd430c8`) ?? '')?.[0];
  t.equal(read('00'), '"domain": "Person", "id": 1000');
  t.equal(read('01'), '"domain": "Group", "id": 1000');
  t.equal(read('02'), '"domain": "Org", "id": 1000');
  t.equal(read('fe'), '"domain": "Domain254", "id": 1000');
});

t.test('times go round in 64 bits as they do in OPA', async (t) => {
  const time = (text: string): string | undefined => /"time": (-?\d+)/.exec(parse(text) ?? '')?.[1];
  t.equal(time('ffffffff-ffff-1fff-8000-000000000000'), '-7607606781572612196', 'of the year 5236');
  t.equal(time('00000000-0000-1000-8000-000000000000'), '6227451273709551616', 'of the year 1582');
});

t.test('a UUID may be a URN, bare, or between two bytes of any kind', async (t) => {
  const expected = '{"variant": "RFC4122", "version": 3}';
  for (const text of [
    '6bea8ef2-d3d3-3cd1-84e0-9bab06a52ece',
    '6BEA8EF2-D3D3-3CD1-84E0-9BAB06A52ECE',
    'uRn:UuId:6bea8ef2-d3d3-3cd1-84e0-9bab06a52ece',
    '6bea8ef2d3d33cd184e09bab06a52ece',
    '{6bea8ef2-d3d3-3cd1-84e0-9bab06a52ece}',
    'x6bea8ef2-d3d3-3cd1-84e0-9bab06a52ece"',
  ])
    t.equal(parse(text), expected, text);
});

t.test('anything else is undefined', async (t) => {
  for (const text of [
    '',
    '6bea8ef2-d3d3-3cd1-84e0-9bab06a52ec',
    '6bea8ef2-d3d3-3cd1-84e0-9bab06a52ecg',
    '6bea8ef2d3d3-3cd1-84e0-9bab06a52ece-',
    '6bea8ef2d3d33cd184e09bab06a52eceg',
    'urn:uuid:6bea8ef2d3d33cd184e09bab06a52ece',
    'urn:uid_:6bea8ef2-d3d3-3cd1-84e0-9bab06a52ece',
    '\u00e96bea8ef2-d3d3-3cd1-84e0-9bab06a52ece}',
  ])
    t.equal(parse(text), undefined, text);
  t.throws(() => call('uuid.parse', '1'), new BuiltinError('operand 1 must be string but got number'));
});

t.test('all forms of a UUID tell the same', async () => {
  fc.assert(
    fc.property(fc.uuid(), (text) => {
      const told = [text, text.toUpperCase(), `urn:uuid:${text}`, text.replaceAll('-', ''), `{${text}}`].map(
        parse,
      );
      const object = parseValue(told[0] ?? 'null');
      return new Set(told).size === 1 && object instanceof RegoObject && object.get('variant') === 'RFC4122';
    }),
  );
});
