/** TLS towards a server: whom we trust, who we are, and by which name the server is known. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { isIP } from 'node:net';
import { type StaticDecode, Type } from 'typebox';
import { canonicalHost } from '../http/host.ts';
import { SecretString } from './units.ts';

/** The settings, for the schema of whoever connects. */
export const Tls = {
  ca: Type.Optional(
    Type.String({
      description: 'Certificates (PEM) that the server’s must lead to, instead of the well-known ones.',
      minLength: 1,
    }),
  ),
  certificate: Type.Optional(
    Type.String({ description: 'The client certificate (PEM) shown to the server.', minLength: 1 }),
  ),
  key: Type.Optional(SecretString({ description: 'The client certificate’s private key (PEM).' })),
  server_name: Type.Optional(
    Type.String({
      description: 'The name asked for (SNI) and looked for in the server’s certificate.',
      minLength: 1,
    }),
  ),
};

const Settings = Type.Object(Tls);
export type TlsConfig = StaticDecode<typeof Settings>;

/** A setting that cannot be used. `at` is its name; messages hold nothing of its value. */
export type TlsFault = { readonly at: keyof TlsConfig; readonly message: string };

const CERTIFICATES = 'expected certificates in PEM';

/** What is wrong with these settings: PEM that is none, a key that does not fit its certificate, a name that is none. */
export function tlsFault(tls: TlsConfig): TlsFault[] {
  const { ca, certificate, key, server_name } = tls;
  const faults: TlsFault[] = [];
  const fault = (at: keyof TlsConfig, message: string): void => void faults.push({ at, message });

  if (ca !== undefined && certificatesIn(ca) === null) fault('ca', CERTIFICATES);
  const chain = certificate === undefined ? undefined : certificatesIn(certificate);
  if (chain === null) fault('certificate', CERTIFICATES);
  if (certificate !== undefined && key === undefined) fault('certificate', 'needs its key');
  if (key !== undefined && certificate === undefined) fault('key', 'needs its certificate');
  if (key !== undefined) {
    const privateKey = privateKeyIn(key.reveal());
    if (!privateKey) fault('key', 'expected a private key in PEM, without a passphrase');
    else if (chain?.[0]?.checkPrivateKey(privateKey) === false) fault('key', 'is not the certificate’s key');
  }
  if (server_name !== undefined && !isName(server_name))
    fault('server_name', 'expected a host name, without a port (RFC 6066 section 3)');

  if (faults.length > 0 || certificate === undefined) return faults;
  try {
    contextOf(tls);
  } catch (error) {
    // OpenSSL refuses keys that are too weak, for one.
    fault('certificate', `cannot be used: ${(error as { code?: string }).code ?? 'OpenSSL refuses it'}`);
  }
  return faults;
}

/** Is this host an address, in brackets or not? SNI has names alone (RFC 6066 section 3). */
export const isAddress = (host: string): boolean => isIP(host.replaceAll(/^\[|\]$/g, '')) !== 0;
const isName = (name: string): boolean => !isAddress(name) && canonicalHost(name) === name.toLowerCase();

/** Every certificate of a PEM text; null when it has none, or anything else. OpenSSL would stop reading there without a word. */
function certificatesIn(pem: string): X509Certificate[] | null {
  const blocks = pem.match(/-----BEGIN [^-]+-----[^-]*-----END [^-]+-----/g) ?? [];
  if (blocks.length === 0 || blocks.length !== pem.split('-----BEGIN').length - 1) return null;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return null;
  }
}

function privateKeyIn(pem: string): ReturnType<typeof createPrivateKey> | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}

/** What connections are made with. Throws what OpenSSL says of settings that `tlsFault` would not pass. */
export const contextOf = ({ ca, certificate, key }: TlsConfig): SecureContext =>
  createSecureContext({
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key: key.reveal() }),
  });
