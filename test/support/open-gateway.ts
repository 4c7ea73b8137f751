/** A gateway that admits everybody to everything: what is tested with it is how it speaks HTTP. */
import type { Test } from 'tap';
import { type Gateway, startGateway } from './gateway.ts';

type Options = {
  readonly upstream?: string;
  /** Further YAML of the service, indented by four spaces a line. */
  readonly service?: string;
  /** Further YAML within the braces of `server:`. */
  readonly listener?: string;
  /** Further top-level YAML. */
  readonly more?: string;
};

/** Nobody listens there. */
export const NOWHERE = 'http://127.0.0.1:1';

/** Starts it; without an upstream, each request that it admits is answered with 502. */
export const startOpenGateway = (
  t: Test,
  { upstream = NOWHERE, service = '', listener = '', more = '' }: Options = {},
): Promise<Gateway> =>
  startGateway(t, {
    issuer: NOWHERE,
    upstream,
    service,
    listener,
    more,
    routes: `
  - name: all
    match: { path: "/**" }
    service: api
    token: none
    policy: none
`,
  });

/** The reasons of all refusals so far, as the log names them. */
export const reasons = (gateway: Gateway): unknown[] =>
  gateway
    .logged()
    .filter(({ message }) => message === 'refused')
    .map(({ reason }) => reason);
