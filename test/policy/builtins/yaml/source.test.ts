import t from 'tap';
import {
  END,
  isAlpha,
  isBlankOrEnd,
  isBreakOrEnd,
  Source,
} from '../../../../src/policy/builtins/yaml/source.ts';

t.test('places are counted in characters and lines', async (t) => {
  const source = new Source('a😀\r\nb\u2028c');
  source.skip();
  source.skip();
  t.strictSame(source.mark, { index: 2, line: 0, column: 2 });
  source.skipLine();
  t.strictSame(source.mark, { index: 4, line: 1, column: 0 });
  t.equal(source.char(), 'b');
  t.equal(source.char(1), '\u2028');
  source.skip();
  source.skipLine();
  source.skipLine();
  t.strictSame(source.mark, { index: 6, line: 2, column: 0 }, 'where there is no break, none is skipped');
  source.skip();
  t.equal(source.char(), END);
});

t.test('all breaks but those of Unicode are line feeds in scalars', async (t) => {
  const source = new Source('\r\n\r\n\u0085\u2028\u2029');
  const read = Array.from({ length: 6 }, () => source.readLine());
  t.strictSame(read, ['\n', '\n', '\n', '\u2028', '\u2029', '']);
  t.equal(new Source('\r\r').readLine(), '\n');
});

t.test('line breaks are counted until there is something else than blanks', async (t) => {
  const source = new Source('\n \t\n#a');
  source.skipLine();
  source.skipBlanks();
  source.skipLine();
  t.equal(source.newlines, 2);
  source.skipRest();
  t.equal(source.newlines, 0);
  t.equal(source.at, 6);
});

t.test('what passes is read', async (t) => {
  const source = new Source('ab-c d');
  t.equal(source.readWhile(isAlpha), 'ab-c');
  t.equal(source.readWhile(isAlpha), '');
  t.equal(new Source('ab').readWhile(isAlpha), 'ab');
});

t.test('a document is indicated at the beginning of a line', async (t) => {
  const isAt = (text: string, skipped = 0): boolean => {
    const source = new Source(text);
    for (let at = 0; at < skipped; at++) source.skip();
    return source.isAtDocumentIndicator();
  };
  t.ok(isAt('---'));
  t.ok(isAt('... a'));
  t.ok(isAt('---\n'));
  t.notOk(isAt('---a'));
  t.notOk(isAt('--'));
  t.notOk(isAt(' ---', 1));
});

t.test('the end counts as a break and as a blank', async (t) => {
  t.ok(isBreakOrEnd(END));
  t.ok(isBlankOrEnd(END));
  t.ok(isBlankOrEnd('\t'));
  t.notOk(isBlankOrEnd('a'));
});

t.test('a stream has no control characters, and a byte order mark only before it', async (t) => {
  t.equal(new Source('\ufeffa').text, 'a');
  for (const text of ['\0', 'a\u0007', '\u007f', '\u0080', '\ufffe', '\uffff'])
    t.throws(() => new Source(text), { message: 'yaml: control characters are not allowed' });
});

t.test('what cannot be read is told with its line', async (t) => {
  const source = new Source('\na');
  source.skipLine();
  t.throws(() => source.fail('it is not good'), { message: 'yaml: line 2: it is not good' });
});
