import t from 'tap';
import { parseReplacement } from '../../../../src/policy/builtins/regex/replacement.ts';

const pieces = (replacement: string): unknown =>
  parseReplacement(
    replacement,
    new Map([
      ['name', [2]],
      ['é', [1, 3]],
    ]),
  );

t.test('groups are named by number or name, in braces or without', async (t) => {
  t.strictSame(pieces('a$1b'), ['a'], '1b is a name, which no group has');
  t.strictSame(pieces('a${1}b'), ['a', [1], 'b']);
  t.strictSame(pieces('$name-$é.'), [[2], '-', [1, 3], '.']);
  t.strictSame(pieces('${name}s'), [[2], 's']);
  t.strictSame(pieces('$0'), [[0]]);
  t.strictSame(pieces('$999999999'), [[999_999_999]]);
});

t.test('a group that there is not is nothing', async (t) => {
  t.strictSame(pieces('a$other!'), ['a', '!']);
  t.strictSame(pieces('$01$1234567890'), [], 'nor is a number with a zero before it, or a very large one');
});

t.test('a dollar is one where it begins nothing, and where there are two', async (t) => {
  t.strictSame(pieces('$'), ['$']);
  t.strictSame(pieces('a$$1'), ['a', '$1']);
  t.strictSame(pieces('$$$$'), ['$', '$']);
  t.strictSame(pieces('$$$1'), ['$', [1]]);
  t.strictSame(pieces('$-${name${}${n-}'), ['$-', '${name', '${}', '${n-}']);
  t.strictSame(pieces(''), []);
});
