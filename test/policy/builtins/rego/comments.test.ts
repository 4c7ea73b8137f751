// Comments as OPA gives them, found out by asking it.
import t from 'tap';
import { commentsValue } from '../../../../src/policy/builtins/rego/comments.ts';
import { parseStatements } from '../../../../src/policy/builtins/rego/statements.ts';
import { writeValue } from '../../../../src/policy/value-text.ts';

const comments = (source: string): string =>
  writeValue(commentsValue(parseStatements(source).comments, source, 'a.rego'));
const comment = (text: string | null, row: number, col: number): string =>
  `{"Location": {"col": ${col}, "file": "a.rego", "row": ${row}}, "Text": ${text === null ? 'null' : `"${text}"`}}`;
const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

t.test('they say where they are, by characters', async (t) => {
  t.equal(
    comments('# a\npackage a # b\n\n  p := "😀é" #c\n'),
    `[${comment(base64(' a'), 1, 1)}, ${comment(base64(' b'), 2, 11)}, ${comment(base64('c'), 4, 13)}]`,
  );
  t.equal(comments('\ufeff# a\n'), `[${comment(base64(' a'), 1, 2)}]`);
  t.equal(comments('package a'), '[]');
});

t.test('carriage returns are cut off', async (t) => {
  t.equal(
    comments('#a\r\n#\n#\r\n#\r\r\n'),
    `[${[
      comment(base64('a'), 1, 1),
      comment('', 2, 1),
      comment(null, 3, 1),
      comment(base64('\r'), 4, 1),
    ].join(', ')}]`,
  );
});

t.test('of the last character of a source one byte is left', async (t) => {
  t.equal(comments('#a'), `[${comment(base64('a'), 1, 1)}]`);
  t.equal(comments('#'), `[${comment('', 1, 1)}]`);
  t.equal(comments('#aé'), `[${comment(base64('a\u00c3'), 1, 1)}]`);
  t.equal(comments('#😀'), `[${comment(base64('\u00f0'), 1, 1)}]`);
  t.equal(comments('#é\n'), `[${comment(base64('\u00c3\u00a9'), 1, 1)}]`);
});
