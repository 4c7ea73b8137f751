/**
 * A gateway whose policy tells what it saw, before an upstream that keeps what it received: so that a test can hold the two, and
 * the answer, against each other. Requests go out byte for byte.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { startScriptedServer } from './authorization-server.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { type RecordedBytes, type Recording, startRecording } from './recording.ts';
import { bundleOf, ENTRYPOINT } from './rego.ts';
import { openWire } from './wire.ts';

/** `judge/all` admits everybody, `judge/admins` those with the claim `role: admin`; both tell what they saw. */
const POLICY = `package judge

seen := base64.encode(json.marshal(object.union(
  object.filter(input.request, ["method", "scheme", "host", "path", "segments", "query", "headers", "client_ip", "body"]),
  {"params": input.route.params, "route": input.route.name, "claims": input.claims},
)))

admitted := {"allow": true, "response_headers_to_add": {"X-Seen": seen}}
refused := {"allow": false, "headers": {"X-Seen": seen}}

${ENTRYPOINT}all := admitted

${ENTRYPOINT}admins := admitted if input.claims.role == "admin"
else := refused
`;

/** What the policy was told of a request. */
export type Seen = {
  readonly method: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly segments: readonly string[];
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly client_ip: string;
  readonly body: unknown;
  readonly params: Readonly<Record<string, string>>;
  readonly route: string;
  readonly claims: Readonly<Record<string, unknown>> | null;
};

export type Outcome = {
  readonly status: number;
  /** Of the answer, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** What the policy saw; null where it was not asked. */
  readonly seen: Seen | null;
  /** What reached the upstream; null where nothing did. */
  readonly sent: RecordedBytes | null;
  /** All of that, as lines, with a word for what differs from run to run: see `plain`. */
  readonly lines: readonly string[];
};

export type Judged = {
  readonly gateway: Gateway;
  readonly upstream: Recording;
  /** Sends one request on a connection of its own, and waits for its answer. Throws when the upstream got anything but one request or none. */
  readonly ask: (bytes: string) => Promise<Outcome>;
};

type Options = {
  /** The YAML of `routes:`, indented by two spaces a line. */
  readonly routes: string;
  /** Rego beside the rules above, in the same package. */
  readonly policy?: string;
  /** Further YAML within the braces of `server:`. */
  readonly listener?: string;
  /** Further top-level YAML. */
  readonly more?: string;
  /** What the upstream answers; 200 and `{}` by default. */
  readonly answer?: (request: RecordedBytes) => string;
};

/** Tokens that are active, and the claims of their phantom JWTs: `nobody` has neither sub nor role. */
const CLAIMS: Readonly<Record<string, object>> = {
  admin: { sub: 'admin', role: 'admin', scope: 'read write' },
  alice: { sub: 'alice', role: 'user', scope: 'read' },
  nobody: { scope: 'read' },
  splitting: { sub: 'alice\r\nX-Role: admin', scope: 'read' },
};

/** Starts it, with a scripted authorization server to which the tokens in `CLAIMS` are active. */
export async function startJudged(t: Test, options: Options): Promise<Judged> {
  const { routes, policy = '', listener = '', more = '', answer } = options;
  const server = await startScriptedServer(t, async (token, { issuer, sign }) => {
    const exp = Math.floor(Date.now() / 1_000) + 60;
    const claims = CLAIMS[token];
    return claims
      ? { type: 'application/jwt', body: await sign({ iss: issuer, exp, ...claims }) }
      : { body: '{"active":false}' };
  });
  const bundle = join(t.testdir(), 'bundle.tar.gz');
  writeFileSync(bundle, await bundleOf(t, POLICY + policy));
  const upstream = await startRecording(t, answer);
  const gateway = await startGateway(t, {
    issuer: server.issuer,
    upstream: upstream.url,
    policies: bundle,
    routes,
    listener,
    more,
  });
  const port = new URL(gateway.url).port;
  const lasting = (line: string): string =>
    line
      .replace(new URL(upstream.url).host, 'UPSTREAM')
      .replace(/^(X-Forwarded-Port: )(\d+)$/, (all, name: string, said) =>
        said === port ? `${name}OURS` : all,
      )
      .replace(/^traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/, 'traceparent: OURS')
      .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]+$/, 'JWT');
  return {
    gateway,
    upstream,
    async ask(bytes) {
      upstream.take();
      const before = upstream.connections().join('').length;
      const wire = await openWire(t, gateway.url);
      wire.send(bytes);
      const { status, headers, text } = await wire.reply(bytes.startsWith('HEAD ') ? 'bodyless' : undefined);
      wire.socket.destroy();
      const { requests, faults } = upstream.take();
      if (faults.length > 0 || requests.length > 1)
        throw new Error(`the upstream got ${requests.length} requests, and ${JSON.stringify(faults)}`);
      const sent = requests[0] ?? null;
      const bytesSent = upstream.connections().join('').length - before;
      if (bytesSent !== (sent?.raw.length ?? 0))
        throw new Error(`the upstream got ${bytesSent} bytes, which are not one request`);
      const { 'x-seen': seen = null } = headers;
      return {
        status,
        headers,
        text,
        seen: seen === null ? null : (JSON.parse(Buffer.from(seen, 'base64').toString()) as Seen),
        sent,
        lines: sent?.raw.split('\r\n').map(lasting) ?? [],
      };
    },
  };
}

/** What an outcome comes down to, for comparison with `refused(400)` or `passed(plain('/a'))`. */
export const brief = ({ status, lines }: Outcome): Brief => ({ status, lines });
export type Brief = Pick<Outcome, 'status' | 'lines'>;

/** Refused with this status, and not a byte of it was sent on. */
export const refused = (status: number): Brief => ({ status, lines: [] });

/** Answered with 200, and this is what the upstream got. */
export const passed = (lines: readonly string[]): Brief => ({ status: 200, lines });

/** The bytes of a GET for this target, with these further header lines. */
export const get = (target: string, ...lines: readonly string[]): string =>
  [`GET ${target} HTTP/1.1`, 'Host: api.example.com', ...lines, '', ''].join('\r\n');

/**
 * All that an upstream may get of a request without a body: what of the client's lines goes on, and what the gateway says itself. `UPSTREAM` is its own
 * address, `OURS` the gateway's port or trace, `JWT` a phantom JWT.
 */
export const plain = (target: string, lines: Plain = {}): string[] => {
  const { method = 'GET', host = 'api.example.com', client = [], moved = [], own = [] } = lines;
  return [
    `${method} ${target} HTTP/1.1`,
    'host: UPSTREAM',
    'connection: keep-alive',
    ...client,
    'Via: 1.1 portcullis',
    'X-Forwarded-For: 127.0.0.1',
    `X-Forwarded-Host: ${host}`,
    'X-Forwarded-Port: OURS',
    'X-Forwarded-Proto: http',
    ...moved,
    'X-Real-IP: 127.0.0.1',
    `Forwarded: for=127.0.0.1;host=${host};proto=http`,
    ...own,
    'traceparent: OURS',
    '',
    '',
  ];
};

type Plain = {
  readonly method?: string;
  /** The client's Host in canonical form. */
  readonly host?: string;
  /** What of the client's own lines goes on. */
  readonly client?: readonly string[];
  /** X-Forwarded-Prefix and -Path. */
  readonly moved?: readonly string[];
  /** What the policy and the token say, in that order. */
  readonly own?: readonly string[];
};

/** The words of a text, in which a backslash is a backslash: for lists of targets and hosts, which have no blanks in them. */
export const words = ({ raw }: TemplateStringsArray): string[] => raw.join('').trim().split(/\s+/);
