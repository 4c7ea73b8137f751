import t from 'tap';
import { BuiltinError, LimitError } from '../../../src/policy/builtins/builtin.ts';
import { graph } from '../../../src/policy/builtins/graph.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(graph);
const paths = (edges: string, initial: string): string | undefined =>
  call('graph.reachable_paths', edges, initial);

t.test('each way from a root to an end is a path', async (t) => {
  const roles = '{"owner": ["editor", "billing"], "editor": {"viewer"}, "viewer": [], "billing": []}';
  t.equal(paths(roles, '["owner"]'), '{["owner", "billing"], ["owner", "editor", "viewer"]}');
  t.equal(paths(roles, '{"billing", "editor"}'), '{["billing"], ["editor", "viewer"]}');
  t.equal(paths(roles, '[]'), 'set()');
});

t.test('a path ends before what is no node of the graph', async (t) => {
  t.equal(paths('{"a": ["b", "c"], "b": ["x"]}', '["a"]'), '{["a"], ["a", "b"]}');
  t.equal(paths('{"a": []}', '["x"]'), 'set()', 'and does not begin there');
});

t.test('a path ends before a node that it has already', async (t) => {
  t.equal(paths('{"a": ["b"], "b": ["a", "c"], "c": ["b"]}', '["a"]'), '{["a", "b"], ["a", "b", "c"]}');
  t.equal(paths('{"a": ["b"], "b": ["b"]}', '["a"]'), '{["a", "b"]}');
});

t.test('a root that is its own neighbour is on its path twice, as in OPA', async (t) => {
  t.equal(paths('{"a": ["a"]}', '["a"]'), '{["a", "a"]}');
  t.equal(paths('{"a": ["a", "b"], "b": []}', '["a"]'), '{["a", "a"], ["a", "a", "b"], ["a", "b"]}');
});

t.test('nodes are of any kind; what is no collection has no neighbours', async (t) => {
  t.equal(paths('{1: [[2], [2]], [2]: null, "s": "ab"}', '[1.0, "s"]'), '{[1.0, [2]], ["s"]}');
});

t.test('operands of other types are refused', async (t) => {
  t.throws(() => paths('[]', '[]'), new BuiltinError('operand 1 must be object but got array'));
  t.throws(() => paths('{}', '"a"'), new BuiltinError('operand 2 must be {array, set} but got string'));
});

t.test('a long path is found', async (t) => {
  const chain = Array.from({ length: 5_000 }, (_, at) => `${at}: [${at + 1}]`).join();
  t.match(paths(`{${chain}}`, '[0]'), /, 4999\]\}$/);
});

t.test('a graph whose paths are more than can be told is refused', async (t) => {
  const ladder = Array.from({ length: 40 }, (_, at) => `${at}: [${at + 1}, ${at + 2}]`).join();
  t.throws(
    () => paths(`{${ladder}, 40: [], 41: []}`, '[0]'),
    new LimitError('graph.reachable_paths: the paths have more than 500000 nodes'),
  );
});
