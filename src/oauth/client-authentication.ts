/** How Portcullis says which client it is, to an authorization server. */
import type { JWK } from 'jose';
import * as oauth from 'oauth4webapi';
import type { AuthorizationServerConfig } from '../config/authorization-server.ts';
import { importPrivateKey } from './private-key.ts';

/** An assertion is made for one request: this long it is good, since clocks differ (RFC 7523 section 3). */
const ASSERTION_SECONDS = 60;

/** Is the client known by the certificate of its connection (RFC 8705), for which servers may have endpoints of their own? */
export const isMutualTls = ({ client_auth }: AuthorizationServerConfig): boolean =>
  client_auth === 'tls_client_auth' || client_auth === 'self_signed_tls_client_auth';

/**
 * The client's authentication as its `client_auth` says; keys are imported once. `now` in milliseconds since the epoch. What the chosen
 * way needs is there by a rule of the configuration; without it this throws.
 */
export function clientAuthentication(config: AuthorizationServerConfig, now: () => number): oauth.ClientAuth {
  const { client_secret, client_key, authorization } = config;
  switch (config.client_auth) {
    case 'client_secret_basic':
      return basic(revealed(client_secret));
    case 'client_secret_post':
      return oauth.ClientSecretPost(revealed(client_secret));
    case 'client_secret_jwt':
      return oauth.ClientSecretJwt(revealed(client_secret), { [oauth.modifyAssertion]: timed(now) });
    case 'private_key_jwt':
      return privateKeyJwt(JSON.parse(revealed(client_key)) as JWK, now);
    case 'tls_client_auth':
    case 'self_signed_tls_client_auth':
      return oauth.TlsClientAuth();
    case 'none':
      return oauth.None();
    case 'authorization': {
      const value = revealed(authorization);
      return (_server, _client, _body, headers) => headers.set('authorization', value);
    }
  }
}

function revealed(secret: { reveal: () => string } | undefined): string {
  if (secret === undefined) throw new Error('what client_auth needs is missing');
  return secret.reveal();
}

/**
 * RFC 6749 section 2.3.1, by the form encoding of its appendix B. Not oauth4webapi's, which escapes `-`, `.` and `_` too: servers that
 * decode nothing would not know `my-gateway`.
 */
function basic(secret: string): oauth.ClientAuth {
  const encoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
  return (_server, { client_id }, _body, headers) =>
    headers.set('authorization', `Basic ${btoa(`${encoded(client_id)}:${encoded(secret)}`)}`);
}

function privateKeyJwt(jwk: JWK, now: () => number): oauth.ClientAuth {
  const { kid = '', alg = '' } = jwk;
  let made: Promise<oauth.ClientAuth> | undefined;
  const make = async (): Promise<oauth.ClientAuth> =>
    oauth.PrivateKeyJwt(
      { key: await importPrivateKey(jwk, alg), kid },
      {
        [oauth.modifyAssertion](header, payload) {
          // As the key says: of one key, EdDSA and Ed25519 are two names.
          header['alg'] = alg;
          timed(now)(header, payload);
        },
      },
    );
  return async (...request) => (await (made ??= make()))(...request);
}

/** By our clock, and without `nbf`: a server whose clock is a second behind would refuse it. */
const timed =
  (now: () => number): NonNullable<oauth.ModifyAssertionOptions[typeof oauth.modifyAssertion]> =>
  (_header, payload) => {
    const seconds = Math.floor(now() / 1_000);
    payload['iat'] = seconds;
    payload['exp'] = seconds + ASSERTION_SECONDS;
    delete payload['nbf'];
  };
