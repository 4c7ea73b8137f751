/** Purges as an operator asks for them on the admin port. */
import { type Answer, call } from './http.ts';

/** For `adminFront` of startGateway: the token that purges here come with. */
export const ADMIN_TOKEN = 'token: admin-secret-of-32-characters';

/** Asks for a purge, of what the body says. */
export const purge = (admin: string, body: object): Promise<Answer> =>
  call(admin, {
    method: 'POST',
    path: '/cache/purge',
    headers: { authorization: 'Bearer admin-secret-of-32-characters', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
