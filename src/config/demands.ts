/** What a route demands of its callers, held against what another one does. */
import type { RequiredClaim, Route } from './route.ts';

type Demands = Pick<
  Route,
  | 'token'
  | 'policy'
  | 'authorization_servers'
  | 'scopes'
  | 'audience'
  | 'required_claims'
  | 'step_up'
  | 'consumer'
>;

const TOKEN = { none: 0, optional: 1, required: 2 };

/** What `route` does not demand although `other` does, in words; none when whoever passes the one would pass the other. */
export function lacks(route: Demands, other: Demands): string[] {
  const lacking: string[] = [];
  if (TOKEN[route.token] < TOKEN[other.token])
    lacking.push(`${route.token === 'none' ? 'no' : 'an optional'} token (${other.token} there)`);
  if (route.policy === null && other.policy !== null) lacking.push(`no policy (${other.policy} there)`);
  if (route.token === 'none' || other.token === 'none') return lacking;
  return [
    ...lacking,
    ...serversBeside(route, other),
    ...lacksOfToken(route, other),
    ...lacksOfClaims(route, other),
    ...lacksOfLogin(route.step_up, other.step_up),
    ...lacksOfConsumer(route.consumer, other.consumer),
  ];
}

const serversBeside = ({ authorization_servers: own }: Demands, other: Demands): string[] =>
  own
    .filter(({ name }) => !other.authorization_servers.some((server) => server.name === name))
    .map(({ name }) => `tokens of ${name} will do`);

function lacksOfToken(route: Demands, other: Demands): string[] {
  const lacking = other.scopes
    .filter((anyOf) => !route.scopes.some((own) => own.every((scope) => anyOf.includes(scope))))
    .map((anyOf) => `not the scope ${anyOf.join(' or ')}`);
  const wider =
    other.audience.every((name) => route.audience.includes(name)) &&
    route.audience.length > other.audience.length;
  if (other.audience.length > 0 && (route.audience.length === 0 || wider))
    lacking.push(`not the audience ${other.audience.join(' or ')}`);
  return lacking;
}

const lacksOfClaims = (route: Demands, other: Demands): string[] =>
  other.required_claims
    .filter((wanted) => !route.required_claims.some((own) => covers(own, wanted)))
    .map(({ claim, anyOf, present }) => {
      if (!present) return `not that the claim ${claim} is absent`;
      return anyOf === null ? `not the claim ${claim}` : `not the claim ${claim}: ${anyOf.join(' or ')}`;
    });

/** Does whoever meets `own` meet `wanted`? */
const covers = (own: RequiredClaim, wanted: RequiredClaim): boolean =>
  own.present === wanted.present &&
  JSON.stringify(own.path) === JSON.stringify(wanted.path) &&
  (wanted.anyOf === null || own.anyOf?.every((value) => wanted.anyOf?.includes(value)) === true);

function lacksOfLogin(own: Demands['step_up'], wanted: Demands['step_up']): string[] {
  if (wanted === null) return [];
  const lacking: string[] = [];
  const acr = own?.acr ?? [];
  if (wanted.acr.length > 0 && (acr.length === 0 || !acr.every((one) => wanted.acr.includes(one))))
    lacking.push(`not the acr ${wanted.acr.join(' or ')}`);
  if (wanted.max_age !== null && (own?.max_age ?? Number.POSITIVE_INFINITY) > wanted.max_age)
    lacking.push(`not a login within ${wanted.max_age / 1_000} s`);
  return lacking;
}

function lacksOfConsumer(own: Demands['consumer'], wanted: Demands['consumer']): string[] {
  if (!wanted?.required) return [];
  if (own?.required && own.by === wanted.by && JSON.stringify(own.path) === JSON.stringify(wanted.path))
    return [];
  return [`not a consumer whose ${wanted.by} is the claim ${wanted.claim}`];
}
