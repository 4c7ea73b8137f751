import t from 'tap';
import { UTC, zoneOf } from '../../../../src/policy/builtins/time/zone.ts';

const at = (text: string): number => Date.parse(text) / 1_000;

t.test('offsets and abbreviations are those in force', async (t) => {
  const cases = [
    ['UTC', '2024-07-01T00:00:00Z', 0, 'UTC'],
    ['Etc/UTC', '2024-07-01T00:00:00Z', 0, 'UTC'],
    ['Europe/Berlin', '2024-01-01T00:00:00Z', 3_600, 'CET'],
    ['Europe/Berlin', '2024-03-31T00:59:59Z', 3_600, 'CET'],
    ['Europe/Berlin', '2024-03-31T01:00:00Z', 7_200, 'CEST'],
    ['Europe/Berlin', '2200-07-01T00:00:00Z', 7_200, 'CEST'],
    ['Europe/Berlin', '1700-07-01T00:00:00Z', 3_208, 'LMT'],
    ['America/New_York', '2024-01-01T00:00:00Z', -18_000, 'EST'],
    ['US/Eastern', '1944-06-01T00:00:00Z', -14_400, 'EWT'],
    ['US/Eastern', '1945-09-01T00:00:00Z', -14_400, 'EPT'],
    ['US/Eastern', '1946-06-01T00:00:00Z', -14_400, 'EDT'],
    ['Europe/Moscow', '2012-01-01T00:00:00Z', 14_400, 'MSK'],
    ['Europe/Moscow', '2010-07-01T00:00:00Z', 14_400, 'MSD'],
    ['Europe/Dublin', '2024-07-01T00:00:00Z', 3_600, 'IST'],
    ['Asia/Kolkata', '2024-07-01T00:00:00Z', 19_800, 'IST'],
    ['Asia/Kathmandu', '2024-07-01T00:00:00Z', 20_700, '+0545'],
    ['America/Sao_Paulo', '2024-07-01T00:00:00Z', -10_800, '-03'],
    ['Pacific/Marquesas', '2024-07-01T00:00:00Z', -34_200, '-0930'],
    ['Antarctica/Troll', '2024-07-01T00:00:00Z', 7_200, '+02'],
    ['Africa/Dakar', '1900-01-01T00:00:00Z', -968, '-001608'],
    ['Etc/GMT+3', '2024-07-01T00:00:00Z', -10_800, '-03'],
  ] as const;
  for (const [name, time, offset, abbreviation] of cases) {
    const zone = zoneOf(name);
    t.equal(zone.offsetAt(at(time)), offset, `${name} at ${time}`);
    t.equal(zone.nameAt(at(time)), abbreviation, `${name} at ${time}`);
  }
});

t.test('no name is UTC, and Local is the zone of this machine', async (t) => {
  t.equal(zoneOf(''), UTC);
  const now = Date.now();
  const east = Math.round(-new Date(now).getTimezoneOffset() * 60);
  t.equal(zoneOf('Local').offsetAt(Math.floor(now / 1_000)), east);
});

t.test('a zone is loaded once', async (t) => {
  t.equal(zoneOf('Asia/Tokyo'), zoneOf('Asia/Tokyo'));
});

t.test('other names are no zones', async (t) => {
  for (const name of ['Nowhere', 'europe/berlin', 'Europe', 'CEST', '+01:00', 'Factory', '__proto__', 'utc'])
    t.throws(() => zoneOf(name), { message: `unknown time zone ${name}` }, name);
  for (const name of ['../Berlin', '/etc/localtime', '\\x'])
    t.throws(() => zoneOf(name), { message: 'time: invalid location name' }, name);
});

t.test('an abbreviation stands for an offset: the one in force, else the first that it had', async (t) => {
  const [berlin, london, paulo] = [
    zoneOf('Europe/Berlin'),
    zoneOf('Europe/London'),
    zoneOf('America/Sao_Paulo'),
  ];
  const [winter, summer] = [at('2015-01-01T00:00:00Z'), at('2015-07-01T00:00:00Z')];
  t.equal(berlin.offsetOf('CEST', summer), 7_200);
  t.equal(berlin.offsetOf('CEST', winter), 7_200);
  t.equal(berlin.offsetOf('EST', winter), null);
  t.equal(zoneOf('Europe/Moscow').offsetOf('MSK', at('2012-01-01T00:00:00Z')), 14_400);
  t.equal(zoneOf('Europe/Moscow').offsetOf('MSK', at('2020-01-01T00:00:00Z')), 10_800);
  t.equal(zoneOf('America/St_Johns').offsetOf('NST', winter), -12_600);
  t.equal(london.offsetOf('BST', summer), 3_600);
  t.equal(paulo.offsetOf('-03', summer), -10_800);
  t.equal(paulo.offsetOf('-03', winter), -10_800, 'though -02 is in force');
  t.equal(paulo.offsetOf('-0330', winter), null);
  t.equal(zoneOf('Asia/Kathmandu').offsetOf('+0545', winter), 20_700);
  t.equal(UTC.offsetOf('CEST', summer), null);
});
