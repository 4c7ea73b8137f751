import t from 'tap';
import { readBundle } from '../../src/policy/bundle.ts';
import { confine, EvaluationStopped, readAside } from '../../src/policy/confinement.ts';
import { compile, EvaluationError, loadPolicy } from '../../src/policy/engine.ts';
import { bundleOf, ENTRYPOINT } from '../support/rego.ts';

/** For so long, no machine is done with it: eight thousand million steps, which allocate nothing. */
const RUNAWAY = `endless if {
	some a in input.n
	some b in input.n
	some c in input.n
	a < 0
}`;
const FOR_EVER = { n: Array.from({ length: 2_000 }, (_, at) => at) };
const rules = [
  'echo := input',
  'found := data.x',
  'conflict := value if some value in input.values',
  RUNAWAY,
];
const module = `package a\n${rules.map((rule) => `\n${ENTRYPOINT}${rule}\n`).join('')}`;
const { wasm } = await readBundle(await bundleOf(t, module));
const compiled = await compile(wasm);
const policy = await loadPolicy(compiled);
policy.setData({ x: ['data'] });
const image = (): ReturnType<typeof policy.dataImage> => policy.dataImage();
const LONG = 60_000;

t.test('an evaluation in a thread gives what it gives here, with the same data', async (t) => {
  const threads = await confine(compiled, 2, image);
  t.teardown(threads.close);
  const input = { x: [1, 'é', { y: null }] };
  t.strictSame(await threads.evaluate(LONG, 'a/echo', input), [{ result: input }]);
  t.strictSame(await threads.evaluate(LONG, 'a/found', {}), [{ result: ['data'] }]);
  t.strictSame(await threads.evaluate(LONG, 'a/endless', {}), []);
});

t.test('evaluations that wait get their own answers', async (t) => {
  const threads = await confine(compiled, 2, image);
  t.teardown(threads.close);
  const numbers = Array.from({ length: 50 }, (_, n) => n);
  const answers = await Promise.all(numbers.map(async (n) => threads.evaluate(LONG, 'a/echo', { n })));
  t.strictSame(
    answers,
    numbers.map((n) => [{ result: { n } }]),
  );
});

t.test('one that fails says why, and the next is answered', async (t) => {
  const threads = await confine(compiled, 1, image);
  t.teardown(threads.close);
  await t.rejects(threads.evaluate(LONG, 'a/conflict', { values: [1, 2] }), {
    constructor: EvaluationError,
    message: /^the evaluation failed: .*conflict/,
  });
  await t.rejects(
    threads.evaluate(LONG, 'a/nowhere', {}),
    new EvaluationError('there is no entrypoint a/nowhere'),
  );
  t.strictSame(await threads.evaluate(LONG, 'a/echo', {}), [{ result: {} }]);
});

t.test(
  'one that does not come to an end is stopped and named, and a new thread takes its place',
  async (t) => {
    const threads = await confine(compiled, 1, image);
    t.teardown(threads.close);
    for (let again = 0; again < 2; again++) {
      await t.rejects(
        threads.evaluate(50, 'a/endless', FOR_EVER),
        new EvaluationStopped('a/endless was stopped after 50 ms'),
      );
      t.strictSame(await threads.evaluate(LONG, 'a/found', {}), [{ result: ['data'] }]);
    }
  },
);

t.test('one that finds no thread free in time is refused, and does not come later', async (t) => {
  const threads = await confine(compiled, 1, image);
  t.teardown(threads.close);
  const endless = t.rejects(threads.evaluate(300, 'a/endless', FOR_EVER), {
    constructor: EvaluationStopped,
    message: /was stopped after/,
  });
  await t.rejects(
    threads.evaluate(20, 'a/echo', {}),
    new EvaluationStopped('a/echo found no thread free within 20 ms'),
  );
  await endless;
  t.strictSame(await threads.evaluate(LONG, 'a/echo', {}), [{ result: {} }]);
});

t.test('closing ends the threads, and refuses who waits and who comes', async (t) => {
  const threads = await confine(compiled, 1, image);
  const closed = new EvaluationError('the policies are closed');
  const running = threads.evaluate(500, 'a/endless', FOR_EVER);
  const waiting = threads.evaluate(LONG, 'a/echo', {});
  const stopped = t.rejects(running, { constructor: EvaluationStopped, message: /was stopped after/ });
  const refused = t.rejects(waiting, closed);
  await threads.close();
  await Promise.all([stopped, refused]);
  await t.rejects(threads.evaluate(LONG, 'a/echo', {}), closed);
});

t.test('an input that no thread can be handed is an error of this evaluation alone', async (t) => {
  const threads = await confine(compiled, 1, image);
  t.teardown(threads.close);
  await t.rejects(threads.evaluate(LONG, 'a/echo', { f: () => 1 }), {
    constructor: EvaluationError,
    message: /could not be cloned/,
  });
  t.strictSame(await threads.evaluate(LONG, 'a/echo', {}), [{ result: {} }]);
});

t.test('threads that cannot begin are an error that says why', async (t) => {
  const torn = { ...image(), from: 8 };
  await t.rejects(
    confine(compiled, 2, () => torn),
    {
      constructor: EvaluationError,
      message: 'the data was read by another module',
    },
  );
});

t.test('large data is read aside', async (t) => {
  const x = Array.from({ length: 20_000 }, (_, at) => ({ at, name: `name ${at}` }));
  const read = await readAside(compiled, Buffer.from(JSON.stringify({ x })));
  const other = await loadPolicy(compiled);
  other.setDataImage(read);
  t.strictSame(other.evaluate({}, 'a/found'), [{ result: x }]);
  await t.rejects(readAside(compiled, Buffer.from('{')), {
    constructor: EvaluationError,
    message: /^data cannot be read: /,
  });
});
