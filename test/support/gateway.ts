/** A gateway under test: the real app, on free ports, with what it says kept for the test to read. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import type { Test } from 'tap';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config/load.ts';
import { openLog } from '../../src/observe/log.ts';
import { startTelemetry } from '../../src/observe/telemetry.ts';

const exporter = new InMemorySpanExporter();
const telemetry = startTelemetry({}, [new SimpleSpanProcessor({ exporter })]);
const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** All spans that ended in this process so far. */
export const spans = (): readonly ReadableSpan[] => exporter.getFinishedSpans();

export type Gateway = {
  readonly url: string;
  readonly health: string;
  readonly admin: string;
  /** Every line logged so far, parsed. */
  readonly logged: () => Record<string, unknown>[];
  readonly app: Awaited<ReturnType<typeof createApp>>;
};

type Options = {
  readonly issuer: string;
  readonly upstream: string;
  /** The YAML of `routes:`, indented by two spaces a line. */
  readonly routes: string;
  /** Further top-level YAML. */
  readonly more?: string;
  /** YAML of which client it is to the authorization server, indented by four spaces a line; `portcullis` with its secret by default. */
  readonly client?: string;
  /** Further YAML of the authorization server, indented by four spaces a line. */
  readonly server?: string;
  /** Further YAML of the service, indented by four spaces a line. */
  readonly service?: string;
  /** Further YAML within the braces of `server:`, such as `limits: { connections: 1 }`. */
  readonly listener?: string;
  /** Further YAML within the braces of `admin:`, such as `token: …`. */
  readonly adminFront?: string;
  /** Policies' folder or bundle; the repository's by default. */
  readonly policies?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly now?: () => number;
};

/** Starts a gateway with one authorization server `main` and one service `api`; it closes when the test ends. */
export async function startGateway(t: Test, options: Options): Promise<Gateway> {
  const {
    issuer,
    upstream,
    routes,
    more = '',
    client = '    client_id: portcullis\n    client_secret: portcullis-secret',
    server = '',
    service = '',
    listener = '',
    adminFront = '',
    policies = `${ROOT}/policies`,
    now = Date.now,
  } = options;
  const text = `
server: { host: 127.0.0.1, port: 0, drain: 2s, ${listener} }
health: { host: 127.0.0.1, port: 0 }
admin: { port: 0, ${adminFront} }
authorization_servers:
  main:
    issuer: ${issuer}
    allow_insecure_requests: true
${client}
${server}
services:
  api:
    upstream: ${upstream}
${service}
policies: { source: ${policies} }
${more}
routes:
${routes}
`;
  const variables = options.variables ?? {};
  const config = parseConfig(text, {
    file: 'test.yaml',
    folder: ROOT,
    variable: (name) => variables[name],
    readFile: () => '',
  });
  const lines: string[] = [];
  const log = openLog('debug', { write: (line) => void lines.push(line) });
  const app = await createApp(config, {
    log,
    telemetry,
    env: options.env ?? process.env,
    now,
    elapsed: now,
    version: 'test',
  });
  const { proxy, health, admin } = await app.listen();
  t.teardown(() => app.close());
  return {
    url: proxy,
    health,
    admin,
    app,
    logged: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
