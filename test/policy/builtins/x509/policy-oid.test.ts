import * as fc from 'fast-check';
import t from 'tap';
import { isPolicyOid, policyOidText, shortOidText } from '../../../../src/policy/builtins/x509/policy-oid.ts';
import { oidBytes } from '../../../support/der.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

t.test('numbers are whole, and as short as can be', async (t) => {
  for (const bytes of ['2a', '2a03', '2a8101', '00']) t.ok(isPolicyOid(hex(bytes)), bytes);
  for (const bytes of ['', '2a83', '8001', '2a8001']) t.notOk(isPolicyOid(hex(bytes)), bytes);
});

t.test('numbers of any size are shown', async () => {
  const numbers = fc.array(fc.bigInt({ min: 0n, max: 2n ** 200n }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 100n }), numbers, (second, others) => {
      const text = [2, second, ...others].join('.');
      const isShort = [second + 80n, ...others].every((number) => number < 2n ** 31n);
      const der = oidBytes(text);
      return isPolicyOid(der) && policyOidText(der) === text && shortOidText(der) === (isShort ? text : null);
    }),
  );
});

t.test('the first number is told from the second', async (t) => {
  t.equal(policyOidText(hex('27')), '0.39');
  t.equal(policyOidText(hex('28')), '1.0');
  t.equal(policyOidText(hex('50')), '2.0');
});

t.test('of what is no OID, the whole numbers are shown', async (t) => {
  t.equal(policyOidText(hex('')), '');
  t.equal(policyOidText(hex('2a03ff')), '1.2.3');
  t.equal(policyOidText(hex('2a8003')), '1.2.3');
  t.equal(policyOidText(hex('ff')), '');
});
