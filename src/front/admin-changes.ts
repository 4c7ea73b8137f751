/** Who may change something on the admin port, and what a purge asks for: pure functions. */
import { hash, timingSafeEqual } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Secret } from '../config/units.ts';
import type { Purged } from '../oauth/answer-cache.ts';

/** RFC 9457, as the admin port answers with it. */
export type AdminProblem = {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
};

/** `detail` repeats nothing of the request: a token may be in it. */
export const adminProblem = (status: number, detail?: string): AdminProblem => ({
  type: 'about:blank',
  title: STATUS_CODES[status] ?? 'Refused',
  status,
  ...(detail === undefined ? {} : { detail }),
});

/** Header fields of a request, as node:http reads them. */
type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Why a request may not change anything; null when it may. Loopback is not enough: a page in a browser on the same machine gets there
 * too, so what it cannot send is asked for, the origin of this port and a token.
 */
export function changeRefused(headers: Headers, token: Secret | undefined): AdminProblem | null {
  const { host = '', origin } = headers;
  if (token === undefined)
    return adminProblem(403, 'Nothing can be changed here: the configuration has no admin.token.');
  if (origin !== undefined && String(origin).toLowerCase() !== `http://${String(host).toLowerCase()}`)
    return adminProblem(403, 'A page of another origin may not change anything.');
  const [, sent = ''] = /^bearer +(\S+)$/i.exec(String(headers['authorization'])) ?? [];
  if (!sameText(sent, token.reveal())) return adminProblem(401, 'The bearer token admin.token is needed.');
  const [type = ''] = String(headers['content-type']).split(';');
  if (type.trim().toLowerCase() !== 'application/json')
    return adminProblem(415, 'The body must be application/json.');
  return null;
}

/** In a time that does not depend on where they differ, nor on how long they are. */
const sameText = (one: string, other: string): boolean =>
  timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'));

/** What a purge is asked to forget: of all servers where none is named. */
export type PurgeRequest = { readonly of: Purged; readonly server: string | null };

const SUBJECTS = new Set(['token', 'subject', 'client']);

/** Reads the body of a purge; in words what is wrong with it, when it cannot be. */
export function purgeRequest(body: unknown): PurgeRequest | string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'The body must be an object.';
  const { authorization_server: server, ...of } = body as Record<string, unknown>;
  if (server !== undefined && typeof server !== 'string')
    return 'authorization_server must be the name of one.';
  const [[name, value] = ['', null], ...others] = Object.entries(of);
  if (!SUBJECTS.has(name) || others.length > 0)
    return 'Give exactly one of token, subject and client, and perhaps authorization_server.';
  if (typeof value !== 'string' || value === '') return `${name} must be a string, and not empty.`;
  return { of: { [name]: value } as unknown as Purged, server: server ?? null };
}
