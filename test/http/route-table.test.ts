import t, { type Test } from 'tap';
import { buildRouteTable, type Matchable, type RouteTable, tiedRoutes } from '../../src/http/route-table.ts';
import { canonicalise } from '../../src/http/target.ts';

/** A route, by a line such as `GET,POST api.example.com /accounts/{id} x-version:2|3`; its name is the line. */
function route(line: string): Matchable {
  const [methods = '', hosts = '', ...rest] = line.split(' ');
  const list = (text: string): readonly string[] | null => (text === '*' ? null : text.split(','));
  const paths = rest.filter((word) => word.startsWith('/'));
  const headers = rest.slice(paths.length).map((word) => {
    const [name = '', values = ''] = word.split(':');
    return { name, values: values.split('|') };
  });
  return { name: line, match: { methods: list(methods), hosts: list(hosts), paths, headers } };
}

const tableOf = (...lines: readonly string[]): RouteTable<Matchable> => buildRouteTable(lines.map(route));

/** Which of the routes get these requests, each a line such as `GET api.example.com/accounts/1 X-Version 2`. */
function leads(t: Test, routes: readonly string[], requests: Readonly<Record<string, string | null>>): void {
  const table = tableOf(...routes);
  for (const [request, name] of Object.entries(requests)) {
    const [, method = '', host = '', path = '', fields = ''] =
      /^(\S+) ([^/]*)(\S*) ?(.*)$/.exec(request) ?? [];
    const target = canonicalise(path);
    if ('fault' in target) throw new Error(target.why);
    const match = table.match(host, method, target.segments, ['Host', host, ...fields.split(' ')]);
    t.equal(match?.route.name ?? null, name, request);
  }
}

t.test('literal segments are compared as they are, decoded', async (t) => {
  leads(t, ["* * /a-b/~c.d/!$&'()+,=:@"], {
    "GET /a-b/~c.d/!$&'()+,=:@": "* * /a-b/~c.d/!$&'()+,=:@",
    'GET /a%2Db/%7ec.d/!%24&%27()+,=%3a@': "* * /a-b/~c.d/!$&'()+,=:@",
    'GET /a-b/~c.d': null,
    'GET /': null,
  });
});

t.test('the root is a path like any other', async (t) => {
  leads(t, ['* * /'], { 'GET /': '* * /', 'GET /a': null });
});

t.test('{name} is one segment, and not an empty one', async (t) => {
  leads(t, ['* * /a/{id}'], {
    'GET /a/1': '* * /a/{id}',
    'GET /a': null,
    'GET /a/': null,
    'GET /a/1/2': null,
    'GET /a/1/': null,
  });
});

t.test('a final ** is the prefix itself and all below', async (t) => {
  leads(t, ['* * /a/**'], {
    'GET /a': '* * /a/**',
    'GET /a/': '* * /a/**',
    'GET /a/b/c/': '* * /a/**',
    'GET /ab': null,
    'GET /': null,
  });
  leads(t, ['* * /**'], { 'GET /': '* * /**', 'GET /a/b': '* * /**' });
});

t.test('a route gives its pattern and its parameters, decoded, by its own names', async (t) => {
  const table = tableOf('GET * /a/{id}/{__proto__}', 'PUT * /a/{x}/{y}/**');
  const read = table.match('h', 'GET', ['a', '1 2', 'é/'], []);
  t.equal(read?.pattern, '/a/{id}/{__proto__}');
  t.strictSame(Object.entries(read?.params ?? {}), [
    ['id', '1 2'],
    ['__proto__', 'é/'],
  ]);
  t.equal(read?.params['toString'], undefined, 'and nothing else');
  t.strictSame({ ...table.match('h', 'PUT', ['a', 'X', 'Y', 'Z'], [])?.params }, { x: 'X', y: 'Y' });
});

t.test('routes that share a pattern have their own names for its parameters', async (t) => {
  const table = tableOf('GET * /a/{id}', 'PUT * /a/{name}');
  t.strictSame({ ...table.match('h', 'GET', ['a', '1'], [])?.params }, { id: '1' });
  t.strictSame({ ...table.match('h', 'PUT', ['a', '1'], [])?.params }, { name: '1' });
});

t.test('a literal is more specific than {name}, and {name} than **, segment by segment', async (t) => {
  const routes = ['* * /**', '* * /{x}/b/**', '* * /a/**', '* * /a/{x}', '* * /a/b', '* * /a/{x}/c'];
  for (const inOrder of [routes, routes.toReversed()])
    leads(t, inOrder, {
      'GET /a/b': '* * /a/b',
      'GET /a/c': '* * /a/{x}',
      'GET /a/b/c': '* * /a/{x}/c',
      'GET /a/b/d': '* * /a/**',
      'GET /a': '* * /a/**',
      'GET /c/b/a': '* * /{x}/b/**',
      'GET /c/d': '* * /**',
      'GET /': '* * /**',
    });
});

t.test('a route of several patterns and hosts is found by each', async (t) => {
  const both = 'GET a.example,b.example /one /two/{x}';
  leads(t, [both], {
    'GET a.example/one': both,
    'GET b.example/two/2': both,
    'GET c.example/one': null,
  });
});

t.test('the most specific host is final: exact, then the longest wildcard, then any', async (t) => {
  const routes = ['* a.b.example /x', '* *.b.example /y', '* *.example /z', '* * /**'];
  leads(t, routes, {
    'GET a.b.example/x': '* a.b.example /x',
    'GET a.b.example/y': null,
    'GET c.b.example/y': '* *.b.example /y',
    'GET c.b.example/z': null,
    'GET d.c.b.example/y': '* *.b.example /y',
    'GET b.example/z': '* *.example /z',
    'GET example/z': '* * /**',
    'GET other/x': '* * /**',
    'GET [::1]/x': '* * /**',
  });
  leads(t, ['* *.example /'], { 'GET example/': null, 'GET other/': null });
});

t.test('CVE-2026-55602: a host is compared whole', async (t) => {
  leads(t, ['* localhost /', '* *.b.example /'], {
    'GET evillocalhost/': null,
    'GET localhost.evil/': null,
    'GET evilb.example/': null,
    'GET a.b.example.evil/': null,
  });
});

t.test('routes that share a path divide by method, and a method none has is not found', async (t) => {
  const routes = ['GET,PUT * /a', 'POST * /a', '* * /b', 'DELETE * /b', '* * /**'];
  leads(t, routes, {
    'GET /a': 'GET,PUT * /a',
    'PUT /a': 'GET,PUT * /a',
    'POST /a': 'POST * /a',
    'DELETE /a': null,
    'OPTIONS /a': null,
    'get /a': null,
    'DELETE /b': 'DELETE * /b',
    'PATCH /b': '* * /b',
    'DELETE /c': '* * /**',
  });
});

t.test('GET admits HEAD, where no route names it', async (t) => {
  const routes = ['GET * /a', '* * /a', 'GET * /b', 'HEAD * /b', 'POST * /c'];
  leads(t, routes, {
    'HEAD /a': 'GET * /a',
    'POST /a': '* * /a',
    'HEAD /b': 'HEAD * /b',
    'HEAD /c': null,
  });
});

t.test(
  'a path that is a stricter route’s but for letter case or a trailing slash is not found',
  async (t) => {
    leads(t, ['* * /admin', '* * /admin/{id}', '* * /docs/', '* * /**'], {
      'GET /admin': '* * /admin',
      'GET /Admin': null,
      'GET /ADMIN/': null,
      'GET /admin/': null,
      'GET /%41dmin': null,
      'GET /admin/1': '* * /admin/{id}',
      'GET /admin/1/': null,
      'GET /aDmin/1': null,
      'GET /docs/': '* * /docs/',
      'GET /docs': null,
      'GET /admin/1/2': '* * /**',
      'GET /administrator': '* * /**',
    });
  },
);

t.test('so is one that differs by characters that Unicode takes for the same ones', async (t) => {
  leads(t, ['* * /admin/k', '* * /admin/files/s', '* * /**'], {
    'GET /%EF%BD%81dmin/k': null, // a fullwidth `a`
    'GET /%EF%BC%A1dmin/k/': null, // and a capital one
    'GET /%F0%9D%90%9Admin/k': null, // a bold one
    'GET /adm%C4%B1n/k': null, // dotless `ı`, whose capital is I
    'GET /adm%C4%B0n/k': null, // dotted `İ`, whose small letter is i to Go and .NET
    'GET /admin/%E2%84%AA': null, // the Kelvin sign
    'GET /admin/%EF%AC%81les/s': null, // the ligature `ﬁ`
    'GET /admin/files/%C5%BF': null, // a long `ſ`
    'GET /%C3%A1dmin/k': '* * /**', // `á` is another letter
    'GET /%D0%B0dmin/k': '* * /**', // and so is a Cyrillic `а`, to every upstream
    'GET /caf%C3%A9': '* * /**',
  });
});

t.test('a look-alike that a parameter takes is a value like any other', async (t) => {
  leads(t, ['* * /users/{name}', '* * /users/{name}/**', '* * /**'], {
    'GET /users/%EF%BD%81lice': '* * /users/{name}',
    'GET /users/%EF%BD%81lice/x': '* * /users/{name}/**',
    'GET /%EF%BD%95sers/x': null,
  });
});

t.test('routes that differ in letter case or a trailing slash alone are each found', async (t) => {
  const routes = ['* * /a', '* * /A', '* * /a/', '* * /{x}', '* * /{x}/'];
  leads(t, routes, {
    'GET /a': '* * /a',
    'GET /A': '* * /A',
    'GET /a/': '* * /a/',
    'GET /A/': null,
    'GET /b': '* * /{x}',
    'GET /b/': '* * /{x}/',
  });
});

t.test('CVE-2026-14198, CVE-2026-42272: an encoded slash makes no segment', async (t) => {
  leads(t, ['* * /a/b', '* * /a/{x}/c', '* * /{x}'], {
    'GET /a%2Fb': '* * /{x}',
    'GET /a%2fb': '* * /{x}',
    'GET /a/b%2Fc': null,
    'GET /a/b%2Fc/c': '* * /a/{x}/c',
  });
});

t.test('routes that share path and method divide by headers: most conditions first, none last', async (t) => {
  const routes = [
    'GET * /a',
    'GET * /a x-version:2|3',
    'GET * /a x-beta:1 x-version:2',
    'POST * /a x-version:2',
    '* * /**',
  ];
  for (const inOrder of [routes, routes.toReversed()])
    leads(t, inOrder, {
      'GET /a': 'GET * /a',
      'GET /a X-Version 1': 'GET * /a',
      'GET /a X-Version 2': 'GET * /a x-version:2|3',
      'GET /a x-VERSION 3': 'GET * /a x-version:2|3',
      'HEAD /a X-Version 3': 'GET * /a x-version:2|3',
      'GET /a X-Beta 1 X-Version 2': 'GET * /a x-beta:1 x-version:2',
      'GET /a X-Version 2 X-Beta 1': 'GET * /a x-beta:1 x-version:2',
      'GET /a X-Version 3 X-Beta 1': 'GET * /a x-version:2|3',
      'GET /a X-Beta 1': 'GET * /a',
      'GET /a X-Version 2,3': 'GET * /a',
      'GET /a X-Version-2 2': 'GET * /a',
      'POST /a X-Version 2': 'POST * /a x-version:2',
    });
});

t.test('where no route’s headers fit, nothing is found: never a laxer path or host', async (t) => {
  leads(t, ['* a.example /a x-version:2', '* a.example /**', '* * /a'], {
    'GET a.example/a X-Version 2': '* a.example /a x-version:2',
    'GET a.example/a': null,
    'GET a.example/a X-Version 1': null,
    'GET a.example/b': '* a.example /**',
    'GET b.example/a': '* * /a',
  });
});

t.test('of routes with as many conditions, one that names the method comes before one for all', async (t) => {
  const routes = [
    '* * /a x-v:1',
    'GET * /a x-v:1',
    'GET * /a',
    'HEAD * /a x-v:2',
    'GET * /b x-w:1',
    '* * /b x-v:1',
  ];
  for (const inOrder of [routes, routes.toReversed()])
    leads(t, inOrder, {
      'GET /a X-V 1': 'GET * /a x-v:1',
      'PUT /a X-V 1': '* * /a x-v:1',
      'PUT /a': null,
      'HEAD /a X-V 2': 'HEAD * /a x-v:2',
      'HEAD /a X-V 1': '* * /a x-v:1',
      'HEAD /a': null,
      'GET /b X-V 1 X-W 1': 'GET * /b x-w:1',
      'GET /b X-V 1': '* * /b x-v:1',
    });
  leads(t, ['GET * /a x-v:1', 'GET * /a x-w:1', '* * /a x-v:2'], {
    'GET /a X-V 2 X-W 1': 'GET * /a x-w:1',
  });
  leads(t, ['GET * /a', '* * /a x-v:1'], { 'GET /a X-V 1': '* * /a x-v:1', 'GET /a': 'GET * /a' });
});

t.test('a header that tells routes apart can be read in one way only, wherever it is sent', async (t) => {
  const { headersFault } = tableOf('* * /a x-version:2', '* * /b');
  for (const fields of [
    ['X-Version', '2', 'x-version', '3'],
    ['X_Version', '2'],
    ['X-Version', '2', 'X_VERSION', '2'],
    ['X-Version', '2', 'Connection', 'close, X-Version'],
    ['Connection', 'x_version'],
  ])
    t.match(
      headersFault(fields),
      /x-version, by which routes differ|x-version headers, by which/,
      String(fields),
    );
  t.equal(headersFault(['X-Version', '2', 'X-Other', '1', 'X-Other', '2', 'Connection', 'x-other']), null);
  t.equal(tableOf('* * /a').headersFault(['X-Version', '2', 'X_Version', '3']), null);
});

t.test('what a path serves is known without a method', async (t) => {
  const { allowed } = tableOf(
    'GET,PUT * /a',
    'POST * /a x-v:1',
    'GET,HEAD * /b',
    '* * /c',
    'GET * /c',
    'GET * /D',
  );
  t.strictSame(allowed('h', ['a']), ['GET', 'HEAD', 'PUT', 'POST']);
  t.strictSame(allowed('h', ['b']), ['GET', 'HEAD']);
  t.equal(allowed('h', ['c']), null);
  t.strictSame(allowed('h', ['d']), [], 'nothing where nothing matches');
  t.strictSame(allowed('h', []), []);
});

t.test('a long host costs no more than the longest wildcard', async (t) => {
  const { match } = tableOf('* *.b.example /', '* * /');
  const long = `${'a.'.repeat(8_000)}b.example`;
  const asked = performance.now();
  for (let i = 0; i < 100; i++) {
    t.equal(match(long, 'GET', [], [])?.route.name, '* *.b.example /');
    t.equal(match(`${long}.com`, 'GET', [], [])?.route.name, '* * /');
  }
  t.ok(performance.now() - asked < 1_000, 'not the tenth of a second each that all of its suffixes take');
});

/** Pairs of these routes that tie, each as `index-other`. */
const ties = (...lines: readonly string[]): string[] =>
  tiedRoutes(lines.map(route)).map(({ index, other }) => `${index}-${other}`);

t.test('routes tie that some request matches equally well', async (t) => {
  for (const [one, other] of [
    ['* * /a', '* * /a'],
    ['* * /a/{x}', '* * /a/{y}'],
    ['GET,PUT * /a', 'POST,PUT * /b /a'],
    ['* x,y /a', '* y /a'],
    ['* * /a x-v:1', '* * /a x-v:1|2'],
    ['* * /a x-v:1', '* * /a x-w:1'],
    ['* * /a x-v:1 x-w:2', '* * /a x-u:3 x-w:2'],
  ] as const)
    t.strictSame(ties(one, other), ['1-0'], `${one}; ${other}`);
});

t.test('routes do not tie of which one is the more specific, or that no request matches both', async (t) => {
  for (const [one, other] of [
    ['* * /a', '* * /A'],
    ['* * /a/{x}', '* * /a/**'],
    ['* x /a', '* * /a'],
    ['GET * /a', '* * /a'],
    ['GET * /a', 'HEAD * /a'],
    ['* * /a', '* * /a x-v:1'],
    ['* * /a x-v:1', '* * /a x-v:2|3'],
    ['* * /a x-v:1 x-w:2', '* * /a x-u:3 x-w:1'],
    ['* * /a x-v:1', 'GET * /a x-w:1'],
  ] as const)
    t.strictSame(ties(one, other), [], `${one}; ${other}`);
  t.strictSame(ties('* * /a/{x} /a/{y}'), [], 'a route does not tie with itself');
});

t.test('each route is told once, with the first that it ties with', async (t) => {
  t.strictSame(ties('* * /a', 'GET * /b', '* * /a /b', 'GET,PUT * /b', '* * /a'), ['2-0', '3-1', '4-0']);
});
