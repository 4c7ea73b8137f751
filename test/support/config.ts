/** Configurations for tests: a right one to bend, and what loading it says. */
import { ConfigurationError } from '../../src/config/fault.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/resolve.ts';

type Tree = { readonly [key: string]: unknown };

/** Nothing is wrong with this. */
export const RIGHT = {
  authorization_servers: {
    main: { issuer: 'https://as.example', client_id: 'gateway', client_secret: 'correct horse' },
  },
  services: { api: { upstream: 'http://api:4000' } },
  defaults: { policy: 'none' },
  routes: [{ name: 'a', match: { path: '/a' }, service: 'api' }],
} as const;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const merge = (right: unknown, change: unknown): unknown =>
  isTree(right) && isTree(change)
    ? Object.fromEntries(
        [...new Set([...Object.keys(right), ...Object.keys(change)])].map((key) => [
          key,
          Object.hasOwn(change, key) ? merge(right[key], change[key]) : right[key],
        ]),
      )
    : change;

/** The right configuration with changes: mappings are merged, anything else replaced, `undefined` removed. As JSON, which is YAML. */
export const changed = (change: Tree): string => JSON.stringify(merge(RIGHT, change));

/** The right configuration with settings of its route, authorization server or service changed. */
export const withRoute = (...routes: readonly Tree[]): string =>
  changed({ routes: routes.map((route) => merge(RIGHT.routes[0], route)) });
export const withServer = (main: Tree): string => changed({ authorization_servers: { main } });
export const withService = (api: Tree): string => changed({ services: { api } });

type Surroundings = {
  readonly variables?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
};

/** Loads a text as if it were the file `c.yaml` in the folder `/config`. */
export function load(text: string, { variables = {}, files = {} }: Surroundings = {}): Config {
  return parseConfig(text, {
    file: 'c.yaml',
    folder: '/config',
    variable: (name) => variables[name],
    readFile: (path) => {
      if (files[path] === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
      return files[path];
    },
  });
}

/** What is wrong with a text, one `line:column path: message` for each fault; none when it loads. */
export function faultsAt(text: string, surroundings?: Surroundings): string[] {
  try {
    load(text, surroundings);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message.split('\n').map((line) => line.replace(/^c\.yaml:/, ''));
  }
}

/** As faultsAt, without the places. */
export const faults = (text: string, surroundings?: Surroundings): string[] =>
  faultsAt(text, surroundings).map((line) => line.replace(/^\d+:\d+ /, ''));
