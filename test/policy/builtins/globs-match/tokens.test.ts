import t from 'tap';
import { parseGlob, tokensMatch } from '../../../../src/policy/builtins/globs-match/tokens.ts';

const match = (a: string, b: string): boolean =>
  tokensMatch(parseGlob(a)[0] as never, parseGlob(b)[0] as never);

t.test('a glob is characters, any character and sets, with flags', async (t) => {
  t.strictSame(parseGlob('a.*[b-d,x]+'), [
    { kind: 'character', ranges: [[97, 97]], flag: '' },
    { kind: 'dot', ranges: null, flag: '*' },
    {
      kind: 'set',
      ranges: [
        [44, 44],
        [98, 100],
        [120, 120],
      ],
      flag: '+',
    },
  ]);
  t.strictSame(parseGlob(''), []);
  t.strictSame(parseGlob('[]'), [{ kind: 'set', ranges: [], flag: '' }]);
  t.strictSame(parseGlob('😀')[0]?.ranges, [[0x1f600, 0x1f600]]);
});

t.test('a backslash makes a plain character of any', async (t) => {
  t.strictSame(
    parseGlob(String.raw`\.\*[\]\-\\]`).map(({ ranges }) => ranges),
    [
      [[46, 46]],
      [[42, 42]],
      [
        [45, 45],
        [92, 93],
      ],
    ],
  );
});

t.test('of equal neighbours with flags one is left, + if it is one of them', async (t) => {
  const flags = (glob: string): string[] => parseGlob(glob).map(({ kind, flag }) => kind + flag);
  t.strictSame(flags('a*a+'), ['character+']);
  t.strictSame(flags('a+a*a*'), ['character+']);
  t.strictSame(flags('a*a*'), ['character*']);
  t.strictSame(flags('.*.+'), ['dot+']);
  t.strictSame(flags('[ab]+[ba]*'), ['set+']);
  t.strictSame(flags('a*aa*'), ['character*', 'character', 'character*']);
  t.strictSame(flags('a*[a]*'), ['character*', 'set*'], 'a set is no character');
});

t.test('two tokens match where there is a character of both', async (t) => {
  for (const [a, b] of [
    ['a', 'a'],
    ['a', '.'],
    ['.', '[]'],
    ['[a-f]', '[f-z]'],
    ['[axz]', '[yz]'],
  ] as const)
    t.ok(match(a, b) && match(b, a), `${a} ${b}`);
  for (const [a, b] of [
    ['a', 'b'],
    ['a', '[b-z]'],
    ['[]', '[]'],
    ['[ace]', '[bdf]'],
  ] as const)
    t.notOk(match(a, b) || match(b, a), `${a} ${b}`);
});

t.test('what is no glob is an error', async (t) => {
  const reasons: Readonly<Record<string, string>> = {
    ']': "set-close ']' with no preceding '['",
    '+': "flag '+' must be preceded by a non-flag",
    'a**': "flag '*' must be preceded by a non-flag",
    '[a': 'found [ without matching ]',
    '[-a]': "range character '-' must be preceded by a Unicode character",
    '[a-c-e]': "range character '-' must be preceded by a Unicode character",
    '[a-': "range character '-' must be followed by a Unicode character",
    '[a-]': "range character '-' must be followed by a Unicode character",
    '[a-]b': "range character '-' cannot be followed by a special symbol",
    '[a--b]': "range character '-' cannot be followed by a special symbol",
    '[b-a]': 'range is out of order',
    '\\': 'input ends with a \\ (escape) character',
  };
  for (const [glob, reason] of Object.entries(reasons))
    t.throws(() => parseGlob(glob), { message: `${reason}: the input provided is invalid` }, glob);
});
