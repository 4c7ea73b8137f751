/** Takes credentials out of a request, from every place in which its route says that one may be. */
import type { CredentialLocation, Route } from '../config/route.ts';
import type { Denial } from '../denial.ts';
import type { Bearing, Body, Routed } from '../exchange.ts';
import { BodyTooLargeError, held } from './body.ts';
import { takeCookie, takeHeader, takeParameter } from './credentials.ts';
import { type Form, changedForm, formOf } from './form.ts';
import { field, type Fields } from './headers.ts';
import { hasTooManyFields, likeCookie, likeParameter } from './likeness.ts';

/** RFC 6750 section 2.2: a token is in no content of a method that gives content no meaning (RFC 9110 section 9.3). */
export const MEANINGLESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE']);

/** What of a request is without its credentials, so far as they were looked for. */
export type Taken = {
  /** Where each was, and how it was written. */
  readonly sent: readonly { readonly at: CredentialLocation; readonly written: string }[];
  /** Why there may be one more to another reader; null when there cannot be. */
  readonly doubt: string | null;
  readonly fields: Fields;
  readonly query: string | null;
  readonly body: Body | null;
  /** The body with all that came in it: one that was read here can be read there no more. */
  readonly whole: Body | null;
};

/** Takes what is in the request's head. */
export function takeFromHead({ route, fields: came, target, body }: Routed): Taken {
  const sent: { at: CredentialLocation; written: string }[] = [];
  let fields = came;
  let { query } = target;
  for (const at of route.credential) {
    let found: readonly string[] = [];
    if (at.in === 'query' && query !== null) ({ found, left: query } = takeParameter(query, at.name));
    else if (at.in === 'cookie') ({ found, left: fields } = takeCookie(fields, at.name));
    else if (isAuthorization(at)) found = [field(fields, at.name) ?? []].flat();
    else if (at.in === 'header') ({ found, left: fields } = takeHeader(fields, at.name));
    for (const written of found) sent.push({ at, written });
  }
  const doubt = doubtOf(route, target.query, { fields, query });
  // A question mark without anything behind it is not what was asked for.
  if (query === '' && target.query !== '') query = null;
  return { sent, doubt, fields, query, body, whole: body };
}

/** Why another reader may find one more credential in what is left of a head; null when nobody can. `came` is the query as it was. */
function doubtOf(
  route: Route,
  came: string | null,
  { fields, query }: { readonly fields: Fields; readonly query: string | null },
): string | null {
  const parameters = namesIn(route, 'query');
  if (came !== null && parameters.length > 0) {
    if (hasTooManyFields(came)) return 'the query has more parameters than are looked at';
    const parameter = likeParameter(query ?? '', parameters);
    if (parameter !== null) return `something in the query is like ${parameter}`;
  }
  const cookie = likeCookie(fields, namesIn(route, 'cookie'));
  return cookie === null ? null : `something in the cookie is like ${cookie}`;
}

/** The names under which the route looks in a place. */
const namesIn = ({ credential }: Route, place: CredentialLocation['in']): string[] =>
  credential.filter((at) => at.in === place).map(({ name }) => name);

/** Does what nobody verified go upstream as it came? */
export const passesOn = ({ token, forward_unverified_authorization }: Route): boolean =>
  token === 'none' && forward_unverified_authorization;

/**
 * Takes what is in the form, too, where the route looks for it there; null when there is none to look into. Denials:
 * credential_ambiguous (a form that cannot be read), content_too_large (bytes, or fields), client_gone.
 */
export function takeFromForm(exchange: Routed, head: Taken): Promise<Taken | Denial> | Denial | null {
  const { route, method, fields, body } = exchange;
  if (body === null || passesOn(route) || !route.credential.some(isForm)) return null;
  const form = formOf(method, fields);
  if (form === 'encoded')
    return {
      denial: 'credential_ambiguous',
      detail: 'the form is compressed, or in a charset unlike ASCII',
    };
  return form === null ? null : readForm(exchange, body, form, head);
}

async function readForm(
  { route, method }: Routed,
  body: Body,
  form: Form,
  head: Taken,
): Promise<Taken | Denial> {
  let bytes: Buffer;
  try {
    bytes = await body.buffer(Math.min(route.body.credential_max_size, route.body.max_size));
  } catch (error) {
    return { denial: error instanceof BodyTooLargeError ? 'content_too_large' : 'client_gone' };
  }
  const sent = [...head.sent];
  let left = bytes.toString('latin1');
  if (hasTooManyFields(left)) return { denial: 'content_too_large' };
  for (const at of route.credential.filter(isForm)) {
    const taken = takeParameter(left, at.name);
    for (const written of taken.found) sent.push({ at, written });
    ({ left } = taken);
  }
  const changed = left.length < bytes.length;
  const like = likeParameter(left, namesIn(route, 'body'));
  const doubt =
    changed && (form === 'undeclared' || MEANINGLESS.has(method))
      ? 'there is one in a body that is not said to be a form, or has no meaning'
      : like === null
        ? null
        : `something in the form is like ${like}`;
  const whole = bodyOf(bytes);
  return {
    sent,
    doubt,
    fields: changed ? changedForm(head.fields, left.length) : head.fields,
    query: head.query,
    body: changed ? bodyOf(Buffer.from(left, 'latin1')) : whole,
    whole,
  };
}

const bodyOf = (bytes: Buffer): Body | null => (bytes.length > 0 ? held(bytes) : null);

/** Is this a place in a form? */
const isForm = (place: CredentialLocation): boolean => place.in === 'body';

/** The parts of the request without what was taken; and beside them, where its route hides nothing, what goes upstream as it came. */
export function emptied(
  { route, fields: came, target }: Routed,
  { token, fields, query, body, whole }: Taken & { readonly token: string | null },
): Pick<Bearing, 'fields' | 'target' | 'body' | 'token' | 'unhidden'> {
  const shown = token === null ? route.forward_unverified_authorization : !route.hide_credentials;
  const changed = fields !== came || query !== target.query || body !== whole;
  return {
    fields,
    target: query === target.query ? target : { ...target, query },
    body,
    token,
    unhidden: shown && changed ? { fields: came, query: target.query, body: whole } : null,
  };
}

/** Is this the place that RFC 6750 section 2.1 asks everybody to support? */
export const isAuthorization = (place: CredentialLocation): boolean =>
  place.in === 'header' && place.name === 'authorization';

/**
 * What an answer says to caches between, to which a token in Authorization makes it private (RFC 9111 section 3.5), but a token elsewhere
 * does not (RFC 6750 section 2.3).
 */
export function cacheFields({ route, fields, token }: Bearing): Fields {
  if (token === null || route.credential.every(isAuthorization)) return NONE;
  const inSight = route.credential.some(isAuthorization) && field(fields, 'authorization') !== undefined;
  return inSight ? NONE : PRIVATE;
}

const NONE: Fields = [];
const PRIVATE: Fields = ['Cache-Control', 'private'];
