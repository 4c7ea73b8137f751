import * as fc from 'fast-check';
import t from 'tap';
import { placeOf } from '../../../../src/policy/builtins/go/binary-search.ts';
import { RegoNumber } from '../../../../src/policy/number.ts';

const itself = (text: string): string => text;

t.test('a key is found, or the place where it would have to be', async (t) => {
  t.strictSame(placeOf(['a', 'c'], 'c', itself), { at: 1, found: true });
  t.strictSame(placeOf(['a', 'c'], 'b', itself), { at: 1, found: false });
  t.strictSame(placeOf(['a', 'c'], 'd', itself), { at: 2, found: false });
  t.strictSame(placeOf([], 'd', itself), { at: 0, found: false });
  t.strictSame(
    placeOf([new RegoNumber('1.0')], new RegoNumber('1'), (number) => number),
    { at: 0, found: true },
  );
});

t.test('what is put where it belongs keeps the order', async () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary-ascii' })), (texts) => {
      const list: string[] = [];
      for (const text of texts) {
        const { at, found } = placeOf(list, text, itself);
        if (!found) list.splice(at, 0, text);
      }
      return list.join('\n') === [...new Set(texts)].toSorted().join('\n');
    }),
  );
});
