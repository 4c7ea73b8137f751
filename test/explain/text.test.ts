import t from 'tap';
import type { Explained } from '../../src/explain/explain.ts';
import { explainedText } from '../../src/explain/text.ts';

const request = {
  method: 'GET',
  url: 'http://localhost/a',
  from: '127.0.0.1',
  token: 'opaque, 4 characters',
};

t.test(
  'a request that would be forwarded is told stage by stage, and with what the upstream gets',
  async (t) => {
    const explained: Explained = {
      request,
      stages: [
        { stage: 'route', learnt: { route: 'a', params: { id: '1' }, none: [], nothing: null } },
        { stage: 'scope', learnt: { scopes: [['a', 'b']], audience: ['c', 'd'], number: 1 } },
        { stage: 'forward', learnt: {} },
      ],
      outcome: {
        result: 'forwarded',
        method: 'GET',
        url: 'http://api:4000/a',
        fields: [['Host', 'api:4000']],
      },
    };
    t.equal(
      explainedText(explained),
      `\
GET http://localhost/a
    from: 127.0.0.1
    token: opaque, 4 characters

1 route
    route: a
    params: {"id":"1"}
    none: none
    nothing: none

2 scope
    scopes: [["a","b"]]
    audience: c d
    number: 1

3 forward

It would be forwarded:
    GET http://api:4000/a
    Host: api:4000
`,
    );
  },
);

t.test('a refusal is told with the stage, what the client gets, why, and what to do', async (t) => {
  const refused: Explained['outcome'] = {
    result: 'refused',
    denial: 'no_route',
    status: 404,
    title: 'Not Found',
    detail: 'There is nothing here.',
    fields: [['X-A', 'b']],
    explanation: 'no_route',
    remedy: ['do this', 'or that'],
  };
  const ending = `
The client would get 404 Not Found: There is nothing here.
    X-A: b

Why: no_route
  - do this
  - or that
`;
  const stages = [{ stage: 'route', learnt: {} }] as const;
  t.ok(explainedText({ request, stages, outcome: refused }).endsWith(`\n1 route: no_route\n${ending}`));
  t.ok(explainedText({ request, stages: [], outcome: refused }).endsWith(`characters\n${ending}`));
  t.match(
    explainedText({ request, stages, outcome: { ...refused, explanation: 'because' } }),
    '\nWhy: no_route: because\n',
  );
});

t.test('what no stage is asked about is told so', async (t) => {
  const outcome = { result: 'answered', by: 'a document of the gateway', status: 200 } as const;
  t.match(
    explainedText({ request, stages: [], outcome }),
    'answered with 200 by a document of the gateway; no stage',
  );
});

t.test('nothing in it is what a terminal obeys, or a line of its own', async (t) => {
  const text = explainedText({
    request: { ...request, url: 'http://\u001b[2J' },
    stages: [{ stage: 'introspection', learnt: { '\u202e': 'a\nb', claims: { sub: '\u009b2J' } } }],
    outcome: { result: 'forwarded', method: 'GET', url: 'x', fields: [['X-User', 'é\r\nX-B: c']] },
  });
  t.notMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
  t.match(text, '\\u{1b}[2J');
  t.notMatch(text, /^X-B/m);
});
