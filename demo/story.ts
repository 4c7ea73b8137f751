/** The demo's story: what a client sends, and what has to come back. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { PEOPLE } from './authorization-server.ts';

/** One step. `token` gives the opaque token to send, or null for none. */
export type Step = {
  readonly title: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token: () => Promise<string | null>;
  readonly expected: { readonly status: number; readonly body?: (body: Record<string, unknown>) => boolean };
};

export type Told = {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly body: Record<string, unknown>;
  readonly traceId: string;
  readonly asExpected: boolean;
};

type Person = keyof typeof PEOPLE;

/** The requests that tell the story, against the authorization server at `issuer`. */
export function story(issuer: string): readonly Step[] {
  const token = (who: Person, scope: string) => () => takeToken(issuer, who, scope);
  const revoked = async (): Promise<string> => {
    const taken = await takeToken(issuer, 'alice', 'accounts:read');
    await asClient(issuer, '/token/revocation', 'alice', { token: taken });
    return taken;
  };
  const granted = ({ caller, headers }: Record<string, unknown>): boolean =>
    (caller as { sub?: unknown } | null)?.sub === 'alice' &&
    (headers as { 'x-user'?: unknown })['x-user'] === 'alice';
  const decided = (body: Record<string, unknown>): boolean => typeof body['decision_id'] === 'string';
  return [
    {
      title: 'alice reads her own account',
      method: 'GET',
      path: '/accounts/1001',
      token: token('alice', 'accounts:read'),
      expected: { status: 200, body: granted },
    },
    {
      title: "alice reads bob's account",
      method: 'GET',
      path: '/accounts/1002',
      token: token('alice', 'accounts:read'),
      expected: { status: 403, body: decided },
    },
    {
      title: 'bob reads his account with a token that lacks the scope',
      method: 'GET',
      path: '/accounts/1002',
      token: token('bob', 'transactions:read'),
      expected: { status: 403, body: (body) => (body['missing_scopes'] as string[])[0] === 'accounts:read' },
    },
    {
      title: 'alice uses a token that she revoked before its first use',
      method: 'GET',
      path: '/accounts/1001',
      token: revoked,
      expected: { status: 401 },
    },
    {
      title: 'somebody calls without a token',
      method: 'GET',
      path: '/accounts/1001',
      token: async () => null,
      expected: { status: 401 },
    },
    {
      title: 'alice approves a transaction that she created',
      method: 'POST',
      path: '/transactions/t-1/approval',
      token: token('alice', 'transactions:approve'),
      expected: { status: 403, body: decided },
    },
    {
      title: 'alice approves a transaction that bob created',
      method: 'POST',
      path: '/transactions/t-2/approval',
      token: token('alice', 'transactions:approve'),
      expected: { status: 200, body: granted },
    },
    {
      title: 'somebody tries to climb out of a path',
      method: 'GET',
      path: '/accounts/..%2fadmin',
      token: token('alice', 'accounts:read'),
      expected: { status: 400 },
    },
  ];
}

/** Sends a step to the gateway as a client would, in a trace of its own. */
export async function tell(gateway: string, { method, path, token, expected }: Step): Promise<Told> {
  const bearer = await token();
  const traceId = randomBytes(16).toString('hex');
  const { hostname, port } = new URL(gateway);
  // node:http, since fetch would tidy the path before it is sent.
  const sent = request({
    hostname,
    port,
    method,
    path,
    headers: {
      traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
    },
  });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const body = JSON.parse(await text(answer)) as Record<string, unknown>;
  const status = answer.statusCode ?? 0;
  const asExpected = status === expected.status && (expected.body?.(body) ?? true);
  return { status, challenge: answer.headers['www-authenticate'], body, traceId, asExpected };
}

/** Takes an opaque access token by client credentials (RFC 6749 section 4.4). */
export async function takeToken(issuer: string, who: Person, scope: string): Promise<string> {
  const answer = await asClient(issuer, '/token', who, { grant_type: 'client_credentials', scope });
  return ((await answer.json()) as { access_token: string }).access_token;
}

async function asClient(
  issuer: string,
  path: string,
  who: Person,
  form: Record<string, string>,
): Promise<Response> {
  const answer = await fetch(`${issuer}${path}`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${who}:${PEOPLE[who].secret}`)}` },
    body: new URLSearchParams(form),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}
