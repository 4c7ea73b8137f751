/** What the gateway itself answers, and where: no route is asked for a GET or HEAD of it. */
import type { Config } from './resolve.ts';
import { metadataPlace } from './resource.ts';

/** A path in canonical form, and the host of the document there; null where it is the same one for every host. */
export type Place = { readonly path: string; readonly host: string | null };

/** Where the keys of minted JWTs are, for the upstreams. */
export const JWKS_PATH = '/.well-known/jwks.json';

/** All places of published documents. */
export const publishedPlaces = ({ phantom, services }: Pick<Config, 'phantom' | 'services'>): Place[] => [
  ...(phantom ? [{ path: JWKS_PATH, host: null }] : []),
  ...Object.values(services).flatMap(({ resource }) =>
    resource ? [metadataPlace(resource.identifier)] : [],
  ),
];
