import t from 'tap';
import { glob } from '../../../src/policy/builtins/glob.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(glob);

t.test('what a glob would take for its own is quoted, and nothing else', async (t) => {
  t.equal(call('glob.quote_meta', String.raw`"a*b?[c]{d}\\"`), String.raw`"a\\*b\\?\\[c\\]\\{d\\}\\\\"`);
  t.equal(call('glob.quote_meta', '"a-b,c!d.é^$"'), '"a-b,c!d.é^$"');
  t.throws(() => call('glob.quote_meta', '1'), { message: 'operand 1 must be string but got number' });
});
