import t from 'tap';
import { changed, faults, load } from '../support/config.ts';

const told = (...consumers: unknown[]): string[] => faults(changed({ consumers }));

t.test('a consumer has names and groups, and may belong to an authorization server', async (t) => {
  const consumers = [
    { id: '1', username: 'acme', custom_id: 'app', groups: ['gold', 'eu'], authorization_server: 'main' },
    { username: 'beta', authorization_server: ['main'] },
  ];
  t.strictSame(load(changed({ consumers })).consumers, [
    consumers[0],
    { username: 'beta', groups: [], authorization_server: ['main'] },
  ]);
  t.strictSame(load(changed({})).consumers, []);
});

t.test('what is no consumer is told of, at its place', async (t) => {
  t.strictSame(told({ username: 'a', secret: 'x' }), ['consumers[0].secret: unknown key']);
  for (const key of ['id', 'username', 'custom_id'])
    t.match(told({ username: 'a', custom_id: 'b', [key]: '' }), [new RegExp(`^consumers\\[0\\]\\.${key}: `)]);
  t.match(told({ username: 42 }), [/^consumers\[0\]\.username: /], 'a number is no name');
  t.match(told({ username: 'a', groups: 'gold' }), [/^consumers\[0\]\.groups: /]);
  t.match(told({ username: 'a', groups: [''] }), [/^consumers\[0\]\.groups\[0\]: /]);
  for (const authorization_server of [[], 1, true])
    t.match(
      told({ username: 'a', authorization_server }),
      [/^consumers\[0\]\.authorization_server: expected/],
      JSON.stringify(authorization_server),
    );
});
