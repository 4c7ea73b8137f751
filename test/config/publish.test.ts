import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { publishedSchema } from '../../src/config/publish.ts';
import { RIGHT } from '../support/config.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

// A validator that is not ours: Ajv, as Fastify brings it.
const fastify = createRequire(createRequire(import.meta.url).resolve('fastify'));
const { Ajv2020 } = createRequire(fastify.resolve('@fastify/ajv-compiler'))('ajv/dist/2020') as {
  Ajv2020: new (options: { strict: boolean }) => {
    validateSchema: (schema: object) => unknown;
    compile: (schema: object) => (document: unknown) => boolean;
  };
};
const schema = JSON.parse(publishedSchema()) as Record<string, unknown>;
const ajv = new Ajv2020({ strict: false });
const valid = ajv.compile(schema);

t.test('portcullis.schema.json is the published schema: run `npm run schema` when it is not', async (t) => {
  t.equal(read('portcullis.schema.json'), publishedSchema());
});

t.test('it is a JSON Schema of the draft it names', async (t) => {
  t.equal(schema['$schema'], 'https://json-schema.org/draft/2020-12/schema');
  t.ok(ajv.validateSchema(schema));
});

t.test('any validator accepts the example files as they are written, references and all', async (t) => {
  for (const file of ['portcullis.yaml', 'demo/portcullis.yaml']) {
    t.ok(valid(parse(read(file))), file);
    t.match(
      read(file),
      /^# yaml-language-server: \$schema=(\.\.\/)?portcullis\.schema\.json\n/,
      'editors find it',
    );
  }
});

t.test('what has a default is not required', async (t) => {
  t.ok(valid(RIGHT));
  t.ok(valid({ services: {}, routes: RIGHT.routes }));
  t.notOk(valid({ services: {} }));
  t.notOk(valid({ ...RIGHT, authorization_servers: { main: { issuer: 'https://as' } } }));
  t.notOk(valid({ ...RIGHT, routes: [{ name: 'a', service: 'api' }] }));
});

t.test('a reference stands for any scalar, but a misspelt one does not', async (t) => {
  const port = (value: unknown) => valid({ ...RIGHT, server: { port: value } });
  for (const value of [80, '${PORT}', '${PORT:-80}', '${file:port}', '8${X}'])
    t.ok(port(value), String(value));
  for (const value of ['80', 65_536, '$PORT', '${PORT', true]) t.notOk(port(value), String(value));
  const route = (settings: object) => valid({ ...RIGHT, routes: [{ ...RIGHT.routes[0], ...settings }] });
  for (const value of ['${X}', false, 'X-Jwt']) t.ok(route({ identity_headers: { jwt: value } }));
  for (const value of [true, 'a b', 5]) t.notOk(route({ identity_headers: { jwt: value } }));
  for (const value of ['${X}', true]) t.ok(route({ preserve_host: value }));
  for (const value of ['required', '${X}']) t.ok(route({ token: value }));
  for (const value of ['maybe', '${X}'.slice(1)]) t.notOk(route({ token: value }));
  t.ok(route({ scopes: ['${X}', ['${Y}', 'z']] }));
  t.notOk(route({ scopes: '${X}' }), 'nor for a list');
});

t.test('unknown keys and names that cannot be are refused by it too', async (t) => {
  t.notOk(valid({ ...RIGHT, nope: 1 }));
  t.notOk(valid({ ...RIGHT, services: { ...RIGHT.services, constructor: { upstream: 'http://x' } } }));
  t.notOk(valid({ ...RIGHT, services: { ...RIGHT.services, 'a\nb': 5 } }));
});
