/** Rules between what a route says of tokens: where they may be, whose they may be, and what they must say. */
import { isFieldName, isProtected, spelling } from '../http/headers.ts';
import { CONSUMER_FIELDS, CREDENTIAL_FIELDS } from '../http/identity-fields.ts';
import { claimPathFault } from '../oauth/claim.ts';
import type { Route } from './route.ts';

/** A fault at a place within a route. */
export type Within = { readonly at: readonly (string | number)[]; readonly message: string };

/** Every rule of tokens that the route breaks. */
export const tokenFaults = (route: Route): Within[] => [
  ...requirementFaults(route),
  ...claimFaults(route),
  ...credentialFaults(route),
  ...serverFaults(route),
  ...callerFaults(route),
];

function requirementFaults(route: Route): Within[] {
  const asked: readonly (readonly [string, boolean])[] = [
    ['scopes', route.scopes.length > 0],
    ['audience', route.audience.length > 0],
    ['required_claims', route.required_claims.length > 0],
    ['step_up', route.step_up !== null],
    ['consumer', route.consumer !== null],
  ];
  const faults: Within[] = [];
  if (route.token === 'none')
    for (const [setting, given] of asked)
      if (given) faults.push({ at: [setting], message: `token: none has no ${setting} to judge` });
  if (route.jwt_tokens === 'verify' && route.token !== 'none' && route.audience.length === 0)
    faults.push({
      at: ['jwt_tokens'],
      message:
        'verify needs an audience: without one a JWT for any other API would pass (RFC 9068 section 4)',
    });
  const { max_age = null } = route.step_up ?? {};
  if (max_age !== null && max_age % 1_000 !== 0)
    faults.push({
      at: ['step_up', 'max_age'],
      message:
        'expected whole seconds, at most 24 days: a challenge can say nothing finer (RFC 9470 section 3)',
    });
  return faults;
}

/** Claims that nothing can be found by, and values that would fit others too. */
function claimFaults({ required_claims, identity_headers, consumer }: Route): Within[] {
  const named = [
    ...required_claims.map(({ claim }) => ({ claim, at: ['required_claims', claim] })),
    ...identity_headers.claims.map(({ claim }) => ({ claim, at: ['identity_headers', 'claims', claim] })),
    ...(consumer === null ? [] : [{ claim: consumer.claim, at: ['consumer', 'claim'] }]),
  ];
  return [
    ...named.flatMap(({ claim, at }): Within[] => {
      const message = claimPathFault(claim);
      return message === null ? [] : [{ at, message }];
    }),
    ...required_claims.flatMap(({ claim, anyOf }): Within[] =>
      anyOf?.some((value) => Number.isInteger(value) && !Number.isSafeInteger(value))
        ? [
            {
              at: ['required_claims', claim],
              message: 'expected whole numbers below 2^53: JSON rounds others, so that two of them are one',
            },
          ]
        : [],
    ),
  ];
}

/** RFC 6265 section 4.1.1. */
const COOKIE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Parameters that are written in one way: of others, readers differ in what they are. */
const PARAMETER_NAME = /^[\x21-\x7e]+$/;

/** Bytes. All of a form is read, held and looked at before anybody knows who sends it. */
const LARGEST_FORM = 1_048_576;

/**
 * Headers in which no token can be, by canonical spelling, and why: the gateway reads them itself, or programs on the way write, join or
 * drop them. A token would be lost there, or be told to those who must not know it.
 */
const NO_PLACE: readonly (readonly [names: RegExp, why: string])[] = [
  [
    /^(?:traceparent|tracestate|baggage|b3|x-b3-.*|x-request-id|x-correlation-id)$/,
    'goes into traces and logs',
  ],
  [/^(?:origin|referer|user-agent|dnt|sec-.*|access-control-.*)$/, 'is the browser’s to say'],
  [/^cookie2?$/, 'holds cookies: { cookie: name } looks for one'],
  [/^(?:host|via|from|date|max-forwards|priority|alt-used)$/, 'is for routing'],
  [/^(?:content-.*|repr-digest|want-.*|digest|mime-version)$/, 'speaks of the body'],
  [/^(?:accept|accept-.*|prefer|range|if|if-.*)$/, 'says which answer is wanted'],
  [/^(?:cache-control|pragma|age|vary|warning)$/, 'is for caches'],
  [/^x-(?:http-)?method(?:-override)?$/, 'says the method'],
];

/** Why no token can be in this header; null where one can. */
function headerFault(name: string): string | null {
  // Authorization is the usual place. The other is reserved, and yet where some clients, Kong's among them, send one: it is taken out here.
  if (name === 'authorization' || name === 'x-access-token') return null;
  const [, why] = NO_PLACE.find(([names]) => names.test(name)) ?? [];
  if (why !== undefined) return `a token cannot be in this header: it ${why}`;
  return !isFieldName(name) || isProtected(name) ? 'a token cannot be in this header' : null;
}

function credentialFaults({ credential, body }: Route): Within[] {
  const faults = credential.flatMap(({ in: place, name }, index): Within[] => {
    const at = ['credential', index];
    if (credential.findIndex((other) => other.in === place && other.name === name) < index)
      return [{ at, message: 'stands twice' }];
    if (place === 'cookie')
      return COOKIE_NAME.test(name) ? [] : [{ at, message: 'cannot be a cookie’s name' }];
    if (place !== 'header')
      return PARAMETER_NAME.test(name)
        ? []
        : [{ at, message: 'expected a parameter’s name in visible ASCII characters' }];
    const message = headerFault(name);
    return message === null ? [] : [{ at, message }];
  });
  return body.credential_max_size > LARGEST_FORM
    ? [
        ...faults,
        {
          at: ['body', 'credential_max_size'],
          message: 'expected at most 1MiB: a form with a token is read before anybody knows who sends it',
        },
      ]
    : faults;
}

/** Servers of a list that tokens could not be told apart by. */
function serverFaults({ authorization_servers: servers }: Route): Within[] {
  return servers.flatMap((server, index): Within[] => {
    const at = ['authorization_server', index];
    const before = servers.slice(0, index);
    if (before.some(({ name }) => name === server.name)) return [{ at, message: 'stands twice' }];
    const issuer = server.issuers.find((one) => before.some(({ issuers }) => issuers.includes(one)));
    if (issuer !== undefined)
      return [
        { at, message: 'has an issuer of another server of this list: tokens could not be told apart' },
      ];
    if (
      server.token_prefix !== null &&
      before.some(({ token_prefix }) => token_prefix === server.token_prefix)
    )
      return [{ at, message: 'has the token_prefix of another server of this list' }];
    return [];
  });
}

/** What is said of a caller that nobody is, or twice. */
function callerFaults({ anonymous, token, consumer, identity_headers }: Route): Within[] {
  const faults: Within[] = [];
  if (anonymous !== null && token !== 'optional')
    faults.push({ at: ['anonymous'], message: 'is for token: optional: nobody else comes without one' });
  if (identity_headers.consumer && consumer === null && anonymous === null && token !== 'none')
    faults.push({
      at: ['identity_headers', 'consumer'],
      message: 'needs `consumer`, which says how one is found',
    });
  const taken = new Set(
    [
      ...(identity_headers.credential ? CREDENTIAL_FIELDS : []),
      ...(identity_headers.consumer ? CONSUMER_FIELDS : []),
    ].map(spelling),
  );
  for (const { claim, name } of identity_headers.claims)
    if (taken.has(spelling(name)))
      faults.push({
        at: ['identity_headers', 'claims', claim],
        message: 'another setting of this route sets this header too',
      });
  return faults;
}
