import t from 'tap';
import { changed, faults, faultsAt } from '../support/config.ts';

const server = { issuer: 'https://other.example', client_id: 'c', client_secret: 's' };
const BY_CLIENT = { consumer: { claim: 'client_id', by: 'custom_id' } };

/** Faults of these consumers, with a second server `other`, and a route for each of these settings. */
const told = (consumers: unknown[], ...routes: object[]): string[] =>
  faults(
    changed({
      consumers,
      authorization_servers: { other: server },
      routes: (routes.length > 0 ? routes : [{}]).map((settings, i) => ({
        name: `r${i}`,
        match: { path: `/${i}` },
        service: 'api',
        authorization_server: 'main',
        ...settings,
      })),
    }),
  );

t.test('a consumer needs a name by which it is known', async (t) => {
  t.strictSame(told([{ id: '1' }, {}, { username: 'a' }, { custom_id: 'b' }]), [
    'consumers[0]: needs a username or a custom_id',
    'consumers[1]: needs a username or a custom_id',
  ]);
});

t.test('two consumers of one name would be one', async (t) => {
  const a = { id: '1', username: 'a', custom_id: 'x' };
  t.strictSame(told([a, { ...a }, { ...a, username: 'b' }]), [
    'consumers[1].id: another consumer has this id',
    'consumers[1].username: another consumer has this username',
    'consumers[1].custom_id: another consumer has this custom_id',
    'consumers[2].id: another consumer has this id',
    'consumers[2].custom_id: another consumer has this custom_id',
  ]);
  t.strictSame(
    told([a, { id: 'a', username: 'x', custom_id: '1' }, { id: 'A', username: 'X', custom_id: 'B' }]),
    [],
  );
});

t.test(
  'a custom_id is a name at an authorization server: another one may use it for somebody else',
  async (t) => {
    const main = { username: 'a', custom_id: 'app', authorization_server: 'main' };
    t.strictSame(told([main, { username: 'b', custom_id: 'app', authorization_server: 'other' }]), []);
    for (const authorization_server of ['main', ['other', 'main'], undefined])
      t.strictSame(
        told([main, { username: 'b', custom_id: 'app', authorization_server }]),
        ['consumers[1].custom_id: another consumer has this custom_id'],
        JSON.stringify(authorization_server),
      );
    t.strictSame(
      told([main, { username: 'a', id: 'x', custom_id: 'app', authorization_server: 'other' }]),
      ['consumers[1].username: another consumer has this username'],
      'upstreams see no server',
    );
  },
);

t.test('a consumer’s authorization server must be there', async (t) => {
  t.strictSame(told([{ username: 'a', authorization_server: 'nowhere' }]), [
    'consumers[0].authorization_server: no such authorization server; there are: main, other',
  ]);
  t.strictSame(told([{ username: 'a', authorization_server: ['main', 'toString'] }]), [
    'consumers[0].authorization_server: no such authorization server; there are: main, other',
  ]);
  t.strictSame(told([{ username: 'a', authorization_server: ['main', 'other'] }]), []);
});

t.test('a consumer that no header can carry is told of before anybody calls', async (t) => {
  t.strictSame(
    told([{ username: 'a\nb' }, { custom_id: 'x', groups: ['ok', 'a\rb'] }, { username: 'é'.repeat(2_000) }]),
    [
      'consumers[0]: cannot be sent upstream: the consumer’s X-Consumer-Username has control characters',
      'consumers[1]: cannot be sent upstream: the consumer’s X-Consumer-Groups has control characters',
      'consumers[2]: cannot be sent upstream: the consumer’s X-Consumer-Username is longer than 8192 bytes',
    ],
  );
  t.strictSame(told([{ username: 'José Ñ' }]), []);
});

t.test('where tokens of several servers are looked at, a consumer says whose it is', async (t) => {
  const unclear =
    'consumers[0]: needs its authorization_server: routes look for consumers in tokens of more than one, where the same name can be somebody else’s';
  const app = { username: 'a', custom_id: 'app' };
  const both = { ...BY_CLIENT, authorization_server: ['main', 'other'] };
  const other = { ...BY_CLIENT, authorization_server: 'other' };
  t.strictSame(told([app], both), [unclear], 'on one route');
  t.strictSame(told([app], BY_CLIENT, other), [unclear], 'on two');
  t.strictSame(
    told([{ ...app, authorization_server: ['main', 'other'] }], both),
    [],
    'of both, if it is said',
  );
  t.strictSame(told([app], BY_CLIENT, BY_CLIENT), [], 'two routes of one server');
  t.strictSame(told([app], BY_CLIENT, { authorization_server: 'other' }), [], 'which looks for none');
  t.strictSame(
    told([{ ...app, authorization_server: 'main' }, { username: 'guest' }], both),
    [],
    'nobody is found by what it does not have',
  );
});

t.test('a consumer that nobody can be is a fault of whoever looks for it', async (t) => {
  const none = (by: string) => `no consumer of \`consumers\` can be found by its ${by}: none has one`;
  t.strictSame(told([], BY_CLIENT), [`routes[0].consumer.by: ${none('custom_id')}`]);
  t.strictSame(told([{ username: 'a' }], BY_CLIENT, {}), [`routes[0].consumer.by: ${none('custom_id')}`]);
  t.strictSame(told([{ username: 'a' }], { consumer: { by: 'id' } }, { consumer: { by: 'username' } }), [
    `routes[0].consumer.by: ${none('id')}`,
  ]);
});

t.test('it is told once, where it is written', async (t) => {
  const text = `defaults: { policy: none, consumer: { by: id } }
services: { api: { upstream: "http://api" } }
authorization_servers: { main: { issuer: "https://as", client_id: c, client_secret: s } }
routes:
  - { name: a, match: { path: /a }, service: api }
  - { name: b, match: { path: /b }, service: api }
`;
  t.match(faultsAt(text), [/^1:\d+ defaults\.consumer\.by: no consumer/]);
  t.equal(faultsAt(text).length, 1);
});
