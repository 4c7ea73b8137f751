/** What is known beside a refusal, for tests of its remedy. */
import type { Known } from '../../src/explain/remedy.ts';
import type { About } from '../../src/explain/token-remedy.ts';
import { NOW, route, routed } from './exchange.ts';

const servers: About['servers'] = {
  main: { client_id: 'portcullis', jwt_types: ['at+jwt'] },
  partner: { client_id: 'gateway', jwt_types: ['at+jwt', 'JWT'], algorithms: ['RS256'] },
};

export const about = (changes: Partial<About> = {}): About => ({
  route: route(),
  claims: null,
  said: null,
  asked: 'main',
  servers,
  consumers: [],
  now: NOW,
  ...changes,
});

export const known = (changes: Partial<Known> = {}): Known => ({
  ...about(),
  exchange: routed(),
  near: [],
  entrypoints: [],
  policyFailure: null,
  ...changes,
});
