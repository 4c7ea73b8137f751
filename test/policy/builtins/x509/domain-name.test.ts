import t from 'tap';
import { isDomainName, lowerCase } from '../../../../src/policy/builtins/x509/domain-name.ts';

t.test('labels are of visible ASCII, and none is empty', async (t) => {
  for (const name of ['', 'a', 'a.b', '*.a', 'A_b.~!', 'a:80', '-'.repeat(300)])
    t.ok(isDomainName(name), name);
  for (const name of ['.', '.a', 'a.', 'a..b', 'a b', 'a\t', '\u00e9', 'a.\u007f'])
    t.notOk(isDomainName(name), name);
});

t.test('a constraint may begin with a dot', async (t) => {
  t.ok(isDomainName('.a.b', { constraint: true }));
  t.ok(isDomainName('', { constraint: true }));
  for (const name of ['.', '..a', '.a.']) t.notOk(isDomainName(name, { constraint: true }), name);
});

t.test('only ASCII has lower case', async (t) => {
  t.equal(lowerCase('AbÉ.Z'), 'abÉ.z');
});
