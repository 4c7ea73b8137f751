/** What an authorization server said of tokens, for as long as it may be used. Facts only, under keys that are no tokens. */
import { hash, randomBytes } from 'node:crypto';
import { memoryStore } from '../cache/memory.ts';
import type { Answer, Question } from '../chain/ports.ts';
import type { AuthorizationServerConfig } from '../config/authorization-server.ts';
import type { Facts, FactsFault } from './facts.ts';
import { varying } from './introspection-request.ts';
import type { Introspected } from './introspection-response.ts';

/** Whose answers are purged: one token's, or all of a subject (`sub`) or client (`client_id`). */
export type Purged = { readonly token: string } | { readonly subject: string } | { readonly client: string };

export type AnswerCache = {
  /** Under what the answer to a question is kept. */
  readonly keyOf: (question: Omit<Question, 'server'>) => string;
  /** An answer that may be used: whole, since it is the same for all who get it. */
  readonly get: (key: string) => Answer | undefined;
  /** Facts whose time is over, the token's own excepted, and by how many milliseconds. */
  readonly late: (key: string) => { readonly facts: Facts; readonly by: number } | undefined;
  /** To be called when a call begins; what it gives back keeps the answer, unless there was a purge meanwhile. */
  readonly keeping: (key: string, token: string) => (introspected: Introspected) => void;
  /** Deletes answers, and says how many. */
  readonly purge: (of: Purged) => number;
  /** Active answers held, those included whose time is over. */
  readonly size: () => number;
  /** Their bytes. */
  readonly bytes: () => number;
};

/** An answer as it is given out, and which token it is about: a hash. */
type Kept = { readonly answer: Answer; readonly token: string };
type KeptFacts = Kept & { readonly answer: { readonly facts: Facts } };

/** For how long a token counts as one that was active until lately: see `missLimits`. Nothing else follows from it. */
const LATELY_MS = 600_000;
/** Of an inactive answer nothing but the fault is kept. */
const FAULT_BYTES = 256;

/**
 * Makes the cache of one server's answers. A key is SHA-256 over a secret of this process and, each preceded by its length, server,
 * client, accept mode, way of asking, what the answer varies by, and token (GHSA-4mq7-pvjg-xp2r, GHSA-rp9m-7r4c-75qg).
 */
export function answerCache(name: string, config: AuthorizationServerConfig, now: () => number): AnswerCache {
  const { cache, accept, client_headers, introspect_request } = config.introspection;
  const { max_entries, max_size, max_ttl, inactive_ttl, dangerously_serve_stale } = cache;
  const late = Math.max(LATELY_MS, dangerously_serve_stale);
  const varies = introspect_request || client_headers.length > 0;
  // A server may say inactive of one request alone: that is no word on the others, unless they could be used for long after it.
  const together = varies && dangerously_serve_stale > 0;
  const active = memoryStore<KeptFacts>(
    { entries: max_entries, bytes: max_size, late },
    now,
    together ? ({ token }) => token : null,
  );
  // Apart, and small: a flood of random tokens must not evict a good one.
  const entries = Math.ceil(max_entries / 10);
  const inactive = memoryStore<Kept>({ entries, bytes: entries * FAULT_BYTES, late: 0 }, now);
  const secret = randomBytes(32).toString('hex');
  const prefix = secret + [name, config.client_id, accept].map(counted).join('');
  const tokenHash = (token: string): string => hash('sha256', `${secret}token${token}`, 'base64');
  const given = { authorization_server: name, cache: 'hit', joined: null } as const;
  let generation = 0;

  /** Forgets the facts of a token that is no longer active: whatever other request they were an answer to. */
  const refute = (key: string, token: string): void =>
    together ? active.deleteGroup(tokenHash(token)) : active.delete(key);
  const keepFacts = (key: string, token: string, facts: Facts, { max_age, size }: Introspected): void => {
    inactive.delete(key);
    const left = facts.expires_at === null ? Number.POSITIVE_INFINITY : facts.expires_at * 1_000 - now();
    if (left <= 0) return active.delete(key);
    const ttl = Math.min(max_ttl, left, milliseconds(max_age));
    return active.set(key, { answer: { facts, ...given }, token: tokenHash(token) }, ttl, size);
  };
  const keepFault = (key: string, token: string, said: FactsFault, { max_age }: Introspected): void => {
    const refused = { fault: said.fault, detail: said.detail };
    const kept = { answer: { refused, ...given }, token: tokenHash(token) };
    inactive.set(key, kept, Math.min(inactive_ttl, milliseconds(max_age)), FAULT_BYTES);
  };

  return {
    keyOf({ token, how, received }) {
      // What is verified here is the same whatever it came with.
      const by = varies && how === 'introspect' ? varying(config, received) : '';
      return hash('sha256', `${prefix}${how}${counted(by)}${counted(token)}`, 'base64');
    },
    get: (key) => (active.get(key) ?? inactive.get(key))?.answer,
    late(key) {
      const kept = active.late(key);
      if (!kept) return undefined;
      const { facts } = kept.value.answer;
      if (facts.expires_at !== null && facts.expires_at * 1_000 <= now()) return undefined;
      return { facts, by: kept.by };
    },
    keeping(key, token) {
      const begun = generation;
      return (introspected) => {
        const { answer } = introspected;
        // That it is no longer active holds in any case.
        if ('fault' in answer) refute(key, token);
        if (begun !== generation) return;
        if ('fault' in answer) keepFault(key, token, answer, introspected);
        else keepFacts(key, token, answer, introspected);
      };
    },
    purge(of) {
      generation++;
      if ('token' in of) {
        const about = tokenHash(of.token);
        const isAbout = ({ token }: Kept): boolean => token === about;
        return active.purge(isAbout) + inactive.purge(isAbout);
      }
      return active.purge(({ answer: { facts } }) =>
        'subject' in of ? facts.claims['sub'] === of.subject : facts.client_id === of.client,
      );
    },
    size: active.size,
    bytes: active.bytes,
  };
}

/** By its own word an answer may be used for so long. */
const milliseconds = (max_age: number | null): number =>
  max_age === null ? Number.POSITIVE_INFINITY : max_age * 1_000;

const counted = (part: string): string => `${part.length}:${part}`;
