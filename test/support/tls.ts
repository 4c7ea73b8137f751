/** A server that speaks TLS, and HTTP/2 to who asks for it, by a certificate of its own that nobody trusts unless told to. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSecureServer, type SecureServerOptions } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Test } from 'tap';

/** Of nothing but 127.0.0.1, for nothing but tests. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFHyB4QiOM+i6LtWY
JSpgUdh/GG57Zi62HVAIPkF8VaihRANCAASSmcGan33HD4xy/6YGUyL8LqNEsj06
F0DngHCCAucMsZVQDnfKou+9pL1rwPvAJPfpexp0Yx7O8kRb1fPTXDE6
-----END PRIVATE KEY-----
`;
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBWTCB/6ADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWxvY2FsaG9z
dDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJ
bG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkpnBmp99xw+Mcv+m
BlMi/C6jRLI9OhdA54BwggLnDLGVUA53yqLvvaS9a8D7wCT36XsadGMezvJEW9Xz
01wxOqNAMD4wDwYDVR0RBAgwBocEfwAAATAMBgNVHRMEBTADAQH/MB0GA1UdDgQW
BBQYc9N1zGWOC/2B+RAMUYM9B5XflzAKBggqhkjOPQQDAgNJADBGAiEAyoBIfYHK
if8uOubV5Vs+4yR74grvdXIxm919TePZF8ICIQDAdT/c45YKpY0P5kqm2v7u66GD
KN4JltkTcL+g+7MYFg==
-----END CERTIFICATE-----
`;

/** Starts it, with another certificate or other demands if given; it closes, with its connections, when the test ends. */
export async function startTlsServer(
  t: Test,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  options: SecureServerOptions = {},
): Promise<string> {
  const server = createSecureServer(
    { key: KEY, cert: CERTIFICATE, allowHTTP1: true, ...options },
    listener as never,
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** From now until the test ends, the whole process trusts its certificate. */
export function trustCertificate(t: Test): void {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, CERTIFICATE]);
  t.teardown(() => setDefaultCACertificates(before));
}
