import t from 'tap';
import { signatureHeaders, type Unsigned } from '../../../../src/policy/builtins/aws/signature.ts';

/** The credentials of AWS's own examples. */
const REQUEST: Unsigned = {
  method: 'GET',
  url: { host: 'example.amazonaws.com', path: '/', query: '' },
  headers: [],
  body: '',
  service: 'service',
  region: 'us-east-1',
  accessKey: 'AKIDEXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: '',
  now: 1_440_938_160_000_000_000n,
};

const headers = (changes: Partial<Unsigned>): Readonly<Record<string, string>> =>
  Object.fromEntries(signatureHeaders({ ...REQUEST, ...changes }));
/** Names of the signed headers. */
const signed = (changes: Partial<Unsigned>): string | undefined =>
  /SignedHeaders=([^,]*)/.exec(headers(changes)['Authorization'] ?? '')?.[1];
const signature = (changes: Partial<Unsigned>): string | undefined =>
  headers(changes)['Authorization']?.split('Signature=')[1];

t.test('the examples of AWS have the signatures of AWS', async (t) => {
  t.strictSame(headers({}), {
    Authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,${[
      'SignedHeaders=host;x-amz-date',
      'Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ].join(',')}`,
    host: 'example.amazonaws.com',
    'x-amz-date': '20150830T123600Z',
  });
  const listUsers: Partial<Unsigned> = {
    url: { host: 'iam.amazonaws.com', path: '/', query: 'Action=ListUsers&Version=2010-05-08' },
    headers: [['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']],
    service: 'iam',
  };
  t.equal(signature(listUsers), '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7');
});

t.test('S3 and Glacier are told the digest of the body, or that it is not signed', async (t) => {
  for (const service of ['s3', 'glacier']) {
    t.equal(headers({ service, body: null })['x-amz-content-sha256'], 'UNSIGNED-PAYLOAD');
    t.match(headers({ service })['x-amz-content-sha256'], /^e3b0c442/);
    t.equal(signed({ service }), 'host;x-amz-content-sha256;x-amz-date');
  }
  t.notSame(signature({}), signature({ body: null }), 'others only have another signature');
});

t.test('a session’s token goes along', async (t) => {
  t.equal(headers({ sessionToken: 'token' })['x-amz-security-token'], 'token');
  t.equal(signed({ sessionToken: 'token' }), 'host;x-amz-date;x-amz-security-token');
});

t.test('the request’s headers are signed, but for those that are changed on the way', async (t) => {
  const own: Unsigned['headers'] = [
    ['Zoo', 'z'],
    ['Accept', 'a'],
    ['User-Agent', 'u'],
    ['AUTHORIZATION', 'old'],
    ['X-Amzn-Trace-Id', 't'],
  ];
  t.equal(signed({ headers: own }), 'accept;host;x-amz-date;zoo');
});

t.test('headers that the request has already are signed as it has them', async (t) => {
  t.equal(signature({ headers: [['Host', 'example.amazonaws.com']] }), signature({}));
  t.notSame(signature({ headers: [['Host', 'other']] }), signature({}));
  t.equal(headers({ headers: [['host', 'other']] })['host'], 'example.amazonaws.com');
});

t.test('times are rounded down to the second, before 1970 too', async (t) => {
  const time = (now: bigint): string | undefined => headers({ now })['x-amz-date'];
  t.equal(time(999_999_999n), '19700101T000000Z');
  t.equal(time(-1n), '19691231T235959Z');
  t.equal(time(-1_000_000_000n), '19691231T235959Z');
  t.equal(time(-(2n ** 63n)), '16770921T001243Z');
  t.equal(time(2n ** 63n - 1n), '22620411T234716Z');
});
