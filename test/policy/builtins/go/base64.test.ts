import * as fc from 'fast-check';
import t from 'tap';
import { decodeBase64 } from '../../../../src/policy/builtins/go/base64.ts';

const hex = (bytes: Buffer | null): string | null => bytes && bytes.toString('hex');

t.test('what was encoded is decoded, with padding and without', async () => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.constantFrom('base64' as const, 'base64url' as const),
      (bytes, alphabet) => {
        const raw = Buffer.from(bytes).toString('base64url');
        const text = alphabet === 'base64' ? raw.replaceAll('-', '+').replaceAll('_', '/') : raw;
        const padded = text.padEnd(Math.ceil(text.length / 4) * 4, '=');
        const expected = Buffer.from(bytes).toString('hex');
        return (
          hex(decodeBase64(text, alphabet, 'raw')) === expected &&
          hex(decodeBase64(padded, alphabet, 'padded')) === expected
        );
      },
    ),
  );
});

t.test('line breaks are skipped wherever they are', async (t) => {
  t.equal(hex(decodeBase64('\nAQ\r\nI\n=\n', 'base64', 'padded')), '0102');
  t.equal(hex(decodeBase64('AQ\nI', 'base64url', 'raw')), '0102');
});

t.test('unused bits may be anything', async (t) => {
  t.equal(hex(decodeBase64('AR==', 'base64', 'padded')), '01');
  t.equal(hex(decodeBase64('AR', 'base64', 'raw')), '01');
});

t.test('padding has to be there, or has not to be', async (t) => {
  for (const text of ['AQ', 'AQ=', 'AQI', 'A===', '====', 'AQ==AQ==', '=', 'AQ=I'])
    t.equal(decodeBase64(text, 'base64', 'padded'), null, text);
  for (const text of ['AQ==', 'AQI=', 'A', 'AQIDB']) t.equal(decodeBase64(text, 'base64', 'raw'), null, text);
});

t.test('each alphabet has its own two digits, and no others', async (t) => {
  t.equal(hex(decodeBase64('+/8=', 'base64', 'padded')), 'fbff');
  t.equal(hex(decodeBase64('-_8=', 'base64url', 'padded')), 'fbff');
  for (const text of ['-_8=', 'A Q=', 'ÄQ==']) t.equal(decodeBase64(text, 'base64', 'padded'), null, text);
  t.equal(decodeBase64('+/8=', 'base64url', 'padded'), null);
});
