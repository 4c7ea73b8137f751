import t from 'tap';
import { runtime } from '../../../src/policy/builtins/runtime.ts';
import { caller } from '../../support/builtin.ts';

t.test('a policy is told nothing of the gateway', async (t) => {
  t.equal(caller(runtime)('opa.runtime'), '{}');
});
