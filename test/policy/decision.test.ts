import * as fc from 'fast-check';
import t from 'tap';
import { type Decision, DecisionError, ofPackage, readDecision } from '../../src/policy/decision.ts';

/** What nobody decided about: the parts of a decision that a case does not name. */
const bare: Omit<Decision, 'allow'> = {
  undefined: false,
  reason: null,
  message: null,
  body: null,
  status: null,
  fields: [],
  responseFields: [],
  removed: [],
};
const SETTABLE = ['X-Role', 'X-Limit'];

t.test('a result that is a decision is read as one', async (t) => {
  const no = { allow: false };
  const yes = { allow: true };
  const cases: [sentence: string, result: unknown, decision: Partial<Decision>][] = [
    ['true admits', true, yes],
    ['false refuses', false, no],
    ["Rego's undefined refuses, and is known for it", undefined, { ...no, undefined: true }],
    ['allow: true admits', yes, yes],
    ['allow: false refuses', no, no],
    [
      'an object without allow refuses as undefined does, whatever else it has',
      { status: 99, headers: 7, else: 1 },
      { ...no, undefined: true, reason: 'the result has no allow' },
    ],
    [
      'an object without allow can still say why',
      { reason: 'owner unknown' },
      { ...no, undefined: true, reason: 'owner unknown' },
    ],
    ['a reason is text', { ...no, reason: 'why' }, { ...no, reason: 'why' }],
    [
      'a reason of another type is written as JSON',
      { ...no, reason: ['a', 1] },
      { ...no, reason: '["a",1]' },
    ],
    ['a message is for the client', { ...no, message: 'Sign in.' }, { ...no, message: 'Sign in.' }],
    ['a body can be any JSON', { ...no, body: { a: [1] } }, { ...no, body: { a: [1] } }],
    ['a refusal has a status from 300', { ...no, status: 300 }, { ...no, status: 300 }],
    ['… to 599', { ...no, status: 599 }, { ...no, status: 599 }],
    [
      'null is as good as absent',
      { ...no, status: null, message: null, body: null, reason: null, headers: null },
      no,
    ],
    [
      'headers of a refusal go to the client, in order, lists as repeated fields',
      { ...no, headers: { 'Set-Cookie': ['a=1', 'b=2'], 'X-Other': 'é\t', 'X-None': [] } },
      { ...no, fields: ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Other', 'é\t'] },
    ],
    [
      "a policy's challenge goes to the client too",
      { ...no, status: 401, headers: { 'WWW-Authenticate': 'Basic' } },
      { ...no, status: 401, fields: ['WWW-Authenticate', 'Basic'] },
    ],
    [
      'headers of an admission are those of the route, in any spelling',
      { ...yes, headers: { 'X-Role': 'clerk', x_limit: ['1', '2'] } },
      { ...yes, fields: ['X-Role', 'clerk', 'x_limit', '1', 'x_limit', '2'] },
    ],
    [
      "fields are added to an admitted request's answer",
      { ...yes, response_headers_to_add: { 'X-Rate': '9' } },
      { ...yes, responseFields: ['X-Rate', '9'] },
    ],
    [
      "fields of the client's are kept from the upstream",
      { ...yes, request_headers_to_remove: ['X-Debug'] },
      { ...yes, removed: ['X-Debug'] },
    ],
    ['an admission has no use for a status', { ...yes, status: 201 }, { ...yes, status: 201 }],
  ];
  for (const [sentence, result, decision] of cases)
    t.strictSame(readDecision(result, SETTABLE), { ...bare, ...decision }, sentence);
});

t.test('anything else is an error that says what it is', async (t) => {
  const cases: [result: unknown, message: string][] = [
    [null, "the policy's result is null, neither a boolean nor an object"],
    [1, "the policy's result is a number, neither a boolean nor an object"],
    ['true', "the policy's result is a string, neither a boolean nor an object"],
    [[true], "the policy's result is a list, neither a boolean nor an object"],
    [{ allow: null }, 'allow is null, not a boolean'],
    [{ allow: 'true' }, 'allow is a string, not a boolean'],
    [{ allow: 1 }, 'allow is a number, not a boolean'],
    [{ allow: [true] }, 'allow is a list, not a boolean'],
    [{ allow: {} }, 'allow is an object, not a boolean'],
    [{ allow: true, allowed: true }, 'the result has an unknown key "allowed"'],
    [{ allow: true, 'a\n"b': 1 }, 'the result has an unknown key "a\\n\\"b"'],
    [JSON.parse('{"allow":true,"__proto__":{}}'), 'the result has an unknown key "__proto__"'],
    [{ allow: false, status: 299 }, 'status is no whole number from 300 to 599'],
    [{ allow: false, status: 600 }, 'status is no whole number from 300 to 599'],
    [{ allow: false, status: 403.5 }, 'status is no whole number from 300 to 599'],
    [{ allow: false, status: '403' }, 'status is no whole number from 300 to 599'],
    [{ allow: true, status: '200' }, 'status is no whole number from 300 to 599'],
    [{ allow: false, message: ['a'] }, 'message is a list, not a string'],
    [{ allow: false, headers: ['X-A: 1'] }, 'headers is a list, not an object'],
    [{ allow: true, headers: 'X-Role: a' }, 'headers is a string, not an object'],
    [{ allow: false, headers: { 'X A': '1' } }, 'headers has a name that no header can have'],
    [{ allow: false, headers: { '': '1' } }, 'headers has a name that no header can have'],
    [{ allow: false, headers: { 'X-A\r\nX-B': '1' } }, 'headers has a name that no header can have'],
    [{ allow: false, headers: { 'X-A': 'a\r\nX-B: 1' } }, 'headers: X-A is no header value'],
    [{ allow: true, headers: { 'X-Role': 'a\nb' } }, 'headers: X-Role is no header value'],
    [{ allow: true, headers: { 'X-Role': '\0' } }, 'headers: X-Role is no header value'],
    [{ allow: true, headers: { 'X-Role': '€' } }, 'headers: X-Role is no header value'],
    [{ allow: true, headers: { 'X-Role': 1 } }, 'headers: X-Role is no header value'],
    [{ allow: true, headers: { 'X-Role': ['a', null] } }, 'headers: X-Role is no header value'],
    [{ allow: true, headers: { 'X-Role': [['a']] } }, 'headers: X-Role is no header value'],
    [{ allow: true, headers: { 'X-Admin': '1' } }, 'headers sets X-Admin, which this policy may not set'],
    [{ allow: true, response_headers_to_add: [] }, 'response_headers_to_add is a list, not an object'],
    [
      { allow: true, response_headers_to_add: { 'X-A': 'a\rb' } },
      'response_headers_to_add: X-A is no header value',
    ],
    [
      { allow: true, request_headers_to_remove: 'X-A' },
      'request_headers_to_remove is not a list of header names',
    ],
    [
      { allow: true, request_headers_to_remove: ['X A'] },
      'request_headers_to_remove is not a list of header names',
    ],
    [
      { allow: true, request_headers_to_remove: [1] },
      'request_headers_to_remove is not a list of header names',
    ],
  ];
  for (const [result, message] of cases)
    t.throws(() => readDecision(result, SETTABLE), new DecisionError(message), message);
});

t.test('a protected name is never set towards the upstream, not even where the route lists it', async (t) => {
  const framing = 'Host Authorization Content-Length Content-Type Transfer-Encoding Connection TE Expect';
  const reserved = 'X-Forwarded-For Forwarded X-Real-IP X-Consumer-Id X-Portcullis-Any x_credential_sub';
  const names = `${framing} ${reserved}`.split(' ');
  for (const name of names)
    t.throws(
      () => readDecision({ allow: true, headers: { [name]: 'a' } }, names),
      new DecisionError(`headers sets ${name}, which this policy may not set`),
      name,
    );
});

t.test('what frames a message is never set in an answer', async (t) => {
  const names = 'Connection content-length Transfer-Encoding Keep-Alive Trailer Upgrade TE'.split(' ');
  for (const name of names) {
    const error = (key: string) => new DecisionError(`${key} sets ${name}, which this policy may not set`);
    t.throws(() => readDecision({ allow: false, headers: { [name]: '1' } }, SETTABLE), error('headers'));
    const added = { allow: true, response_headers_to_add: { [name]: '1' } };
    t.throws(() => readDecision(added, SETTABLE), error('response_headers_to_add'));
  }
});

t.test('property: only true, and an object whose allow is true, ever admits', async () => {
  const json = fc.jsonValue();
  const loose = fc.dictionary(
    fc.constantFrom(
      'allow',
      'reason',
      'message',
      'body',
      'status',
      'headers',
      'response_headers_to_add',
      'other',
    ),
    fc.oneof(json, fc.constantFrom(true, false, 403, 'true', {})),
  );
  fc.assert(
    fc.property(fc.oneof(json, loose, fc.constant(undefined)), (result) => {
      let admitted = false;
      try {
        admitted = readDecision(result, SETTABLE).allow;
      } catch (error) {
        if (!(error instanceof DecisionError)) throw error;
      }
      return !admitted || result === true || (result as { allow?: unknown }).allow === true;
    }),
    { numRuns: 1_000 },
  );
});

t.test('property: no field of a decision can break a message apart', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'X', '-', ':', ' ', '\r', '\n', '\0', 'é', '€') });
  fc.assert(
    fc.property(fc.boolean(), fc.dictionary(text, fc.oneof(text, fc.array(text))), (allow, headers) => {
      try {
        const { fields, responseFields } = readDecision(
          { allow, headers, response_headers_to_add: headers },
          SETTABLE,
        );
        return [...fields, ...responseFields].every((part) => !/[\r\n\0]/.test(part));
      } catch (error) {
        return error instanceof DecisionError;
      }
    }),
  );
});

t.test("of a whole package's document only the decision's keys are read", async (t) => {
  t.strictSame(ofPackage({ allow: true, helper: 1, reason: 'r' }), { allow: true, reason: 'r' });
  for (const other of [true, false, null, undefined, 'a', 1, ['allow']]) t.equal(ofPackage(other), other);
});
