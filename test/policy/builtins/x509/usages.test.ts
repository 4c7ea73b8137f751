import t from 'tap';
import { ANY_USAGE, SERVER_AUTH, USAGES, usageNumber } from '../../../../src/policy/builtins/x509/usages.ts';

t.test('usages have the numbers of Go', async (t) => {
  t.equal(usageNumber(ANY_USAGE), 0);
  t.equal(usageNumber(SERVER_AUTH), 1);
  t.equal(usageNumber('1.3.6.1.5.5.7.3.9'), 9, 'to sign OCSP answers');
  t.equal(usageNumber(USAGES.get('KeyUsageMicrosoftKernelCodeSigning') ?? ''), 13);
  t.equal(usageNumber('1.3.6.1.5.5.7.3.10'), null);
});
