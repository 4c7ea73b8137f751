import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { parseUri, uriValue } from '../../../../src/policy/builtins/x509/uri.ts';
import { writeJson } from '../../../../src/policy/value-text.ts';

t.test('OPA does not show user and password, and U+FFFD for a byte that is of no character', async (t) => {
  t.equal(
    writeJson(uriValue(parseUri('x://u:p@h/%e9?'))),
    '{"ForceQuery":true,"Fragment":"","Host":"h","OmitHost":false,"Opaque":"","Path":"/\ufffd","RawFragment":"",' +
      '"RawPath":"/%e9","RawQuery":"","Scheme":"x","User":{}}',
  );
  t.equal(uriValue(parseUri('x://h')).get('User'), null);
});

t.test('what is no URI to Go is an error that says so', async (t) => {
  t.throws(
    () => parseUri('x://h:a'),
    new BuiltinError('x509: cannot parse URI "x://h:a": parse "x://h:a": invalid port ":a" after host'),
  );
});
