import t from 'tap';
import { SimpleKeys } from '../../../../src/policy/builtins/yaml/simple-keys.ts';
import { Source } from '../../../../src/policy/builtins/yaml/source.ts';

const keysOf = (text: string): { source: Source; keys: SimpleKeys } => {
  const source = new Source(text);
  return { source, keys: new SimpleKeys(source) };
};

t.test('a key is what began last, in this line and not too far before', async (t) => {
  const { source, keys } = keysOf(`${'a'.repeat(1_025)}\nb`);
  keys.save(3, false);
  for (let count = 0; count < 1_024; count++) source.skip();
  t.equal(keys.take()?.token, 3);
  t.equal(keys.take(), null, 'only once');
  keys.save(4, false);
  source.skip();
  source.skipLine();
  t.equal(keys.take(), null);
});

t.test('more than 1,024 characters are no key', async (t) => {
  const { source, keys } = keysOf('a'.repeat(1_025));
  keys.save(1, false);
  for (let count = 0; count < 1_025; count++) source.skip();
  t.equal(keys.take(), null);
});

t.test('where none may begin none does', async (t) => {
  const { keys } = keysOf('a');
  keys.allowed = false;
  keys.save(1, true);
  t.equal(keys.take(), null);
});

t.test('where there has to be one, nothing else can be', async (t) => {
  const message = "yaml: line 1: could not find expected ':'";
  const { keys } = keysOf('a');
  keys.save(1, true);
  t.throws(() => keys.remove(), { message });
  t.throws(() => keys.save(2, false), { message });
  const late = keysOf('a\nb');
  late.keys.save(1, true);
  late.source.skip();
  late.source.skipLine();
  t.throws(() => late.keys.take(), { message: "yaml: line 2: could not find expected ':'" });
});

t.test('each flow collection has its own', async (t) => {
  const { keys } = keysOf('a');
  keys.save(1, false);
  keys.enterFlow();
  t.equal(keys.inFlow, true);
  t.equal(keys.take(), null);
  keys.leaveFlow();
  t.equal(keys.inFlow, false);
  keys.leaveFlow();
  t.equal(keys.take()?.token, 1);
});
