/** Does a document have the schema's shape? Completion by defaults, and faults in words. */
import type { TSchema } from 'typebox';
import { Settings } from 'typebox/system';
import { Default, Errors } from 'typebox/value';
import type { Fault } from './fault.ts';
import { AuthorizationServer } from './authorization-server.ts';
import { RouteSettings } from './route-settings.ts';
import { Document, Sections, ServiceSection } from './schema.ts';

// TypeBox stops at the eighth fault unless told otherwise; all of them are shown at once here.
Settings.Set({ maxErrors: 1_000 });

/** A fault of shape; `expected` is the JSON type wanted there, where it is that. */
export type ShapeFault = Fault & { readonly expected?: string | undefined };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The document with the defaults of its sections filled in. A route setting that is not written stays so: its default comes last,
 * after a route has inherited from its service and from `defaults`. One that is written is completed by itself.
 */
export function completed(document: unknown): unknown {
  if (!isObject(document)) return document;
  const { defaults = {}, services, routes, authorization_servers = {}, ...sections } = document;
  return {
    ...(Default(Sections, sections) as object),
    authorization_servers: each(authorization_servers, (server) => Default(AuthorizationServer, server)),
    defaults: completedSettings(defaults),
    ...(services === undefined ? {} : { services: each(services, completedService) }),
    ...(routes === undefined
      ? {}
      : { routes: Array.isArray(routes) ? routes.map(completedSettings) : routes }),
  };
}

function completedService(service: unknown): unknown {
  if (!isObject(service)) return service;
  const { defaults, ...rest } = service;
  return {
    ...(Default(ServiceSection, rest) as object),
    ...(defaults === undefined ? {} : { defaults: completedSettings(defaults) }),
  };
}

const completedSettings = (written: unknown): unknown =>
  each(written, (value, name) => {
    const schemas: Readonly<Record<string, TSchema>> = RouteSettings.properties;
    return Object.hasOwn(schemas, name) && isObject(value) ? Default(schemas[name] as TSchema, value) : value;
  });

const each = (value: unknown, complete: (member: unknown, name: string) => unknown): unknown =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, complete(member, name)]))
    : value;

/** Every place where a completed document departs from the schema. Values are never repeated: they may be secrets. */
export function shapeFaults(document: unknown): ShapeFault[] {
  if (!isObject(document)) return [{ path: [], message: 'expected a mapping of settings' }];
  const errors = Errors(Document, document);
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath);
  const faults: ShapeFault[] = [];
  for (const { keyword, instancePath, schemaPath, params } of errors) {
    // What each branch of a union says is noise beside what the union says.
    if (schemaPath.includes('/anyOf/') && unions.some((union) => `${instancePath}/`.startsWith(`${union}/`)))
      continue;
    const path = keys(instancePath, document);
    const told = params as Params;
    if (keyword === 'required') {
      for (const name of told.requiredProperties ?? []) faults.push({ path, message: `${name} is missing` });
    } else if (keyword === 'additionalProperties') {
      for (const name of told.additionalProperties ?? [])
        faults.push({ path: [...path, name], message: 'unknown key' });
    } else if (!GENERAL.has(keyword)) {
      // A union that a text does not fit may still have `false` among its members.
      const expected = keyword === 'anyOf' ? 'boolean' : told.type;
      faults.push({ path, message: expectation(keyword, told, schemaAt(schemaPath)), expected });
    }
  }
  return faults;
}

/** What these say of a mapping, other errors say of its keys. */
const GENERAL = new Set(['boolean', 'propertyNames']);

/** What TypeBox tells of an error, by its keyword. */
type Params = {
  readonly type?: string;
  readonly allowedValues?: readonly unknown[];
  readonly comparison?: string;
  readonly limit?: number;
  readonly requiredProperties?: readonly string[];
  readonly additionalProperties?: readonly string[];
};

/** The schema's own words where it has some, else words for the keyword. */
function expectation(keyword: string, params: Params, schema: Record<string, unknown>): string {
  if (typeof schema['errorMessage'] === 'string') return schema['errorMessage'];
  switch (keyword) {
    case 'type':
      return `expected ${YAML_TYPES[params.type ?? ''] ?? `a ${params.type}`}`;
    case 'enum':
      return `expected one of ${params.allowedValues?.join(', ')}`;
    case 'minimum':
    case 'maximum':
      return `expected a number ${params.comparison} ${params.limit}`;
    case 'minItems':
    case 'minLength':
      return 'must not be empty';
    default:
      return `does not fit: ${keyword}`;
  }
}

const YAML_TYPES: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  integer: 'an integer',
};

function schemaAt(schemaPath: string): Record<string, unknown> {
  let schema: unknown = Document;
  for (const key of schemaPath.split('/').slice(1)) schema = (schema as Record<string, unknown>)[key];
  return schema as Record<string, unknown>;
}

/** A JSON pointer as keys, numbers where the document has a list. */
function keys(pointer: string, document: unknown): (string | number)[] {
  const found: (string | number)[] = [];
  let value: unknown = document;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    found.push(Array.isArray(value) ? Number(key) : key);
    value = (value as Record<string, unknown> | undefined)?.[key];
  }
  return found;
}
