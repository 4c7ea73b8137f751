import t from 'tap';
import { ConfigurationError, type PlacedFault } from '../../src/config/fault.ts';

const fault = (line: number, column: number, path: PlacedFault['path'], message = 'wrong'): PlacedFault => ({
  line,
  column,
  path,
  message,
});

t.test('the error has one line for each fault: file, line, column, path and message', async (t) => {
  const error = new ConfigurationError('portcullis.yaml', [
    fault(3, 5, ['routes', 0, 'scopes', 1, 2]),
    fault(4, 1, [], 'services is missing'),
  ]);
  t.equal(
    error.message,
    'portcullis.yaml:3:5 routes[0].scopes[1][2]: wrong\nportcullis.yaml:4:1 services is missing',
  );
  t.equal(error.name, 'ConfigurationError');
  t.equal(error.code, 'PORTCULLIS_CONFIGURATION');
});

t.test('faults stand in the order of the file', async (t) => {
  const given = [fault(10, 1, ['d']), fault(9, 3, ['c']), fault(9, 1, ['b']), fault(2, 40, ['a'])];
  const { message, faults } = new ConfigurationError('f', given);
  t.strictSame(message.split('\n'), [
    'f:2:40 a: wrong',
    'f:9:1 b: wrong',
    'f:9:3 c: wrong',
    'f:10:1 d: wrong',
  ]);
  t.strictSame(
    faults.map(({ path }) => path.join()),
    ['a', 'b', 'c', 'd'],
  );
  t.equal(given[0]?.path[0], 'd', 'what was given is as it was');
});

t.test('the same fault is told once, another one at the same place too', async (t) => {
  const { message, faults } = new ConfigurationError('f', [
    fault(1, 1, ['a']),
    fault(1, 1, ['a']),
    fault(1, 1, ['a'], 'also wrong'),
  ]);
  t.equal(message, 'f:1:1 a: wrong\nf:1:1 a: also wrong');
  t.equal(faults.length, 2);
});

t.test('what a terminal would obey is escaped', async (t) => {
  const { message } = new ConfigurationError('f', [fault(1, 1, ['\u001b[31m\n\u009b\u202e\u2028ü'])]);
  t.equal(message, 'f:1:1 \\u{1b}[31m\\u{a}\\u{9b}\\u{202e}\\u{2028}ü: wrong');
});
