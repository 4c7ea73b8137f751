import { spawnSync } from 'node:child_process';
import t from 'tap';
import { openLog } from '../../src/observe/log.ts';

/** A log of a level, and what it wrote. */
function keep(level: string): { log: ReturnType<typeof openLog>; lines: () => Record<string, unknown>[] } {
  const written: string[] = [];
  const log = openLog(level, { write: (line) => void written.push(line) });
  return { log, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

t.test('a line is an object in JSON: level, time, what is known, message', async (t) => {
  const { log, lines } = keep('info');
  log.info({ reason: 'no_route' }, 'refused');
  const [{ time, ...line } = { time: '' }] = lines();
  t.strictSame(line, { level: 'info', reason: 'no_route', message: 'refused' });
  t.equal(new Date(String(time)).toISOString(), time);
});

t.test('lines below the level are left out', async (t) => {
  const { log, lines } = keep('warn');
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level);
  t.strictSame(
    lines().map(({ message }) => message),
    ['warn', 'error'],
  );
  const silent = keep('silent');
  silent.log.fatal('never');
  t.strictSame(silent.lines(), []);
});

t.test('what comes from outside cannot start a line of its own', async (t) => {
  const { log, lines } = keep('info');
  log.info({ detail: 'a\n{"level":"fatal"}\u001b[2J' }, 'refused');
  t.equal(lines().length, 1);
});

t.test('an error is its name, message and stack, without what a library hung onto it', async (t) => {
  const { log, lines } = keep('info');
  const error = Object.assign(new TypeError('that failed'), {
    payload: { sub: 'claim-value' },
    headers: { authorization: 'Bearer token-value' },
    cause: new Error('cause-value'),
  });
  log.error({ err: error }, 'a bug');
  const [line] = lines();
  t.match(line, { err: { type: 'TypeError', message: 'that failed', stack: /log\.test\.ts/ } });
  t.notMatch(JSON.stringify(line), /(claim|token|cause)-value/);
});

t.test('it goes to standard output, whole, even when the process ends at once', async (t) => {
  const module = new URL('../../src/observe/log.ts', import.meta.url).href;
  const script = `import { openLog } from ${JSON.stringify(module)}; openLog('info').info('last words'); process.exit(3);`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module-typescript', '--eval', script],
    { encoding: 'utf8' },
  );
  t.equal(status, 3, stderr);
  t.match(JSON.parse(stdout), { level: 'info', message: 'last words' });
});
