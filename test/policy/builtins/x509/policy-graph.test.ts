import t from 'tap';
import { type Certificate, parseCertificate } from '../../../../src/policy/builtins/x509/certificate.ts';
import { hasValidPolicies } from '../../../../src/policy/builtins/x509/policy-graph.ts';
import { integer } from '../../../support/der.ts';
import {
  ecKey,
  extension,
  issue,
  policies,
  policyConstraints,
  policyMappings,
} from '../../../support/issuing.ts';

const key = ecKey();
const issuer = { name: 'issuer', key };
const certificate = (...extensions: readonly Buffer[]): Certificate =>
  parseCertificate(issue({ name: 'a', by: issuer, key, extensions }).der);
/** Which is its own issuer by its name. */
const selfIssued = (...extensions: readonly Buffer[]): Certificate =>
  parseCertificate(issue({ name: 'a', key, extensions }).der);

const [A, B, ANY] = ['1.2.3', '1.2.4', '2.5.29.32.0'];
const plain = certificate();
const root = selfIssued();
/** From here on policies have to be there. */
const explicit = policyConstraints(0);
const inhibitAny = (after: number): Buffer => extension('2.5.29.54', integer(after));

t.test('as long as nobody asks for policies, they do not matter', async (t) => {
  t.ok(hasValidPolicies([root]));
  t.ok(hasValidPolicies([plain, root]));
  t.ok(hasValidPolicies([certificate(policies(A)), certificate(policies(B)), root]));
});

t.test('where they are asked for, all have to have one', async (t) => {
  const asking = certificate(policies(A), explicit);
  t.ok(hasValidPolicies([certificate(policies(A)), asking, root]));
  t.ok(hasValidPolicies([certificate(policies(A, B)), asking, root]));
  t.notOk(hasValidPolicies([certificate(policies(B)), asking, root]));
  t.notOk(hasValidPolicies([plain, asking, root]));
  t.notOk(hasValidPolicies([certificate(policies()), asking, root]));
  t.notOk(hasValidPolicies([certificate(policies(A)), plain, asking, root]));
});

t.test('the leaf may ask itself, and the root may not', async (t) => {
  t.notOk(hasValidPolicies([certificate(policies(A), explicit), certificate(policies(B)), root]));
  t.ok(hasValidPolicies([certificate(policies(A), explicit), certificate(policies(A)), root]));
  t.ok(hasValidPolicies([plain, plain, selfIssued(explicit)]));
});

t.test('they may be asked for some certificates later', async (t) => {
  const asksAfter = (count: number): Certificate => certificate(policyConstraints(count));
  t.notOk(hasValidPolicies([plain, plain, asksAfter(1), root]));
  t.notOk(hasValidPolicies([plain, plain, asksAfter(2), root]));
  t.ok(hasValidPolicies([plain, plain, asksAfter(3), root]), 'there are not as many');
  t.ok(hasValidPolicies([plain, selfIssued(), asksAfter(2), root]), 'self-issued ones do not count');
  t.ok(hasValidPolicies([plain, asksAfter(-1), root]), 'as Go sees it');
});

t.test('any policy stands for all, unless that is inhibited', async (t) => {
  const asking = certificate(policies(ANY), explicit);
  t.ok(hasValidPolicies([certificate(policies(A)), asking, root]));
  t.ok(hasValidPolicies([certificate(policies(ANY)), asking, root]));
  t.ok(hasValidPolicies([certificate(policies(ANY)), certificate(policies(A), explicit), root]));
  const inhibiting = certificate(policies(A), explicit, inhibitAny(0));
  t.notOk(hasValidPolicies([certificate(policies(ANY)), inhibiting, root]));
  t.ok(hasValidPolicies([certificate(policies(A)), selfIssued(policies(ANY)), inhibiting, root]));
  t.notOk(hasValidPolicies([selfIssued(policies(ANY)), inhibiting, root]), 'of a leaf, never');
  t.ok(
    hasValidPolicies([certificate(policies(ANY)), certificate(policies(A), explicit, inhibitAny(1)), root]),
  );
});

t.test('a policy may be mapped to another', async (t) => {
  const mapping = certificate(policies(A), policyMappings([A, B]), explicit);
  t.ok(hasValidPolicies([certificate(policies(B)), mapping, root]));
  t.notOk(hasValidPolicies([certificate(policies(A)), mapping, root]));
  const ofAny = certificate(policies(ANY), policyMappings([A, B]), explicit);
  t.ok(hasValidPolicies([certificate(policies(B)), ofAny, root]));
  const absent = certificate(policies(A), policyMappings([B, A]), explicit);
  t.ok(hasValidPolicies([certificate(policies(A)), absent, root]), 'what is not there is not mapped');
});

t.test('any policy is never mapped', async (t) => {
  t.notOk(hasValidPolicies([plain, certificate(policies(A), policyMappings([A, ANY])), root]));
  t.notOk(hasValidPolicies([plain, certificate(policies(A), policyMappings([ANY, A])), root]));
  t.ok(
    hasValidPolicies([plain, certificate(policyMappings([ANY, A])), root]),
    'without policies it is not looked at',
  );
});

t.test('where mapping is inhibited, what is mapped goes', async (t) => {
  const inhibiting = certificate(policies(A, B), policyConstraints(0, 0));
  const mapping = certificate(policies(A, B), policyMappings([A, B]));
  t.ok(hasValidPolicies([certificate(policies(B)), mapping, inhibiting, root]), 'the other one stays');
  t.notOk(hasValidPolicies([certificate(policies(A)), mapping, inhibiting, root]));
  const both = certificate(policies(A), policyMappings([A, B], [ANY, A]));
  t.notOk(hasValidPolicies([certificate(policies(A)), both, inhibiting, root]));
});
