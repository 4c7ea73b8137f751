import t from 'tap';
import type { Consumer } from '../../src/config/consumer.ts';
import { callsBy, consumerIndex } from '../../src/oauth/consumers.ts';

const consumer = (changes: Partial<Consumer>): Consumer => ({ groups: [], ...changes });
const acme = consumer({ id: '1', username: 'acme', custom_id: 'acme-app' });
const beta = consumer({ username: 'beta', custom_id: 'acme' });
const find = consumerIndex([acme, beta]);

t.test('a consumer is found by what the route says, and by nothing else of it', async (t) => {
  t.equal(find('main', 'id', '1'), acme);
  t.equal(find('main', 'username', 'acme'), acme);
  t.equal(find('main', 'custom_id', 'acme-app'), acme);
  t.equal(find('main', 'custom_id', 'acme'), beta, 'whose custom_id is another’s username');
  t.equal(find('main', 'id', 'acme'), null);
  t.equal(find('main', 'username', 'acme-app'), null);
});

t.test('names compare letter by letter, and only text is one', async (t) => {
  for (const value of ['Acme', 'acme ', '', 'acm', '__proto__', 'constructor'])
    t.equal(find('main', 'username', value), null, value);
  for (const value of [undefined, null, 1, true, ['1'], { id: '1' }])
    t.equal(find('main', 'id', value), null, JSON.stringify(value));
});

t.test('what a consumer does not have, nobody is found by', async (t) => {
  for (const value of [undefined, 'undefined', '']) t.equal(consumerIndex([beta])('main', 'id', value), null);
  t.equal(consumerIndex([])('main', 'id', '1'), null);
});

t.test('a name of one authorization server is not that of another', async (t) => {
  const [one, two] = [
    consumer({ username: 'one', custom_id: 'app', authorization_server: 'main' }),
    consumer({ username: 'two', custom_id: 'app', authorization_server: ['partners', 'third'] }),
  ];
  const found = consumerIndex([one, two]);
  t.equal(found('main', 'custom_id', 'app'), one);
  t.equal(found('partners', 'custom_id', 'app'), two);
  t.equal(found('third', 'custom_id', 'app'), two);
  t.equal(found('fourth', 'custom_id', 'app'), null);
  t.ok(callsBy(acme, 'any'), 'a consumer that names no server calls by any');
});

t.test('of thousands one is found at once, each under its own name', async (t) => {
  const many = Array.from({ length: 5_000 }, (_, i) => consumer({ username: `u${i}` }));
  const found = consumerIndex(many);
  for (const i of [0, 1, 2_500, 4_999]) t.equal(found('main', 'username', `u${i}`), many[i]);
});
