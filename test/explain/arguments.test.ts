import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import t from 'tap';
import {
  ArgumentError,
  readArguments,
  tokenFile,
  tokenIn,
  tokenStream,
} from '../../src/explain/arguments.ts';

const SECRET = 'c2VjcmV0LXRva2Vu';

/** Why these are refused. */
function fault(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (
      error instanceof ArgumentError ||
      String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')
    )
      return (error as Error).message;
    throw error;
  }
  return 'none';
}

t.test('a method and a path are a request of nobody in particular', async (t) => {
  t.strictSame(readArguments(['GET', '/accounts/1?x=1']), {
    file: 'portcullis.yaml',
    asJson: false,
    tokenFrom: null,
    asked: {
      method: 'GET',
      target: '/accounts/1?x=1',
      scheme: 'http',
      fields: ['Host', 'localhost'],
      from: '127.0.0.1',
    },
  });
});

t.test('options stand anywhere', async (t) => {
  const options = ['--token', '-', '--config', 'c.yaml', '--json', '--from', '2001:db8::1'];
  const headers = ['--header', 'Accept: text/html', '--header', 'X-Empty:'];
  for (const args of [
    [...options, ...headers, 'POST', '/a'],
    ['POST', '/a', ...headers, ...options],
    [...headers, 'POST', ...options, '/a'],
  ])
    t.match(readArguments(args), {
      file: 'c.yaml',
      asJson: true,
      tokenFrom: '-',
      asked: {
        method: 'POST',
        target: '/a',
        from: '2001:db8::1',
        fields: ['Host', 'localhost', 'Accept', 'text/html', 'X-Empty', ''],
      },
    });
});

t.test('the host is in the target, or a header', async (t) => {
  const asked = (...args: string[]) => readArguments(['GET', ...args]).asked;
  t.match(asked('https://api.example.com:8443/a?b'), {
    scheme: 'https',
    target: '/a?b',
    fields: ['Host', 'api.example.com:8443'],
  });
  t.match(asked('HTTP://a'), { scheme: 'http', target: '/', fields: ['Host', 'a'] });
  t.match(asked('https://a?x'), { target: '/?x' });
  t.strictSame(asked('/a', '--header', 'host: b').fields, ['host', 'b']);
  t.match(
    fault(() => asked('https://a/', '--header', 'Host: b')),
    /say it once/,
  );
});

t.test('what cannot be is refused, and never shown', async (t) => {
  for (const [args, why] of [
    [[], /a method and a target/],
    [['GET'], /a method and a target/],
    [['GET', '/a', SECRET], /a method and a target/],
    [['get', '/a'], /method in capitals/],
    [[SECRET, '/a'], /method in capitals/],
    [['GET', '/a', '--from', SECRET], /expected an address/],
    [['GET', '/a', '--header', SECRET], /'Name: value'/],
    [['GET', '/a', '--header', `X-A: ${SECRET}\r\nX-B: c`], /'Name: value'/],
    [['GET', '/a', '--header', `X A: ${SECRET}`], /'Name: value'/],
    [['GET', '/a', '--header', `Authorization: Bearer ${SECRET}`], /kept by the shell: .*--token -/],
    [['GET', '/a', '--header', `authorization:Basic ${SECRET}`], /kept by the shell/],
    [['GET', '/a', '--unknown'], /--unknown/],
    [['GET', '/a', `--${SECRET}`], /no such option/],
    [['GET', '/a', `-${SECRET}`], /-c/],
    [['GET', '/a', '--token', `-${SECRET}`], /--token/],
    [['GET', '/a', '--token', `--${SECRET}`], /--token/],
    [['GET', '/a', `--json=${SECRET}`], /--json/],
  ] as const) {
    const message = fault(() => readArguments(args));
    t.match(message, why, args.join(' '));
    t.notMatch(message, SECRET);
  }
});

t.test('a token is no argument: it comes from standard input or a file', async (t) => {
  const folder = t.testdir({ token: `${SECRET}\n` });
  t.equal(tokenIn(tokenFile(`${folder}/token`)), SECRET);
  const message = fault(() => tokenFile(SECRET));
  t.match(message, /no such file.*seen by `ps` and kept by the shell/);
  t.notMatch(message, SECRET);
});

t.test('a token stands alone', async (t) => {
  t.equal(tokenIn(`\ufeff ${SECRET}\r\n`), SECRET);
  for (const [text, why] of [
    ['', /no token/],
    [' \n', /no token/],
    [`Bearer ${SECRET}`, /the token alone/],
    [`${SECRET}\n${SECRET}`, /the token alone/],
  ] as const) {
    t.match(
      fault(() => tokenIn(text)),
      why,
    );
    t.notMatch(
      fault(() => tokenIn(text)),
      SECRET,
    );
  }
});

t.test('what is longer than a token can be is not read to its end, nor shown', async (t) => {
  const longest = 'QUFB'.repeat(16_384);
  const folder = t.testdir({
    token: `\ufeff${longest}\r\n`,
    long: `${longest}=`,
    huge: `${SECRET} `.repeat(10_000),
  });
  t.equal(tokenIn(tokenFile(`${folder}/token`)), longest, '64 KiB');
  t.equal(tokenIn(await tokenStream(Readable.from([Buffer.from(longest), Buffer.from('\n')]))), longest);
  t.equal(await tokenStream(Readable.from([])), '');
  for (const file of ['long', 'huge'])
    t.equal(
      fault(() => tokenIn(tokenFile(`${folder}/${file}`))),
      '--token: more than 64 KiB: no token is that long',
    );
  t.match(
    fault(() => tokenFile(folder)),
    /no such file/,
    'a folder',
  );
  const endless = Readable.from(
    (function* chunks() {
      for (;;) yield Buffer.from(SECRET.repeat(1_000));
    })(),
  );
  await t.rejects(tokenStream(endless), { message: '--token: more than 64 KiB: no token is that long' });
  t.ok(endless.destroyed, 'it is let go');
});

t.test('a token comes by a pipe as well, in pieces', async (t) => {
  const pipe = `${t.testdir({})}/pipe`;
  execFileSync('mkfifo', [pipe]);
  const writer = spawn('sh', ['-c', `{ printf ${SECRET}; sleep 0.1; printf ${SECRET}; } > ${pipe}`]);
  t.equal(tokenFile(pipe), SECRET + SECRET);
  await once(writer, 'exit');
});
