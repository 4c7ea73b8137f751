/** What can be done about a token that lacks what the route requires of it: claims, a login, a consumer. */
import type { RequiredClaim, Route } from '../config/route.ts';
import type { Denial } from '../denial.ts';
import { claimAt } from '../oauth/claim.ts';
import { moment } from './moment.ts';
import type { About } from './token-remedy.ts';

type Claims = Readonly<Record<string, unknown>>;
type Of<R extends Denial['denial']> = Extract<Denial, { denial: R }>;

const shown = (value: unknown): string => JSON.stringify(value) ?? 'absent';

/** What to do about claims that are absent, of another value, or there although they must not be. */
export function claimsRemedy({ missing }: Of<'insufficient_claims'>, { route, claims }: About): string[] {
  const required = route?.required_claims.filter(({ claim }) => missing.includes(claim)) ?? [];
  const named = (present: boolean): string =>
    required.flatMap((one) => (one.present === present ? [one.claim] : [])).join(' and ');
  const [needed, unwanted] = [named(true), named(false)];
  const fixes = [
    ...(needed === '' ? [] : [`put ${needed} into the token`]),
    ...(unwanted === '' ? [] : [`leave ${unwanted} out of it`]),
  ];
  return [
    ...required.map((one) => requirement(one, claims ?? {})),
    `have the authorization server ${fixes.join(', and ') || 'say it'}; or change the route’s required_claims`,
  ];
}

function requirement({ claim, path, anyOf, present }: RequiredClaim, claims: Claims): string {
  const wanted = anyOf?.map((one) => JSON.stringify(one)).join(' or ');
  return `${claim} is ${shown(claimAt(claims, path))}; the route needs ${wanted ?? (present ? 'it to be there' : 'it to be absent')}`;
}

/** What to do about a login that is not good enough: no login mends an answer that says nothing of it. */
export function loginRemedy(
  { acr, max_age, detail }: Of<'insufficient_user_authentication'>,
  { claims, asked, now }: About,
): string[] {
  const said = { acr: claims?.['acr'], auth_time: claims?.['auth_time'] };
  const told = `the token’s acr is ${shown(said.acr)}, its auth_time ${moment(said.auth_time, now)}`;
  const unsaid = [
    ...(acr.length > 0 && typeof said.acr !== 'string' ? ['acr'] : []),
    ...(max_age !== null && typeof said.auth_time !== 'number' ? ['auth_time'] : []),
  ];
  if (unsaid.length > 0)
    return [
      told,
      `the answer of ${asked ?? 'the server'} has no ${unsaid.join(' and no ')}, which no new login mends: have the server put it there (with Keycloak, mappers: the client scopes acr and basic)`,
    ];
  if (/to come/.test(detail)) return [told, 'compare the clocks of the gateway and the authorization server'];
  const asking = [
    ...(acr.length > 0 ? [`acr_values=${acr.join(' ')}`] : []),
    ...(max_age === null ? [] : [`max_age=${Math.floor(max_age / 1_000)}`]),
  ];
  return [told, `have the user log in anew with ${asking.join(' and ')} (RFC 9470)`];
}

/** What to do about a caller that is none of the consumers; one of another authorization server is somebody else. */
export function consumerRemedy({ route, claims, consumers, asked }: About): string[] {
  const sought = route?.consumer;
  return [
    sought
      ? unknownConsumer(sought, claimAt(claims ?? {}, sought.path), { consumers, asked })
      : 'add it to consumers',
    'or let tokens without a consumer pass: consumer.required: false',
  ];
}

function unknownConsumer(
  { by, claim }: NonNullable<Route['consumer']>,
  value: unknown,
  { consumers, asked }: Pick<About, 'consumers' | 'asked'>,
): string {
  if (typeof value !== 'string')
    return `the token’s ${claim} is ${shown(value)}, and only text is a name: see consumer.claim`;
  const elsewhere = consumers.find((one) => one[by] === value)?.authorization_server;
  if (elsewhere !== undefined)
    return `${value} is there, but for ${[elsewhere].flat().join(' and ')}: if it is the same caller, name ${asked ?? 'this server'} in its authorization_server, too`;
  return `add it to consumers, with ${by}: ${shown(value)}`;
}
