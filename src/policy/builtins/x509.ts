/** `crypto.x509.*` but for private keys: certificates as Go's `crypto/x509` reads, shows and verifies them. */
import type { RegoObject, Value } from '../value.ts';
import { attempt, BuiltinError, type Family, operand } from './builtin.ts';
import { uriStrings } from './x509/alt-names.ts';
import { type Certificate, parseCertificates } from './x509/certificate.ts';
import { certificateValue } from './x509/certificate-value.ts';
import { fromBase64, pemBlocks } from './x509/encoded.ts';
import { keyPair } from './x509/key-pair.ts';
import { NO_OPTIONS, readOptions, type VerifyOptions } from './x509/options.ts';
import { certificateRequest } from './x509/request.ts';
import { SERVER_AUTH } from './x509/usages.ts';
import { verifiedChain } from './x509/verify.ts';

export const x509: Family = {
  'crypto.x509.parse_certificates': ([text]) =>
    readCertificates(operand(1, text, 'string')).map(withUriStrings),
  'crypto.x509.parse_and_verify_certificates': ([text], { now }) => {
    const chain = verify(operand(1, text, 'string'), () => NO_OPTIONS, now);
    return [chain !== null, (chain ?? []).map(withUriStrings)];
  },
  'crypto.x509.parse_and_verify_certificates_with_options': ([text, options], { now }) => {
    const pem = operand(1, text, 'string');
    const object = operand(2, options, 'object');
    const chain = verify(pem, () => readOptions(object), now);
    return [chain !== null, (chain ?? []).map((certificate) => certificateValue(certificate))];
  },
  'crypto.x509.parse_certificate_request': ([text]) => readRequest(operand(1, text, 'string')),
  'crypto.x509.parse_keypair': ([certificate, key]) =>
    keyPair(operand(1, certificate, 'string'), operand(1, key, 'string')),
};

/** OPA adds the URIs as text. Not all the builtins do. */
const withUriStrings = (certificate: Certificate): Value =>
  certificateValue(certificate, { URIStrings: uriStrings(certificate.contents.altNames) });

/** PEM, base64 of PEM, or base64 of DER. Throws BuiltinError. */
function readCertificates(text: string): readonly Certificate[] {
  if (text.startsWith('-----BEGIN')) return parseCertificates(joinedPem(text));
  const bytes = fromBase64(text);
  const decoded = bytes.toString('latin1');
  return parseCertificates(decoded.startsWith('-----BEGIN') ? joinedPem(decoded) : bytes);
}

/** Certificates follow each other in DER as they do in PEM. */
function joinedPem(text: string): Buffer {
  const blocks = pemBlocks(text);
  const other = blocks.find(({ type }) => type !== 'CERTIFICATE');
  if (other) throw new BuiltinError(`PEM block type is '${other.type}', expected CERTIFICATE`);
  return Buffer.concat(blocks.map(({ der }) => der));
}

/** From the leaf, which is the last of the text, to the root, which is the first; null where they are not such. */
function verify(text: string, options: () => VerifyOptions, now: bigint): readonly Certificate[] | null {
  const certificates = attempt(() => readCertificates(text));
  // The certificates are looked at first: then wrong options do not matter.
  if (certificates === null) return null;
  const { host, now: asked, usages } = options();
  const [root, ...others] = certificates;
  const leaf = others.pop();
  if (!root || !leaf) return null;
  return verifiedChain(leaf, {
    root,
    intermediates: others,
    now: asked ?? now,
    host: host ?? '',
    usages: usages.length > 0 ? usages : [SERVER_AUTH],
  });
}

/** PEM, base64 of PEM, or base64 of DER. Throws BuiltinError. */
function readRequest(text: string): RegoObject {
  const bytes = text.startsWith('-----BEGIN CERTIFICATE REQUEST-----') ? Buffer.from(text) : fromBase64(text);
  const [block] = pemBlocks(bytes.toString('latin1'));
  if (block && block.type !== 'CERTIFICATE REQUEST')
    throw new BuiltinError('invalid PEM-encoded certificate signing request');
  return certificateRequest(block?.der ?? bytes);
}
