/** A request that nobody sent, as the listener would read it. */
import { randomUUID } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { CredentialLocation, Route } from '../config/route.ts';
import { type Denial, isDenial } from '../denial.ts';
import type { Received } from '../exchange.ts';
import { MEANINGLESS } from '../http/credential-places.ts';
import type { RouteTable } from '../http/route-table.ts';
import type { Asked } from './arguments.ts';
import type { Receive } from '../front/receive.ts';

/** The listener that would read it. */
export type Listening = {
  readonly receive: Receive;
  readonly port: number;
};

const AUTHORIZATION: CredentialLocation = { in: 'header', name: 'authorization' };

/** In words. */
export const shownPlace = ({ in: place, name }: CredentialLocation): string =>
  place === 'header' && name === 'authorization' ? 'Authorization' : `${place} ${name}`;

/** Where the token goes: Authorization, unless the route takes none there; then the first place that such a request has. */
export function placeFor(asked: Asked, table: RouteTable<Route>, listening: Listening): CredentialLocation {
  const bare = arrive({ ...asked, token: null }, AUTHORIZATION, listening);
  if (isDenial(bare)) return AUTHORIZATION;
  const { host, method, target, fields } = bare;
  const places = table.match(host, method, target.segments, fields)?.route.credential ?? [];
  const fits = ({ in: place }: CredentialLocation): boolean => place !== 'body' || !MEANINGLESS.has(method);
  return (
    places.find(({ name }) => name === 'authorization') ?? places.find(fits) ?? places[0] ?? AUTHORIZATION
  );
}

/** The request as the listener reads it, with the token at that place. */
export function arrive(
  { method, fields, target, from, token }: Asked,
  place: CredentialLocation,
  { receive, port }: Listening,
): Received | Denial {
  const socket = Object.defineProperties(new Socket(), {
    remoteAddress: { value: from },
    localPort: { value: port },
  });
  const request = new IncomingMessage(socket);
  const named = token === null ? '' : new URLSearchParams({ [place.name]: token }).toString();
  const at = token === null ? null : place.in;
  const added = {
    header: [place.name, place.name === 'authorization' ? `Bearer ${token}` : `${token}`],
    cookie: ['Cookie', `${place.name}=${token}`],
    body: ['Content-Type', 'application/x-www-form-urlencoded', 'Content-Length', String(named.length)],
    query: [],
  };
  request.method = method;
  request.url = at === 'query' ? `${target}${target.includes('?') ? '&' : '?'}${named}` : target;
  request.httpVersion = '1.1';
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  request.rawHeaders = [...fields, ...(at === null ? [] : added[at])];
  // Node makes them of the raw ones as it parses.
  request.headers = Object.fromEntries(
    request.rawHeaders.flatMap((name, i, all) => (i % 2 === 0 ? [[name.toLowerCase(), all[i + 1]]] : [])),
  ) as IncomingMessage['headers'];
  if (at === 'body') request.push(named);
  request.push(null);
  return receive(request, new ServerResponse(request), randomUUID()).received;
}
