import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { passTrailers } from '../../src/http/trailers.ts';
import { head } from '../support/head.ts';

fc.configureGlobal({ seed: 651, numRuns: 1_000 });

const EARLY = (
  'Content-Length Transfer-Encoding Trailer TE Connection Keep-Alive Upgrade Host Location Set-Cookie Authorization ' +
  'WWW-Authenticate Proxy-Authenticate Cache-Control Expires Age Date Vary Retry-After Content-Type Content-Encoding ' +
  'Content-Range Content-Disposition Content-Security-Policy Content-Security-Policy-Report-Only Content-Digest-Not ' +
  'Access-Control-Allow-Origin Access-Control-Allow-Credentials Strict-Transport-Security X-Frame-Options ' +
  'X-Content-Type-Options Cross-Origin-Opener-Policy Clear-Site-Data Sec-WebSocket-Accept Via X-Forwarded-Host'
).split(' ');

t.test(
  'RFC 9110 section 6.5.1: what must be known before the content is no trailer, in any spelling',
  async () => {
    const name = fc
      .mixedCase(fc.constantFrom(...EARLY))
      .chain((early) => fc.constantFrom(early, early.replaceAll('-', '_')));
    fc.assert(
      fc.property(name, (early) => {
        const trailers = head('Server-Timing: a', `${early}: forged`, 'X-Checksum: b');
        assert.deepEqual(passTrailers(trailers), head('Server-Timing: a', 'X-Checksum: b'));
      }),
    );
  },
);

t.test('what is known at the end goes on as it came, duplicates and all', async (t) => {
  const trailers = head(
    'Content-Digest: sha-256=:a:',
    'Repr-Digest: sha-256=:b:',
    'Content-MD5: c',
    'ETag: "d"',
    'grpc-status: 0',
    'grpc-message: ok',
    'x-amz-checksum-crc32: e',
    'Server-Timing: db;dur=1',
    'Server-Timing: net;dur=2',
    'Signature: f',
    'Authentication-Info: g',
    'Contents: h',
  );
  t.strictSame(passTrailers(trailers), trailers);
  t.strictSame(passTrailers([]), []);
});
