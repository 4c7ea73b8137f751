import { readFileSync } from 'node:fs';
import t from 'tap';
import type { Bearing, Identified, Permitted, Received, Routed, Scoped } from '../src/exchange.ts';
import { bearing, identified, permitted, received, routed, scoped } from './support/exchange.ts';

const source = readFileSync(new URL('../src/exchange.ts', import.meta.url), 'utf8');

/** What a stage adds, as the types say it. */
type Added<Later extends Earlier, Earlier> = readonly Exclude<keyof Later, keyof Earlier>[];

t.test('the exchange is types alone: nothing of it is left at run time', async (t) => {
  t.strictSame(Object.keys(await import('../src/exchange.ts')), []);
  t.strictSame(source.match(/^import (?!type )/gm), null);
});

t.test('the exchange knows no stage and no front, and no framework', async (t) => {
  const imported = [...source.matchAll(/ from '(.+)'/g)].map(([, path]) => path);
  t.ok(imported.length > 0);
  t.strictSame(
    imported.filter((path) => !/^(?:node:stream$|\.\/(?:config|http|oauth|policy)\/)/.test(path ?? '')),
    [],
  );
});

t.test('each exchange is the one before it and what one stage has learnt', async (t) => {
  const route: Added<Routed, Received> = ['route', 'pattern', 'params', 'upstream_path'];
  const credential: Added<Bearing, Routed> = ['token', 'unhidden'];
  const introspection: Added<Identified, Bearing> = ['identity'];
  const scope: Added<Scoped, Identified> = ['consumer'];
  const policy: Added<Permitted, Scoped> = ['decision'];
  const exchanges = [received(), routed(), bearing(), identified(), scoped(), permitted()].map(Object.keys);
  for (const [index, added] of [route, credential, introspection, scope, policy].entries())
    t.strictSame(exchanges[index + 1], [...exchanges[index]!, ...added]);
});
