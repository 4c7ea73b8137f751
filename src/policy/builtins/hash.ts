/** `crypto.md5`, `crypto.sha*` and `crypto.hmac.*`: digests of a string's UTF-8, in hexadecimal. */
import { createHmac, hash as digest, timingSafeEqual } from 'node:crypto';
import { type Builtin, type Family, operand } from './builtin.ts';

type Algorithm = 'md5' | 'sha1' | 'sha256' | 'sha512';

const digestBy =
  (algorithm: Algorithm): Builtin =>
  ([text]) =>
    digest(algorithm, operand(1, text, 'string'));

const hmacBy =
  (algorithm: Algorithm): Builtin =>
  ([message, key]) => {
    const text = operand(1, message, 'string');
    return createHmac(algorithm, operand(2, key, 'string'))
      .update(text)
      .digest('hex');
  };

export const hash: Family = {
  'crypto.md5': digestBy('md5'),
  'crypto.sha1': digestBy('sha1'),
  'crypto.sha256': digestBy('sha256'),
  'crypto.hmac.md5': hmacBy('md5'),
  'crypto.hmac.sha1': hmacBy('sha1'),
  'crypto.hmac.sha256': hmacBy('sha256'),
  'crypto.hmac.sha512': hmacBy('sha512'),
  'crypto.hmac.equal': ([one, other]) => {
    const a = Buffer.from(operand(1, one, 'string'));
    const b = Buffer.from(operand(2, other, 'string'));
    // Takes the same time wherever they differ; only the lengths show.
    return a.length === b.length && timingSafeEqual(a, b);
  },
};
