// What OPA's scanner makes of odd text, found out by asking it.
import t from 'tap';
import {
  operatorName,
  scan,
  scanTemplate,
  V1_KEYWORDS,
} from '../../../../src/policy/builtins/rego/scanner.ts';

const token = (source: string, start = 0): string => {
  const { kind, text, end, fault } = scan(source, start, V1_KEYWORDS);
  return `${kind} ${text}@${end}${fault && ` ${fault}`}`;
};

t.test('names are of ASCII letters, and of the digits of all scripts that Go knows', async (t) => {
  t.equal(token('a1_B c'), 'identifier a1_B@4');
  t.equal(token('x٣y z'), 'identifier x٣y@3');
  t.equal(token('x𝟘9'), 'identifier x𝟘9@4');
  t.equal(token('x\u{10d40}'), 'identifier x@1', 'a digit since Unicode 16');
  t.equal(token('xé'), 'identifier x@1');
  t.equal(token('é'), 'illegal @1 illegal character "é"');
});

t.test('keywords are those that are known at the place', async (t) => {
  t.equal(token('every x'), 'every every@5');
  t.equal(token('and x'), 'identifier and@3');
  t.equal(scan('and x', 0, new Set(['and'])).kind, 'and');
  t.equal(scan('every x', 0, new Set()).kind, 'identifier');
});

t.test('numbers have digits behind a point and in an exponent, and no letters behind them', async (t) => {
  t.equal(token('1.50e-07 '), 'number 1.50e-07@8');
  t.equal(token('01'), 'number 01@2');
  t.equal(token('1.'), 'illegal 1.@2 expected fraction');
  t.equal(token('1.e5'), 'illegal 1.e5@4 expected fraction');
  t.equal(token('1e+'), 'illegal 1e+@3 expected exponent');
  t.equal(token('1x'), 'illegal 1@1 illegal number format');
});

t.test('strings end in their line, but those in backquotes', async (t) => {
  t.equal(token(String.raw`"a\"\\" b`), String.raw`string "a\"\\"@7`);
  t.equal(token('"a\nb"'), 'illegal @2 non-terminated string');
  t.equal(token('"a'), 'illegal @2 non-terminated string');
  t.equal(token(String.raw`"\x"`), 'illegal @2 illegal escape sequence');
  t.equal(token(String.raw`"\u00e9"`), String.raw`string "\u00e9"@8`);
  t.equal(token(String.raw`"\u00"`), 'illegal @2 illegal escape sequence');
  t.equal(token('`a\n"\\`'), 'string `a\n"\\`@6');
  t.equal(token('`a'), 'illegal @2 non-terminated string');
});

t.test('template strings are read up to an expression, and on from its end', async (t) => {
  t.equal(token('$"a{x}b"'), 'template-part "a{@4');
  t.equal(token(String.raw`$"\{\\\{"`), String.raw`template-end "{\\{"@9`);
  t.equal(token('$`a\n{x}`'), 'raw-template-part `a\n{@5');
  t.equal(token('$`\\\\{`'), 'raw-template-end `\\{`@6');
  t.equal(token('$"a'), 'illegal @3 non-terminated string');
  t.equal(token('$`a'), 'illegal @3 non-terminated string');
  t.equal(token('$a'), 'illegal @1 illegal character "$"');
  t.match(scanTemplate('$"a{x}b{y}"', 5, false), { kind: 'template-part', text: '}b{', end: 8 });
  t.match(scanTemplate('$"a{x}b"', 5, false), { kind: 'template-end', text: '}b"', end: 8 });
});

t.test('punctuators are the longest there are', async (t) => {
  for (const kind of [':=', '==', '!=', '<=', '>=', '&', '|', ':', '=', '<', '.', ';'] as const)
    t.equal(scan(`${kind} `, 0, V1_KEYWORDS).kind, kind);
  t.equal(token('!'), 'illegal @1 illegal character "!"');
  t.equal(token('\u00a0'), 'illegal @1 illegal character "\u00a0"');
});

t.test('white space is one character, a comment goes on to the end of its line', async (t) => {
  t.equal(token('\n\n'), 'whitespace \n@1');
  t.equal(token('#a\r\nb'), 'comment #a\r@3');
  t.equal(token('#a'), 'comment #a@2');
  t.equal(token('a', 1), 'eof @1');
});

t.test('operators are functions', async (t) => {
  t.equal(operatorName('!='), 'neq');
  t.equal(operatorName('&'), 'and');
  t.equal(operatorName('in'), 'in');
});
