import t from 'tap';
import { parseTimestamp } from '../../../../src/policy/builtins/yaml/timestamp.ts';

const json = (text: string): string | null | undefined => parseTimestamp(text)?.json;

t.test('a date, with a time perhaps, is what Go makes of it', async (t) => {
  t.equal(json('2001-12-14'), '2001-12-14T00:00:00Z');
  t.equal(json('2001-1-2'), '2001-01-02T00:00:00Z');
  t.equal(json('2001-12-14t21:59:43.10-05:00'), '2001-12-14T21:59:43.1-05:00');
  t.equal(json('2001-12-14T1:2:3Z'), '2001-12-14T01:02:03Z');
  t.equal(json('2001-12-14 21:59:43'), '2001-12-14T21:59:43Z');
  t.equal(json('2001-12-14   21:59:43,1234567899'), '2001-12-14T21:59:43.123456789Z');
  t.equal(json('2000-02-29T00:00:00+00:00'), '2000-02-29T00:00:00Z');
  t.equal(json('2001-12-14T00:00:00+00:60'), '2001-12-14T00:00:00+01:00');
  t.equal(String(parseTimestamp('2001-12-14')), '2001-12-14T00:00:00Z');
});

t.test('of some there is no JSON', async (t) => {
  t.equal(json('2001-12-14T00:00:00+24:00'), null);
  t.equal(json('2001-12-14T00:00:00-23:60'), null);
});

t.test('what is not in the calendar is none, nor what is written otherwise', async (t) => {
  for (const text of [
    '2001-00-01',
    '2001-13-01',
    '2001-01-00',
    '2001-01-32',
    '2001-04-31',
    '2001-02-29',
    '1900-02-29',
    '2001-01-01T24:00:00Z',
    '2001-01-01T00:60:00Z',
    '2001-01-01T00:00:60Z',
    '2001-01-01T00:00:00+25:00',
    '2001-01-01T00:00:00+00:61',
    '2001-01-01T00:00:00',
    '2001-01-01T00:00:00+1:00',
    '2001-01-01T00:00Z',
    '2001-01-01 00:00:00Z',
    '2001-01-01 00:00:00.',
    '01-01-01',
    '2001-001-01',
    '2001-01-01 ',
    '',
  ])
    t.equal(json(text), undefined, text);
});
