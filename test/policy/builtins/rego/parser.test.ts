import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import {
  advance,
  advanceToSpace,
  beginsRef,
  codePoints,
  fail,
  hasLogic,
  isAt,
  isLogical,
  keep,
  mayBeName,
  nested,
  type Parser,
  peek,
  recall,
  reclassify,
  remember,
  spend,
  syntaxError,
  unexpected,
  variableHere,
  wildcard,
} from '../../../../src/policy/builtins/rego/parser.ts';
import { variable } from '../../../../src/policy/builtins/rego/ast.ts';
import { parserOn } from '../../../support/rego-tree.ts';

const kinds = (p: Parser, move: typeof advance): string[] => {
  const found: string[] = [];
  for (; !isAt(p, 'eof'); move(p)) found.push(p.place.kind);
  return found;
};

t.test('white space is passed, unless it is asked for', async (t) => {
  t.strictSame(kinds(parserOn('a  \n b'), advance), ['identifier', 'identifier']);
  t.strictSame(kinds(parserOn('a  b'), advanceToSpace), [
    'identifier',
    'whitespace',
    'whitespace',
    'identifier',
  ]);
});

t.test('a byte order mark may be first', async (t) => t.equal(parserOn('\ufeffa').place.text, 'a'));

t.test('the end of a line before a token is known, also when there is a comment', async (t) => {
  const p = parserOn('a # b\n c d');
  t.equal(p.place.isOnNewLine, false);
  advance(p);
  t.equal(p.place.isOnNewLine, true);
  t.strictSame(p.place.comments, { start: 2, text: '# b', before: null });
  advance(p);
  t.equal(p.place.isOnNewLine, false);
  const spaced = parserOn('a\nb');
  advanceToSpace(spaced);
  advance(spaced);
  t.equal(spaced.place.isOnNewLine, true);
});

t.test('what is ahead can be seen', async (t) => {
  const p = parserOn('a .');
  t.equal(peek(p, advance), '.');
  t.equal(peek(p, advanceToSpace), 'whitespace');
  t.equal(p.place.text, 'a');
});

t.test('the first fault is kept, with its place', async (t) => {
  const p = parserOn('é\n x');
  t.equal(p.place.fault?.reason, 'illegal character "é"');
  t.equal(fail(p, 'another'), null);
  t.equal(p.place.fault?.start, 0);
  t.equal(unexpected(parserOn('x')), null);
  const named = parserOn('a\n é');
  advance(named);
  t.match(syntaxError(named, { reason: 'wrong', start: 3 }), { message: 'rego_parse_error at 2:2: wrong' });
  const token = parserOn(')');
  unexpected(token, 'expected var');
  t.equal(token.place.fault?.reason, 'unexpected ) token: expected var');
  const illegal = parserOn('x');
  reclassify(illegal, 'illegal');
  unexpected(illegal);
  t.equal(illegal.place.fault?.reason, 'illegal token');
});

t.test('a term is known by where it begins, and those within it are forgotten', async (t) => {
  const p = parserOn('a b c');
  const start = keep(p);
  t.equal(recall(p), undefined);
  advance(p);
  remember(p, p.place.start, variable('inner'));
  t.strictSame(recall(p), variable('inner'));
  remember(p, 0, variable('outer'));
  t.equal(p.known?.next, null);
  p.place = start;
  t.strictSame(recall(p), variable('outer'));
  t.equal(p.place.text, 'b');
  t.equal(recall(p), undefined);
});

t.test('every wildcard is a variable of its own', async (t) => {
  const p = parserOn('_');
  t.strictSame([variableHere(p), wildcard(p)], [variable('$0'), variable('$1')]);
  t.strictSame(variableHere(parserOn('x')), variable('x'));
});

t.test('keywords may be names in references', async (t) => {
  t.ok(beginsRef(parserOn('if.x')));
  t.ok(beginsRef(parserOn('not[x]')));
  t.notOk(beginsRef(parserOn('not [x]')));
  t.notOk(beginsRef(parserOn('x.y')));
  const p = parserOn('x', 'and');
  t.ok(mayBeName(p, 'and'));
  t.ok(mayBeName(p, '&'), 'OPA calls it so');
  t.notOk(mayBeName(p, '|'));
});

t.test('`and` and `or` are operators when they are imported', async (t) => {
  t.notOk(hasLogic(parserOn('x')));
  t.ok(hasLogic(parserOn('x', 'or')));
  t.ok(isLogical(parserOn('or', 'or')));
  t.notOk(isLogical(parserOn('or')));
});

t.test('nesting and reading have bounds', async (t) => {
  const p = parserOn('x');
  const deeper = (): number => nested(p, deeper);
  t.throws(deeper, new BuiltinError('the module is nested deeper than 250'));
  t.throws(() => spend(p, 1_000_000), new BuiltinError('the module has too many readings to try'));
});

t.test('columns count characters', async (t) => t.equal(codePoints('a😀é'), 3));
