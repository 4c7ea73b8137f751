/** The phantom JWT that an upstream gets: the authorization server's own, or one minted here (RFC 9068). */
import { randomUUID } from 'node:crypto';
import { compactVerify, type CryptoKey, exportJWK, importJWK, type JWK, SignJWT } from 'jose';
import type { Phantom } from '../chain/ports.ts';
import type { PhantomConfig } from '../config/authorization-server.ts';
import type { Identity } from '../exchange.ts';
import type { Facts } from './facts.ts';

const LIFETIME_SECONDS = 300;
/** A JWT with less than this left is minted anew, if the token itself lives longer. */
const RENEW_BELOW_SECONDS = 60;
/** Registered claims are ours to set; `cnf` and `act` speak of another token's holder. */
const OURS = new Set([
  'iss',
  'aud',
  'sub',
  'exp',
  'nbf',
  'iat',
  'jti',
  'client_id',
  'scope',
  'scp',
  'active',
  'token_type',
  'cnf',
  'act',
  'original_iss',
]);

/** Keys to sign with, or keys that cannot be: the message says what is wrong, and never shows them. */
export class KeyError extends Error {}

export type Minter = {
  readonly mint: (facts: Facts, audience: string) => Promise<string>;
  /** The public key set, for `/.well-known/jwks.json`. */
  readonly jwks: { readonly keys: readonly JWK[] };
};

/** Reads the private key set; its first key signs, the others are only published. Throws KeyError. */
export async function minter(config: PhantomConfig, now: () => number): Promise<Minter> {
  const keys = await readKeys(config);
  const [signing] = keys;
  const minted = new WeakMap<Facts, Map<string, Minted>>();

  const sign = (facts: Facts, audience: string, issuedAt: number, expiresAt: number): Promise<string> => {
    const { claims, scopes, client_id, issuer } = facts;
    const others = Object.fromEntries(Object.entries(claims).filter(([name]) => !OURS.has(name)));
    return new SignJWT({
      ...others,
      ...(typeof claims['sub'] === 'string' ? { sub: claims['sub'] } : {}),
      ...(client_id === null ? {} : { client_id }),
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      ...(issuer === null ? {} : { original_iss: issuer }),
    })
      .setProtectedHeader({ alg: config.algorithm, typ: 'at+jwt', kid: signing.kid })
      .setIssuer(config.issuer)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .setJti(randomUUID())
      .sign(signing.key);
  };

  return {
    jwks: { keys: keys.map(({ public: jwk }) => jwk) },
    mint(facts, audience) {
      const at = Math.floor(now() / 1_000);
      let byAudience = minted.get(facts);
      if (!byAudience) minted.set(facts, (byAudience = new Map<string, Minted>()));
      const present = byAudience.get(audience);
      const until = Math.min(facts.expires_at ?? Number.POSITIVE_INFINITY, at + LIFETIME_SECONDS);
      if (present && (present.until - at >= RENEW_BELOW_SECONDS || present.until >= until))
        return present.jwt;
      const jwt = sign(facts, audience, at, Math.floor(until));
      byAudience.set(audience, { jwt, until });
      return jwt;
    },
  };
}

/** The chain's port: passes or mints as the service says. Denial: phantom_unavailable, naming the fix. */
export function phantom(minting: Minter | null): Phantom {
  return ({ facts, authorization_server, verified_jwt }: Identity, service) => {
    if (service.phantom_jwt === 'mint') {
      // The configuration was judged: there are keys and an audience. What is to be minted is never passed instead.
      if (!minting || service.audience === undefined) throw new Error(`${service.name} cannot mint`);
      return minting.mint(facts, service.audience);
    }
    const jwt = verified_jwt ?? facts.jwt;
    if (jwt !== null) return jwt;
    const detail = `the answer of ${authorization_server} carries no JWT: set phantom_jwt: mint on the service ${service.name}`;
    return { denial: 'phantom_unavailable', detail };
  };
}

/** A JWT and the second it expires at. */
type Minted = { readonly jwt: Promise<string>; readonly until: number };

type Key = { readonly kid: string; readonly key: CryptoKey; readonly public: JWK };

async function readKeys(config: PhantomConfig): Promise<[Key, ...Key[]]> {
  let set: { keys?: unknown };
  try {
    set = JSON.parse(config.keys.reveal()) as { keys?: unknown };
  } catch {
    throw new KeyError('phantom.keys is not a JSON Web Key Set');
  }
  if (!Array.isArray(set?.keys)) throw new KeyError('phantom.keys has no list of keys');
  const keys: Key[] = [];
  for (const [index, jwk] of (set.keys as (JWK | null)[]).entries()) {
    if (typeof jwk?.kid !== 'string' || typeof jwk.d !== 'string')
      throw new KeyError(`phantom.keys: key ${index} needs kid and d: it is a private key`);
    if (keys.some(({ kid }) => kid === jwk.kid))
      throw new KeyError(`phantom.keys: key ${index} has the kid of another`);
    try {
      keys.push(await readKey({ ...jwk, kid: jwk.kid }, config.algorithm));
    } catch {
      throw new KeyError(`phantom.keys: key ${index} is no private key for ${config.algorithm}`);
    }
  }
  const [first, ...others] = keys;
  if (!first) throw new KeyError('phantom.keys is empty');
  return [first, ...others];
}

/** Rejects for a key that was made for something else, or whose signature its public part does not verify. */
async function readKey(jwk: JWK & { readonly kid: string }, algorithm: string): Promise<Key> {
  const { kid, alg = algorithm, use = 'sig' } = jwk;
  if (alg !== algorithm || use !== 'sig') throw new Error('made for something else');
  const key = (await importJWK(jwk, algorithm, { extractable: true })) as CryptoKey;
  const { kty, crv, x, y, n, e } = await exportJWK(key);
  const present = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined);
  const published = { ...(Object.fromEntries(present) as JWK), kid, alg, use };
  const probe = await new SignJWT({}).setProtectedHeader({ alg }).sign(key);
  await compactVerify(probe, await importJWK(published, algorithm));
  return { kid, key, public: published };
}
