/** A gateway whose traces are looked at, between servers that keep what they were sent. */
import { setTimeout as pause } from 'node:timers/promises';
import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Test } from 'tap';
import { type Gateway, spans, startGateway } from './gateway.ts';
import { type Recorded, startUpstream, type Upstream } from './http.ts';

export type Traced = {
  readonly gateway: Gateway;
  /** The authorization server, asked at `/introspect` alone. */
  readonly server: Upstream;
  readonly api: Upstream;
};

type Options = {
  /** What a token is, by its introspection; alice's with the scope of the route, by default. */
  readonly answer?: (request: Recorded) => object | Promise<object>;
  readonly upstream?: Parameters<typeof startUpstream>[1];
  /** Further top-level YAML. */
  readonly more?: string;
  /** Further routes, indented by two spaces a line. */
  readonly routes?: string;
  /** How long the authorization server may take. */
  readonly timeout?: string;
  /** Further YAML within the braces of `introspection:`. */
  readonly introspection?: string;
  readonly now?: () => number;
};

const ALICE = { active: true, sub: 'alice', scope: 'accounts:read' };

/** Starts all three; `GET /accounts/1001` with any token is admitted and forwarded. */
export async function startTraced(t: Test, options: Options = {}): Promise<Traced> {
  const { answer = () => ALICE, upstream, more = '', routes = '', timeout = '2s', now = Date.now } = options;
  const { introspection = '' } = options;
  const server = await startUpstream(t, (request, response) => {
    const send = (status: number, body: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    Promise.resolve(request)
      .then(answer)
      .then(
        (body) => send(200, body),
        () => send(500, {}),
      );
  });
  const api = await startUpstream(t, upstream);
  const gateway = await startGateway(t, {
    issuer: server.url,
    server: `    introspection: { endpoint: ${server.url}/introspect, timeout: ${timeout}, ${introspection} }`,
    upstream: api.url,
    more,
    now,
    routes: `
  - name: account
    match: { path: "/accounts/{id}" }
    service: api
    scopes: [accounts:read]
    policy: accounts/allow
    identity_headers: { jwt: false }
${routes}`,
  });
  return { gateway, server, api };
}

/** Waits until it holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(2);
}

/** The spans of a trace that have ended, by name. */
export const traceOf = (traceId: string): Readonly<Record<string, ReadableSpan>> =>
  Object.fromEntries(
    spans()
      .filter((span) => span.spanContext().traceId === traceId)
      .map((span) => [`${span.kind === SpanKind.CLIENT ? 'client ' : ''}${span.name}`, span]),
  );
