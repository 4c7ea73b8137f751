import t from 'tap';
import { nearRoutes } from '../../src/http/near-routes.ts';
import { buildRouteTable, type Matchable } from '../../src/http/route-table.ts';
import { canonicalise } from '../../src/http/target.ts';

const at = (name: string, match: Partial<Matchable['match']>): Matchable => ({
  name,
  match: { hosts: null, paths: [`/${name}`], methods: null, headers: [], ...match },
});

/** What is told of `METHOD host/path`, with these fields. */
function near(routes: readonly Matchable[], request: string, ...fields: string[]): string[] {
  const [method = '', host = '', path = ''] = /^(\S+) ([^/]*)(\/.*)$/.exec(request)?.slice(1) ?? [];
  const read = canonicalise(path);
  if ('fault' in read) throw new Error(read.why);
  const table = buildRouteTable(routes);
  t.equal(table.match(host, method, read.segments, fields), null, `${request} has no route`);
  return nearRoutes(table, { host, method, segments: read.segments, fields });
}

t.test('a route is near whose path fits, and says what does not', async (t) => {
  const account = at('account', {
    hosts: ['api.example.com', '*.example.org'],
    paths: ['/accounts/{id}'],
    methods: ['GET', 'PUT'],
    headers: [{ name: 'x-version', values: ['2', '3'] }],
  });
  const routes = [account, at('other', {})];
  const first = 'account, at api.example.com/accounts/{id}: ';
  t.strictSame(near(routes, 'POST api.example.com/accounts/1', 'X-Version', '3'), [
    `${first}it takes GET, PUT, not POST`,
    'account, at *.example.org/accounts/{id}: it is for the host *.example.org, not api.example.com; it takes GET, PUT, not POST',
  ]);
  t.equal(near(routes, 'GET api.example.com/accounts/1')[0], `${first}it wants x-version: 2 or 3`);
  t.equal(
    near(routes, 'HEAD localhost/accounts/1', 'x-version', '2')[0],
    `${first}it is for the host api.example.com, not localhost`,
  );
  t.equal(
    near(routes, 'GET a.example.org/Accounts/1', 'x-version', '2')[0],
    'account, at *.example.org/accounts/{id}: its path differs in letter case, or in what is at the end',
  );
  t.strictSame(near(routes, 'GET api.example.com/nothing'), []);
});

t.test('what would take it, but for something more specific, is told with that', async (t) => {
  const all = at('all', { paths: ['/**'] });
  const admin = at('admin', { methods: ['GET'] });
  t.strictSame(near([all, admin], 'POST a/admin'), [
    'all, at /**: /admin of admin is more specific, and final',
    'admin, at /admin: it takes GET, not POST',
  ]);
  t.strictSame(near([all, admin], 'GET a/Admin/'), [
    'all, at /**: a path that differs in letter case, or in what is at the end, is more specific, and final',
    'admin, at /admin: its path differs in letter case, or in what is at the end',
  ]);
  const own = [all, admin].map(({ name, match }) => at(name, { ...match, hosts: ['a'] }));
  t.match(near(own, 'GET a/Admin/')[0], 'all, at a/**: a path that differs in letter case');
  for (const host of ['b.example.com', '*.example.com'])
    t.strictSame(near([all, at('own', { hosts: [host] })], 'GET b.example.com/x'), [
      `all, at /**: the host ${host} has routes of its own, and they are final`,
    ]);
});

t.test('a handful is told, the nearest first', async (t) => {
  const many = Array.from({ length: 20 }, (_, i) =>
    at(`r${i}`, { paths: ['/x'], methods: ['GET'], hosts: i === 19 ? ['a'] : [`h${i}`] }),
  );
  const told = near(many, 'POST a/x');
  t.equal(told.length, 5);
  t.equal(told[0], 'r19, at a/x: it takes GET, not POST');
});
