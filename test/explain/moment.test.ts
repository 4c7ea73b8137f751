import t from 'tap';
import { moment } from '../../src/explain/moment.ts';

const NOW = 1_790_000_000_000;

t.test('a time is told as a date, and by how far away it is', async (t) => {
  t.equal(moment(1_789_999_000, NOW), '2026-09-21T13:56:40.000Z, 1000 s ago');
  t.equal(moment(1_790_000_060, NOW), '2026-09-21T14:14:20.000Z, in 60 s');
  t.match(moment(1_790_000_000, NOW), /, in 0 s$/);
  t.match(moment(1_789_999_998.6, NOW), /, 1 s ago$/);
});

t.test('what is no time is told as it is', async (t) => {
  for (const [value, told] of [
    [undefined, 'absent'],
    [null, 'absent'],
    ['1790000000', '"1790000000"'],
    [-1, '-1'],
    [253_402_300_800, '253402300800'],
    [{ at: 1 }, '{"at":1}'],
    [true, 'true'],
  ] as const)
    t.equal(moment(value, NOW), told);
});
