/** What a route demands of its callers, held against what another one does. */
import type { Route } from './resolve.ts';

type Demands = Pick<Route, 'token' | 'policy' | 'scopes' | 'audience'>;

const TOKEN = { none: 0, optional: 1, required: 2 };

/** What `route` does not demand although `other` does, in words; none when whoever passes the one would pass the other. */
export function lacks(route: Demands, other: Demands): string[] {
  const lacking: string[] = [];
  if (TOKEN[route.token] < TOKEN[other.token])
    lacking.push(`${route.token === 'none' ? 'no' : 'an optional'} token (${other.token} there)`);
  if (route.policy === null && other.policy !== null) lacking.push(`no policy (${other.policy} there)`);
  if (route.token === 'none') return lacking;
  for (const anyOf of other.scopes)
    if (!route.scopes.some((own) => own.every((scope) => anyOf.includes(scope))))
      lacking.push(`not the scope ${anyOf.join(' or ')}`);
  const wider =
    other.audience.every((name) => route.audience.includes(name)) &&
    route.audience.length > other.audience.length;
  if (other.audience.length > 0 && (route.audience.length === 0 || wider))
    lacking.push(`not the audience ${other.audience.join(' or ')}`);
  return lacking;
}
