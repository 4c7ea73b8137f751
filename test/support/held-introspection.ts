/** An introspector whose authorization server is in this process: each call waits for the test to say how it ends. */
import type { Answer, Question } from '../../src/chain/ports.ts';
import { type OAuthFetch, UnansweredError } from '../../src/oauth/fetch.ts';
import { type Introspector, introspector } from '../../src/oauth/introspector.ts';
import { received } from './exchange.ts';
import { serverConfig } from './introspection.ts';

/** A call that the server was asked to answer. */
export type HeldCall = {
  readonly token: string;
  /** Answers with members of RFC 7662, or with a status and no body worth reading. */
  readonly answer: (members: object | number, headers?: Record<string, string>) => void;
  /** Breaks the connection. */
  readonly fail: () => void;
};

export type Held = {
  readonly introspector: Introspector;
  readonly clock: { time: number };
  /** All calls so far, those included that have ended. */
  readonly calls: readonly HeldCall[];
  /** Asks, as a request from that address; the promise is for what comes of it. */
  readonly ask: (token: string, from?: string, how?: Question['how']) => Promise<Answer>;
  /** What the breaker told. */
  readonly changes: readonly string[];
};

/** Makes one; `settings` are those of `introspection`. */
export function heldIntrospection(settings: object = {}, time = 1_700_000_000_000): Held {
  const clock = { time };
  const calls: HeldCall[] = [];
  const changes: string[] = [];
  const config = serverConfig('https://as.example', {
    introspection: { endpoint: 'https://as.example/introspect', retries: 0, ...settings },
  });
  const fetch: OAuthFetch = (_url, { body }) =>
    new Promise((resolve, reject) => {
      const token = new URLSearchParams(String(body)).get('token') ?? '';
      calls.push({
        token,
        answer: (members, headers = {}) =>
          resolve(
            typeof members === 'number'
              ? new Response('{}', { status: members, headers })
              : new Response(JSON.stringify(members), {
                  headers: { 'content-type': 'application/json', ...headers },
                }),
          ),
        fail: () => reject(new UnansweredError('ECONNREFUSED', null)),
      });
    });
  const made = introspector('main', config, fetch, {
    now: () => clock.time,
    mark: () => 'the caller',
    breakerChanged: (state) => changes.push(state),
  });
  const caller = received().caller;
  return {
    introspector: made,
    clock,
    calls,
    changes,
    ask: async (token, from = '192.0.2.1', how = 'introspect') =>
      made.introspect({ token, how, received: received({ caller: { ...caller, client_ip: from } }) }),
  };
}

/** Until all that is under way has gone as far as it can without the test: several turns of microtasks and one of the loop. */
export const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
