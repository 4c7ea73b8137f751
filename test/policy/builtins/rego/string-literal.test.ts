import t from 'tap';
import { unescape } from '../../../../src/policy/builtins/rego/string-literal.ts';

t.test('without a backslash it is taken as it is', async (t) => t.equal(unescape('"a\tb"'), 'a\tb'));

t.test('with one it is JSON', async (t) => {
  t.equal(unescape(String.raw`"\/\u0041\ud83d\ude00"`), '/A😀');
  t.equal(unescape(String.raw`"\ud800x"`), '\ufffdx');
  t.equal(unescape('"\t\\n"'), null);
  t.equal(unescape(String.raw`"\u00zz"`), null);
});
