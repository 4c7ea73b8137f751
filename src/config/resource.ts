/** The schema of an API as a protected resource (RFC 9728), and where its metadata is. */
import { type StaticDecode, Type } from 'typebox';
import { canonicalHost } from '../http/host.ts';
import { closed, Url } from './units.ts';

/** A service's `resource`. */
export const Resource = Type.Object(
  {
    identifier: Url({
      description: 'The API’s own URL, as its callers know it: https://api.example.com/accounts.',
    }),
    name: Type.Optional(Type.String({ description: 'Its name, for people.', minLength: 1 })),
    documentation: Type.Optional(Url({ description: 'Where people read about it.' })),
  },
  {
    ...closed,
    description:
      'Published as protected resource metadata (RFC 9728) and named in challenges, so that clients find the authorization server.',
  },
);

export type ResourceConfig = StaticDecode<typeof Resource>;

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/**
 * Where the metadata of a resource is: the well-known path between its host and its own path (RFC 9728 section 3.1). The identifier must
 * be a URL; one that passes the rules for it gives nothing here that a challenge's quoted string could not hold.
 */
export function metadataUrl(identifier: string): string {
  const { origin, pathname } = new URL(identifier);
  return `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}`;
}

/** The same place as requests name it: path and host in canonical form. */
export function metadataPlace(identifier: string): { readonly path: string; readonly host: string } {
  const { pathname, host } = new URL(metadataUrl(identifier));
  return { path: pathname, host: canonicalHost(host) ?? host };
}
