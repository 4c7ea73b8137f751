import t from 'tap';
import type { Denial, PolicyDenied } from '../../src/denial.ts';
import { problem } from '../../src/front/problem.ts';

const NAMES = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', decisionId: 'd-1' };
const DENIED: PolicyDenied = {
  denial: 'policy_denied',
  entrypoint: 'accounts/allow',
  revision: 'r1',
  undefined: false,
  anonymous: false,
  reason: 'for the log alone',
  status: null,
  message: null,
  body: null,
  fields: [],
  challenge: { scopes: [], resource_metadata: null },
};

const fieldsOf = (denial: Denial): Record<string, string> => {
  const { fields } = problem(denial, NAMES);
  return Object.fromEntries(
    fields.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), fields[i + 1] as string]] : [])),
  );
};

t.test('a refusal is a problem document with the names that it is found by later (RFC 9457)', async (t) => {
  const { status, body } = problem({ denial: 'no_route' }, NAMES);
  t.equal(status, 404);
  t.strictSame(JSON.parse(body), {
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: 'There is nothing here.',
    trace_id: NAMES.traceId,
    decision_id: 'd-1',
  });
  t.strictSame(fieldsOf({ denial: 'no_route' }), {
    'content-type': 'application/problem+json',
    'content-length': String(body.length),
    'cache-control': 'no-store',
  });
});

t.test('without a decision there is no decision id', async (t) => {
  const { body } = problem({ denial: 'no_route' }, { ...NAMES, decisionId: null });
  t.notOk('decision_id' in JSON.parse(body));
});

t.test('a denial adds its own members and fields', async (t) => {
  const denial: Denial = {
    denial: 'insufficient_scope',
    missing: [['b']],
    challenge: { scopes: ['a', 'b'], resource_metadata: null },
  };
  t.match(JSON.parse(problem(denial, NAMES).body), { missing_scopes: ['b'] });
  t.equal(fieldsOf(denial)['www-authenticate'], 'Bearer error="insufficient_scope", scope="a b"');
});

t.test('what operators are told stays inside', async (t) => {
  for (const denial of [
    { denial: 'upstream_unreachable', detail: 'ECONNREFUSED at 10.0.0.7' },
    { denial: 'internal_error', detail: 'x is not a function' },
    { denial: 'policy_error', entrypoint: 'accounts/allow', revision: 'r', detail: 'allow is a number' },
    DENIED,
  ] as const)
    t.notMatch(
      JSON.stringify(problem(denial, NAMES)),
      /10\.0\.0\.7|not a function|accounts\/allow|a number|for the log/,
      denial.denial,
    );
});

t.test('the length is counted in bytes', async (t) => {
  const denial = { ...DENIED, message: 'Zugang gesperrt: Überprüfung läuft' };
  t.equal(fieldsOf(denial)['content-length'], String(Buffer.byteLength(problem(denial, NAMES).body)));
});

t.test("a policy's own body replaces the problem", async (t) => {
  const cases = [
    [{ error: 'closed' }, '{"error":"closed"}', 'application/json'],
    [['a', 1], '["a",1]', 'application/json'],
    [false, 'false', 'application/json'],
    ['Closed. Überall.', 'Closed. Überall.', 'text/plain; charset=utf-8'],
    ['', '', 'text/plain; charset=utf-8'],
  ] as const;
  for (const [body, text, type] of cases) {
    const denial = { ...DENIED, status: 451, body };
    t.equal(problem(denial, NAMES).body, text);
    t.equal(problem(denial, NAMES).status, 451);
    t.match(fieldsOf(denial), { 'content-type': type, 'content-length': String(Buffer.byteLength(text)) });
  }
});

t.test("a policy's own Content-Type is the only one", async (t) => {
  const denial = { ...DENIED, body: '<p>Closed.</p>', fields: ['CONTENT-type', 'text/html'] };
  const { fields } = problem(denial, NAMES);
  t.equal(fields.filter((name) => name.toLowerCase() === 'content-type').length, 1);
  t.equal(fieldsOf(denial)['content-type'], 'text/html');
});

t.test('a field whose value is Content-Type is not mistaken for it', async (t) => {
  const denial = { ...DENIED, fields: ['Vary', 'content-type'] };
  t.equal(fieldsOf(denial)['content-type'], 'application/problem+json');
});
