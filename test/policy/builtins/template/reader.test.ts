import t from 'tap';
import { LimitError } from '../../../../src/policy/builtins/builtin.ts';
import { TemplateError, type Token } from '../../../../src/policy/builtins/template/lex.ts';
import { isKeyword, readerOf } from '../../../../src/policy/builtins/template/reader.ts';

const fault = (reason: string): TemplateError => new TemplateError(`template: template:1: ${reason}`);

t.test('it gives token after token, and the end again and again', async (t) => {
  const reader = readerOf('{{ .a }}');
  t.equal(reader.next().type, 'left');
  const place = reader.place();
  t.equal(reader.peek().type, 'space');
  t.equal(reader.peekAfterSpace().text, '.a');
  t.equal(reader.next().text, '.a');
  t.equal(reader.nextAfterSpace().type, 'right');
  t.equal(reader.next().type, 'end');
  t.equal(reader.next().type, 'end');
  reader.goBack(place);
  t.equal(reader.next().type, 'space');
});

t.test('it says what it did not expect', async (t) => {
  t.throws(() => readerOf('abc').expect('left', 'here'), fault('unexpected "abc" in here'));
  t.throws(() => readerOf('').expect('left', 'here'), fault('unexpected EOF in here'));
  t.doesNotThrow(() => readerOf('{{.}}').expect('left', 'here'));
  t.throws(() => readerOf('').fail('no'), fault('no'));
});

t.test('what is within something else may be 200 deep', async (t) => {
  const reader = readerOf('');
  const nest = (depth: number): number => (depth === 0 ? 0 : reader.nested(() => nest(depth - 1)) + 1);
  t.equal(nest(200), 200);
  t.equal(nest(200), 200);
  t.throws(() => nest(201), new LimitError('strings.render_template: nested deeper than 200'));
});

t.test('a keyword is no identifier', async (t) => {
  const token = (type: Token['type']): Token => ({ type, text: 'end', line: 1 });
  t.ok(isKeyword(token('keyword'), 'end'));
  t.notOk(isKeyword(token('keyword'), 'else'));
  t.notOk(isKeyword(token('identifier'), 'end'));
});
