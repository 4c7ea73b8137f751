/** Exchanges as each stage gets them: valid ones, of which a test changes the one thing that it is about. */
import type { Route } from '../../src/config/route.ts';
import type { Challenge } from '../../src/denial.ts';
import type {
  Bearing,
  Identified,
  Identity,
  Permitted,
  PolicyDecision,
  Received,
  Routed,
  Scoped,
} from '../../src/exchange.ts';
import type { Fields } from '../../src/http/headers.ts';
import { parseTarget, type Target } from '../../src/http/target.ts';
import type { Facts } from '../../src/oauth/facts.ts';

/** The moment of every exchange here, in milliseconds since the epoch. */
export const NOW = 1_790_000_000_000;

/** A target parsed as the front does it. */
export function target(raw: string): Target {
  const parsed = parseTarget(raw, 'http');
  if ('fault' in parsed) throw new Error(`${raw}: ${parsed.why}`);
  return parsed;
}

/** The fields of a request: a Host, and these. */
export const fields = (...more: string[]): Fields => ['Host', 'api.example.com', ...more];

/** What a refusal of the route's asks for. */
export const CHALLENGE: Challenge = { scopes: ['accounts:read'], resource_metadata: null };

export const route = (changes: Partial<Route> = {}): Route => ({
  name: 'account',
  match: { hosts: null, paths: ['/accounts/{id}'], methods: ['GET'], headers: [] },
  service: {
    name: 'accounts',
    upstream: 'http://127.0.0.1:4000',
    audience: 'accounts-api',
    phantom_jwt: 'pass',
    timeouts: { connect: 5_000, headers: 30_000, idle: 60_000 },
    connections: 128,
    queue: 1_024,
    tls: {},
  },
  token: 'required',
  authorization_servers: [{ name: 'main', issuers: ['https://login.example.com'], token_prefix: null }],
  credential: [{ in: 'header', name: 'authorization' }],
  hide_credentials: true,
  jwt_tokens: 'introspect',
  required_claims: [],
  step_up: null,
  consumer: null,
  anonymous: null,
  challenge: CHALLENGE,
  scopes: [['accounts:read']],
  audience: ['accounts-api'],
  policy: 'accounts/allow',
  policy_timeout: null,
  policy_headers: [],
  identity_headers: { claims: [], jwt: 'authorization', credential: false, consumer: false },
  forward_unverified_authorization: false,
  preserve_host: false,
  strip_prefix: false,
  rewrite: false,
  body: { max_size: 10_485_760, credential_max_size: 65_536 },
  cors: null,
  dangerously_forward_method_override: false,
  ambiguous_paths: { allow: [] },
  ...changes,
});

export const received = (changes: Partial<Received> = {}): Received => ({
  id: '0b4c3e1e-6f0a-4f57-9d2e-2b1f6d1f0c01',
  method: 'GET',
  target: target('/accounts/1001?view=full'),
  host: 'api.example.com',
  port: 8080,
  caller: {
    client_ip: '192.0.2.1',
    via: [],
    scheme: 'http',
    trusted: false,
    host: null,
    port: null,
    prefix: '',
  },
  peer: '192.0.2.1',
  fields: fields('Authorization', 'Bearer opaque', 'Accept', 'application/json'),
  body: null,
  received_at: NOW,
  ...changes,
});

export const routed = (changes: Partial<Routed> = {}): Routed => ({
  ...received(),
  route: route(),
  pattern: '/accounts/{id}',
  params: { id: '1001' },
  upstream_path: '/accounts/1001',
  ...changes,
});

export const bearing = (changes: Partial<Bearing> = {}): Bearing => ({
  ...routed(),
  token: 'opaque',
  unhidden: null,
  ...changes,
});

export const facts = (changes: Partial<Facts> = {}): Facts => ({
  claims: { sub: 'alice', roles: ['approver'] },
  scopes: ['accounts:read'],
  audience: ['accounts-api'],
  issuer: 'https://login.example.com',
  client_id: 'app',
  token_type: 'Bearer',
  expires_at: NOW / 1_000 + 60,
  not_before: null,
  authorization_details: null,
  jwt: 'phantom.jwt.signature',
  ...changes,
});

export const identity = (changes: Partial<Facts> = {}): Identity => ({
  facts: facts(changes),
  authorization_server: 'main',
  cache: 'miss',
  joined: null,
});

export const identified = (changes: Partial<Identified> = {}): Identified => ({
  ...bearing(),
  identity: identity(),
  ...changes,
});

export const scoped = (changes: Partial<Scoped> = {}): Scoped => ({
  ...identified(),
  consumer: null,
  ...changes,
});

export const decision = (changes: Partial<PolicyDecision> = {}): PolicyDecision => ({
  allow: true,
  undefined: false,
  reason: null,
  message: null,
  body: null,
  status: null,
  fields: [],
  responseFields: [],
  removed: [],
  entrypoint: 'accounts/allow',
  revision: 'r1',
  ...changes,
});

export const permitted = (changes: Partial<Permitted> = {}): Permitted => ({
  ...scoped(),
  decision: null,
  ...changes,
});
