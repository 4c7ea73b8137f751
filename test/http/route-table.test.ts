import t, { type Test } from 'tap';
import { buildRouteTable, type Matchable, parsePattern, PatternError } from '../../src/http/route-table.ts';
import { canonicalise } from '../../src/http/target.ts';

/** A route, by a line such as `GET,POST api.example.com /accounts/{id}`; its name is the line. */
function route(line: string): Matchable {
  const [methods = '', hosts = '', ...paths] = line.split(' ');
  const list = (text: string): readonly string[] | null => (text === '*' ? null : text.split(','));
  return { name: line, match: { methods: list(methods), hosts: list(hosts), paths } };
}

/** Which of the routes get these requests, each a line such as `GET api.example.com/accounts/1`. */
function leads(t: Test, routes: readonly string[], requests: Readonly<Record<string, string | null>>): void {
  const table = buildRouteTable(routes.map(route));
  for (const [request, name] of Object.entries(requests)) {
    const [, method = '', host = '', path = ''] = /^(\S+) ([^/]*)(.*)$/.exec(request) ?? [];
    const target = canonicalise(path);
    if ('fault' in target) throw new Error(target.why);
    t.equal(table.match(host, method, target.segments)?.route.name ?? null, name, request);
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
  const table = buildRouteTable([route('GET * /a/{id}/{__proto__}'), route('PUT * /a/{x}/{y}/**')]);
  const read = table.match('h', 'GET', ['a', '1 2', 'é/']);
  t.equal(read?.pattern, '/a/{id}/{__proto__}');
  t.strictSame(Object.entries(read?.params ?? {}), [
    ['id', '1 2'],
    ['__proto__', 'é/'],
  ]);
  t.equal(read?.params['toString'], undefined, 'and nothing else');
  t.strictSame({ ...table.match('h', 'PUT', ['a', 'X', 'Y', 'Z'])?.params }, { x: 'X', y: 'Y' });
});

t.test('routes that share a pattern have their own names for its parameters', async (t) => {
  const table = buildRouteTable([route('GET * /a/{id}'), route('PUT * /a/{name}')]);
  t.strictSame({ ...table.match('h', 'GET', ['a', '1'])?.params }, { id: '1' });
  t.strictSame({ ...table.match('h', 'PUT', ['a', '1'])?.params }, { name: '1' });
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

t.test('letter case is Unicode’s: the long ſ and the Kelvin sign are an s and a k', async (t) => {
  leads(t, ['* * /users/k', '* * /**'], { 'GET /u%C5%BFers/k': null, 'GET /users/%E2%84%AA': null });
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

t.test('a pattern that cannot be says why', async (t) => {
  for (const [pattern, why] of [
    ['', 'a path pattern starts with /'],
    ['accounts', 'a path pattern starts with /'],
    ['**', 'a path pattern starts with /'],
    ['/**/a', '** can only stand at the end'],
    ['/**/', '** can only stand at the end'],
    ['/{a}/b/{a}', '{a} stands twice'],
    ['//a', 'a path pattern has no empty segments'],
    ['/a//', 'a path pattern has no empty segments'],
    ...[
      '..',
      '.',
      '*',
      'a*',
      '{}',
      '{1}',
      '{a-b}',
      'x{a}',
      ':é',
      '%41',
      'a;b',
      'a b',
      'a?b',
      'a#b',
      'a\\b',
    ].map((text) => [
      `/${text}`,
      `${JSON.stringify(text)} is neither a literal segment, {name} nor a final **`,
    ]),
  ] as const)
    t.throws(() => parsePattern(pattern), new PatternError(why), pattern);
});
