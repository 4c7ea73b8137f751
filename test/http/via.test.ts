import t from 'tap';
import { isLoop, viaField } from '../../src/http/via.ts';
import { head } from '../support/head.ts';

t.test('RFC 9110 section 7.6.3: who passes a message on says so by protocol and name', async (t) => {
  t.strictSame(viaField('gateway.example.com'), ['Via', '1.1 gateway.example.com']);
});

/** As many members of this kind. */
const times = (count: number, member: string): string =>
  Array.from({ length: count }, () => member).join(', ');

t.test(
  'a request that was here ten times goes in a circle, and one that was here nine times does not',
  async (t) => {
    t.equal(isLoop(head('Accept: a'), 'gw'), false, 'without Via');
    t.equal(isLoop(head(`Via: ${times(9, '1.1 gw')}`), 'gw'), false);
    t.equal(isLoop(head(`Via: ${times(10, '1.1 gw')}`), 'gw'), true);
    t.equal(
      isLoop(head(`Via: ${times(5, '1.1 gw, 1.0 other')}`, `via: ${times(5, '1.1 gw')}`), 'gw'),
      true,
      'in two fields',
    );
  },
);

t.test('the name is found however it is written', async (t) => {
  for (const member of [
    '1.1 GW',
    'HTTP/1.1 gw',
    '1.1 gw:8080',
    '1.1  gw (a comment)',
    '2\\tgw'.replace('\\t', '\t'),
  ])
    t.equal(isLoop(head(`Via: ${times(10, member)}`), 'gw'), true, member);
});

t.test('others, however many, are no circle', async (t) => {
  for (const member of [
    '1.1 other',
    '1.1 gw2',
    '1.1 other (gw)',
    'gw',
    '1.1 gw.example.com',
    '',
    '1.1',
    'gw 1.1',
  ])
    t.equal(isLoop(head(`Via: ${times(100, member)}`), 'gw'), false, member);
});
