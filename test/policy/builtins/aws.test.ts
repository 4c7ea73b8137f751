import t from 'tap';
import { aws } from '../../../src/policy/builtins/aws.ts';
import { BuiltinError } from '../../../src/policy/builtins/builtin.ts';
import { parseValue } from '../../../src/policy/value-text.ts';
import type { RegoObject } from '../../../src/policy/value.ts';
import { caller } from '../../support/builtin.ts';

const call = caller(aws);
const CONFIG =
  '{"aws_service": "s3", "aws_access_key": "AK", "aws_secret_access_key": "theSecret", "aws_region": "us-east-1"}';
const GET = '{"method": "GET", "url": "https://example.com/a?b=c"}';
const config = (more: string): string => `${CONFIG.slice(0, -1)}, ${more}}`;
const request = (more: string): string => `${GET.slice(0, -1)}, ${more}}`;
const sign = (asked: string, settings = CONFIG, time = '1440938160000000000') =>
  call('providers.aws.sign_req', asked, settings, time);

function header(name: string, ...operands: Parameters<typeof sign>): unknown {
  const signed = parseValue(sign(...operands) ?? '') as RegoObject;
  return (signed.get('headers') as RegoObject).get(name);
}
const DIGEST = 'x-amz-content-sha256';

t.test('a request gets the headers of its signature besides its own, and keeps the rest', async (t) => {
  const asked = request(
    '"body": {"x": 1}, "headers": {"Authorization": "old", "a": "b", "host": "h"}, "timeout": "5s"',
  );
  const authorization = header('Authorization', asked) as string;
  t.match(authorization, /^AWS4-HMAC-SHA256 Credential=AK\/20150830\/us-east-1\/s3\/aws4_request,/);
  t.match(authorization, /,SignedHeaders=a;host;x-amz-content-sha256;x-amz-date,Signature=[0-9a-f]{64}$/);
  t.equal(
    sign(asked)
      ?.replace(authorization, '…')
      .replace(/"x-amz-content-sha256": "\w+"/, '"x-amz-content-sha256": "…"'),
    `{"body": {"x": 1}, "headers": {"Authorization": "…", "a": "b", "host": "example.com", "x-amz-content-sha256": "…", ${[
      '"x-amz-date": "20150830T123600Z"}',
      '"method": "GET"',
      '"timeout": "5s"',
      '"url": "https://example.com/a?b=c"}',
    ].join(', ')}`,
  );
});

t.test('what is signed is the raw body, else the body’s JSON, else nothing', async (t) => {
  const digest = (more: string): unknown => header(DIGEST, request(more));
  t.equal(digest('"raw_body": "x", "body": 2'), digest('"raw_body": "x"'));
  t.equal(digest('"body": ["<", 1]'), digest('"raw_body": "[\\"\\\\u003c\\",1]"'));
  t.equal(digest('"timeout": 1'), digest('"raw_body": null'));
  t.equal(digest('"body": null'), digest('"raw_body": "null"'));
});

t.test('a body may be left unsigned', async (t) => {
  t.equal(header(DIGEST, GET, config('"disable_payload_signing": true')), 'UNSIGNED-PAYLOAD');
  t.equal(header(DIGEST, GET, config('"disable_payload_signing": false')), header(DIGEST, GET));
  for (const value of ['null', '"true"'])
    t.throws(
      () => sign(GET, config(`"disable_payload_signing": ${value}`)),
      new BuiltinError("operand 2 invalid value for 'disable_payload_signing' in AWS config"),
    );
});

t.test('a session’s token is text, else there is none', async (t) => {
  t.equal(header('x-amz-security-token', GET, config('"aws_session_token": "token"')), 'token');
  for (const none of ['""', '1'])
    t.equal(header('x-amz-security-token', GET, config(`"aws_session_token": ${none}`)), undefined);
});

t.test('headers are an object, whose names and values are empty where they are no text', async (t) => {
  t.equal(header('', request('"headers": {1: "x"}')), 'x');
  t.equal(header('a', request('"headers": {"a": ["x"]}')), '');
  for (const [value, type] of [
    ['null', 'null'],
    ['[]', 'array'],
  ])
    t.throws(
      () => sign(request(`"headers": ${value}`)),
      new BuiltinError(`operand 0 must be object but got ${type}`),
    );
});

t.test('a request has a method and a URL, and nothing that http.send does not know', async (t) => {
  const refused = (asked: string, message: string): void => {
    t.throws(() => sign(asked), new BuiltinError(`operand 1 ${message}`), asked);
  };
  refused('{}', 'missing required request parameters(s): {"method", "url"}');
  refused(
    '{"method": 1, "url": "http://x"}',
    'invalid values for required request parameters(s): {"method"}',
  );
  refused(request('"uri": 1, 2: 3'), 'invalid request parameters(s): {2, "uri"}');
  refused('[]', 'must be object but got array');
  t.throws(
    () => sign('{"method": "GET", "url": ":"}'),
    new BuiltinError('parse ":": missing protocol scheme'),
  );
});

t.test('credentials are there, and are not told', async (t) => {
  const refused = (settings: string, message: string): void => {
    t.throws(() => sign(GET, settings), new BuiltinError(`operand ${message}`), settings);
  };
  refused(
    '{"aws_secret_access_key": "theSecret"}',
    '2 missing required AWS config parameters(s): {"aws_access_key", "aws_region", "aws_service"}',
  );
  refused(
    CONFIG.replace('"us-east-1"', '1'),
    '2 invalid values for required AWS config parameters(s): {"aws_region"}',
  );
  refused('1', '1 must be object but got number');
  t.notMatch(sign(GET), /theSecret/);
});

t.test('a time is nanoseconds as an int64, with zeros after a point or without', async (t) => {
  t.equal(header('x-amz-date', GET, CONFIG, '1000000000.0'), '19700101T000001Z');
  t.equal(header('x-amz-date', GET, CONFIG, '-9223372036854775808'), '16770921T001243Z');
  for (const time of ['0.5', '1e9', '9223372036854775808', '1451311705000000000.0', '12.000000000000000000'])
    t.throws(
      () => sign(GET, CONFIG, time),
      new BuiltinError('operand 3 could not convert time_ns value into a unix timestamp'),
      time,
    );
  t.throws(() => sign(GET, CONFIG, '"1"'), new BuiltinError('operand 1 must be number but got string'));
});
