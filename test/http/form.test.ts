import t from 'tap';
import { changedForm, formOf } from '../../src/http/form.ts';

const FORM = 'application/x-www-form-urlencoded';

t.test('a form is what says that it is one', async (t) => {
  for (const type of [
    FORM,
    'Application/X-WWW-Form-Urlencoded',
    `  ${FORM} ; charset=UTF-8`,
    `${FORM};charset="utf8"`,
    `${FORM}; charset=iso-8859-1`,
    `${FORM}; charset=`,
    `${FORM}; boundary=x; charset=windows-1252`,
    `${FORM},text/plain`,
    `text/plain , ${FORM}`,
    `${FORM}x`,
    `x ${FORM}`,
    'text/urlencoded', // formidable takes what has the word in it
    `"${FORM}"`,
    `x/y;a=${FORM}`,
    `application/json; ${FORM}`,
    'application/x-url-encoded',
  ])
    for (const method of ['POST', 'PUT', 'GET'])
      t.equal(formOf(method, ['Content-Type', type]), 'plain', type);
  t.equal(formOf('PUT', ['content_type', FORM]), 'plain', 'in any spelling of the header');
  for (const type of [
    'application/json',
    'multipart/form-data; boundary=a',
    'text/plain',
    'application/x-www-form',
  ])
    t.equal(formOf('POST', ['Content-Type', type, 'Content-Encoding', 'gzip']), null, type);
});

t.test('a POST that does not say what it is may be one (Rack, CGI)', async (t) => {
  for (const fields of [[], ['Content-Type', ''], ['Content-Type', ' '], ['Content-Type', ' , ,']])
    t.equal(formOf('POST', fields), 'undeclared');
  t.equal(formOf('PUT', []), null);
});

t.test('in a form that is compressed, or in a charset unlike ASCII, nothing can be found', async (t) => {
  for (const coding of ['gzip', 'GZIP', 'br', 'identity, gzip', 'x'])
    for (const name of ['Content-Encoding', 'content_encoding'])
      t.equal(formOf('PUT', ['Content-Type', FORM, name, coding]), 'encoded', coding);
  const twice = ['Content-Type', FORM, 'Content-Encoding', 'identity', 'Content-Encoding', 'gzip'];
  t.equal(formOf('POST', twice), 'encoded');
  t.equal(
    formOf('POST', ['Content-Encoding', 'gzip']),
    'encoded',
    'though it does not say that it is a form',
  );
  for (const coding of ['', 'identity', 'Identity, identity'])
    t.equal(formOf('POST', ['Content-Type', FORM, 'Content-Encoding', coding]), 'plain', coding);
  for (const charset of [
    'utf-16',
    'UTF-16LE',
    'ibm037',
    '"cp037"',
    "'utf-7'",
    'utf-8-x',
    'shift_jis',
    ' utf-32',
  ])
    t.equal(formOf('POST', ['Content-Type', `${FORM}; charset=${charset}`]), 'encoded', charset);
  for (const type of [
    `${FORM}; charset=utf-8; Charset = ibm037`,
    `${FORM}, charset=ibm037`,
    `${FORM}; charset*=utf-8''utf-16-le`, // Django
    `${FORM}; charset*=utf-8`,
    `${FORM}; charset*0=utf-; charset*1=16`,
    `${FORM}; "charset"=utf-16`,
    `${FORM}; charset="utf-8`,
    `${FORM}; charset=utf-8 utf-16`,
    `${FORM}; charset`,
    'text/urlencoded; charset=utf-16',
  ])
    t.equal(formOf('POST', ['Content-Type', type]), 'encoded', type);
});

t.test('a form that was changed has another length, and no digest', async (t) => {
  const fields = ['Host', 'a', 'content-LENGTH', '20', 'Digest', 'x', 'Content_MD5', 'x', 'Accept', 'digest'];
  const digests = ['Content-Digest', 'sha-256=:x:', 'Repr-Digest', 'sha-256=:x:'];
  t.strictSame(changedForm([...fields, ...digests], 7), [
    'Host',
    'a',
    'content-LENGTH',
    '7',
    'Accept',
    'digest',
  ]);
  t.strictSame(changedForm(['Transfer-Encoding', 'chunked'], 7), ['Transfer-Encoding', 'chunked']);
});
