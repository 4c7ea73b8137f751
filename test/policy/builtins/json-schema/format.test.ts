import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { formatCost, hasFormat } from '../../../../src/policy/builtins/json-schema/format.ts';

/** Which texts have the format, and which do not. */
const FORMATS: Readonly<Record<string, readonly [good: readonly string[], bad: readonly string[]]>> = {
  date: [
    ['2024-02-29', '2000-02-29', '0000-02-29', '9999-12-31'],
    [
      '2023-02-29',
      '1900-02-29',
      '2024-13-01',
      '2024-00-01',
      '2024-01-00',
      '2024-04-31',
      '2024-1-1',
      '12024-01-01',
      '',
    ],
  ],
  time: [
    ['23:59:59', '1:02:03', '12:00:00Z', '12:00:00.123456789012+01:00', '12:00:00,5', '12:00:00+24:60'],
    [
      '24:00:00',
      '12:60:00',
      '12:00:60',
      '12:00',
      '12:00:00z',
      '12:00:00+25:00',
      '12:00:00+01:61',
      '12:00:00.',
      '12:00:00+0100',
    ],
  ],
  'date-time': [
    ['2024-01-01T12:00:00Z', '2024-01-01T1:00:00.5-07:00', '2024-01-01', '12:00:00'],
    [
      '2024-01-01T12:00:00',
      '2024-01-01t12:00:00Z',
      '2024-01-01 12:00:00Z',
      '2024-02-30T12:00:00Z',
      '2024-01-01T25:00:00Z',
    ],
  ],
  hostname: [
    ['example.com', 'a', '1.2', 'a--b', 'a'.repeat(63), Array.from({ length: 64 }, () => 'abc').join('.')],
    [
      '',
      '-a',
      'a-',
      'a..b',
      'a.',
      'a_b',
      'ä',
      'a'.repeat(64),
      Array.from({ length: 65 }, () => 'abc').join('.'),
    ],
  ],
  email: [['a@b'], ['a']],
  'idn-email': [['ä@b'], ['ä']],
  ipv4: [
    ['192.0.2.1', '::ffff:192.0.2.1'],
    ['192.0.2', '192.0.2.01', '::1', ''],
  ],
  ipv6: [
    ['::1', '2001:db8::', '::ffff:192.0.2.1'],
    ['192.0.2.1', 'fe80::1%eth0', ':::', ''],
  ],
  uri: [
    ['http://a', 'mailto:a', 'urn:x:y', 'a:'],
    ['', 'a', '/a', '#a', ':a', 'http://a b', 'http://a/%zz', String.raw`http://a\b`],
  ],
  iri: [['http://ä/ö'], ['ä']],
  'uri-reference': [
    ['', 'a', '../a?b#c', 'http://a'],
    ['%', ':a', String.raw`a\b`, 'http://[::1'],
  ],
  'iri-reference': [['ä'], ['%']],
  'uri-template': [
    ['', '/a/{b}', '/{a}{b}/}', '{a{b}', '?{'],
    ['/{a', '/{a}/{b', '%7B', String.raw`\{a}`],
  ],
  uuid: [
    ['01234567-89ab-CDEF-0123-456789abcdef'],
    ['0123456789abcdef0123456789abcdef', '01234567-89ab-cdef-0123-456789abcdeg'],
  ],
  regex: [
    ['', '^a+$', '(?i)a', String.raw`\p{Greek}`],
    ['(', 'a{2,1}', '(?=a)', String.raw`(a)\1`],
  ],
  'json-pointer': [
    ['', '/', '/a~0b~1c/0'],
    ['a', '/~', '/~2'],
  ],
  'relative-json-pointer': [
    ['0', '1/a', '10#', '0/'],
    ['', '01', '-1', '1a', '1#/a', '/a'],
  ],
};

for (const [format, [good, bad]] of Object.entries(FORMATS))
  t.test(`the format ${format}`, async (t) => {
    for (const text of good) t.equal(hasFormat(text, format), true, JSON.stringify(text));
    for (const text of bad) t.equal(hasFormat(text, format), false, JSON.stringify(text));
  });

t.test('every text has a format that is not known', async (t) => {
  for (const format of ['color', '', 'constructor', '__proto__'])
    t.equal(hasFormat('x', format), true, format);
});

t.test('a pattern costs what it repeats', async (t) => {
  t.equal(formatCost('a{2,300}b{7}c{}', 'regex'), 16 * 300 * 15);
  t.equal(formatCost('ab', 'regex'), 32);
  t.equal(formatCost('a{1000}', 'date'), 0);
});

t.test('a long text takes no longer than its length asks for', async (t) => {
  const long = 'a'.repeat(200_000);
  t.throws(
    () => hasFormat(long, 'regex'),
    new LimitError('a regular expression is longer than 65536 characters'),
  );
  for (const format of Object.keys(FORMATS).filter((name) => name !== 'regex')) {
    hasFormat(long, format);
    hasFormat(`/${'~0'.repeat(100_000)}~`, format);
  }
  t.equal(hasFormat('/'.repeat(200_000), 'json-pointer'), true);
  t.equal(hasFormat(`${'{'.repeat(100_000)}}`, 'uri-template'), true);
});
