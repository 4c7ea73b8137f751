import t from 'tap';
import { BUILTIN_NAMES } from '../../../../src/policy/builtins/rego/builtin-names.ts';
import { runOpa } from '../../../../src/policy/opa.ts';
import { opa } from '../../../support/opa.ts';

t.test('they are those of the pinned opa, and `in`', async (t) => {
  const text = await runOpa(await opa(), ['capabilities', '--current'], t.testdir());
  const { builtins } = JSON.parse(text) as { builtins: { name: string }[] };
  t.strictSame([...BUILTIN_NAMES].toSorted(), ['in', ...builtins.map(({ name }) => name)].toSorted());
});
