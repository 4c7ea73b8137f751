import t from 'tap';
import { numberFault } from '../../../../src/policy/builtins/rego/number-text.ts';

t.test('numbers are as large as OPA takes them', async (t) => {
  // 2^100000 is 9.990020930143845e30102.
  for (const fine of ['0', '-.5', '1e400', '9.99e30102', '9.99e-30104', '1'.repeat(500), '0e5', '0.0'])
    t.equal(numberFault(fine), null, fine);
  for (const big of ['9.991e30102', '1e30103', '1e-30105', '1e40001', '1e-900000000'])
    t.equal(numberFault(big), 'number too big', big);
});

t.test('a zero may have any exponent', async (t) => t.equal(numberFault('0e900000'), null));

t.test('what is none is said', async (t) => {
  t.equal(numberFault('.1.5'), 'invalid float');
  t.equal(numberFault('x'), 'invalid float');
  t.equal(numberFault('0e99999999999999999999'), 'invalid float');
});
