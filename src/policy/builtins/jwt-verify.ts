/** `io.jwt.verify_*`: whether a JWT has the signature of a key. Nothing else of it is judged. RFC 7515, section 5.2. */
import { type Builtin, type Family, operand } from './builtin.ts';
import { decodeHeader, decodePart, signingInput, splitCompact } from './jwt/compact.ts';
import { readHeader } from './jwt/header.ts';
import { ALGORITHMS, type Algorithm, verifiesHmac, verifiesLoosely } from './jwt/jws.ts';
import { candidates, verificationKeys } from './jwt/verification-keys.ts';

export const jwtVerify: Family = Object.fromEntries(
  [...ALGORITHMS].map(([name, algorithm]) => [
    `io.jwt.verify_${name.toLowerCase()}`,
    algorithm.family === 'HMAC' ? bySecret(algorithm) : byKeys(algorithm),
  ]),
);

/** The header is not even read. */
function bySecret(algorithm: Algorithm): Builtin {
  return ([token, secret]) => {
    const jwt = splitCompact(token);
    const text = operand(2, secret, 'string');
    return verifiesHmac(algorithm, text, signingInput(jwt), decodePart(jwt, 'signature'));
  };
}

/** The algorithm is the builtin's, whatever the header says; the header's only chooses among keys. */
function byKeys(algorithm: Algorithm): Builtin {
  return ([token, certificate]) => {
    const jwt = splitCompact(token);
    const keys = verificationKeys(operand(2, certificate, 'string'));
    const signature = decodePart(jwt, 'signature');
    const { kid, alg } = readHeader(decodeHeader(jwt));
    return candidates(keys, kid, alg).some((key) =>
      verifiesLoosely(algorithm, key, signingInput(jwt), signature),
    );
  };
}
