import * as fc from 'fast-check';
import t from 'tap';
import { globsMatch } from '../../../src/policy/builtins/globs-match.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(globsMatch);
const match = (a: string, b: string): boolean =>
  call('regex.globs_match', JSON.stringify(a), JSON.stringify(b)) === 'true';

t.test('globs match where a text matches both', async (t) => {
  for (const [a, b] of [
    ['', ''],
    ['abc', 'abc'],
    ['a.c', 'ab[a-d]'],
    ['a.*z', '.+yz'],
    ['a+b', '[ab]*b'],
    ['.*', 'x'],
    ['a*b*c', 'a*b+c+'],
    ['x*', 'xxx'],
    ['ab.*', '.*cd'],
    ['.+.+', 'a+'],
  ] as const)
    t.ok(match(a, b) && match(b, a), `${a} ${b}`);
});

t.test('they do not where none does', async (t) => {
  for (const [a, b] of [
    ['', 'a'],
    ['abc', 'abd'],
    ['a.*', 'b.*'],
    ['.*a', '.*b'],
    ['aa+', 'a'],
    ['[a-c]+', '[d-f]+'],
    ['ab', 'abb'],
    ['a*b', 'a*c'],
  ] as const)
    t.notOk(match(a, b) || match(b, a), `${a} ${b}`);
});

t.test('as in OPA, tokens that may be nothing are something at the end', async (t) => {
  t.notOk(match('a*b*', 'a'));
  t.notOk(match('a', 'a*b*'));
  t.ok(match('a*', 'a'));
});

t.test('what is no glob is an error', async (t) => {
  t.throws(() => match('a', '['), { message: 'found [ without matching ]: the input provided is invalid' });
  t.throws(() => call('regex.globs_match', '1', '"a"'), {
    message: 'operand 1 must be string but got number',
  });
  t.throws(() => call('regex.globs_match', '"a"', 'null'), {
    message: 'operand 2 must be string but got null',
  });
});

t.test('what takes OPA exponential time is decided at once, or not at all', async (t) => {
  t.equal(match(`${'.*a'.repeat(30)}c`, `${'.*b'.repeat(30)}d`), false);
  t.equal(match('.*a'.repeat(30), '.*b'.repeat(30)), false);
  t.throws(() => match(`${'.*a'.repeat(1_000)}bc*`, `${'a'.repeat(3_000)}[de]*`), {
    name: 'LimitError',
    message: 'regex.globs_match: the globs leave too many choices',
  });
});

t.test('a text without anything special matches what it is made of', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', 'c', 'é'), { minLength: 1 }),
      fc.infiniteStream(fc.nat(4)),
      (text, choices) => {
        const glob = text.map((character) => {
          const choice = choices.next().value;
          return ['.', `[${character}x]`, `${character}+`, '.+', character][choice];
        });
        return match(text.join(''), glob.join(''));
      },
    ),
  );
});
