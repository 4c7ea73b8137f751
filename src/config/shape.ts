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
  const { defaults = {}, services, routes, authorization_servers, ...sections } = document;
  return {
    ...(Default(Sections, sections) as object),
    authorization_servers: each(authorization_servers ?? {}, (server) =>
      Default(AuthorizationServer, server),
    ),
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
    const schema = (RouteSettings.properties as Record<string, TSchema>)[name];
    return schema && isObject(value) ? Default(schema, value) : value;
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
  for (const error of errors) {
    const path = keys(error.instancePath, document);
    // What each branch of a union says is noise beside what the union says.
    if (
      error.schemaPath.includes('/anyOf/') &&
      unions.some((union) => `${error.instancePath}/`.startsWith(`${union}/`))
    )
      continue;
    const params = error.params as Record<string, unknown>;
    if (error.keyword === 'required') {
      for (const name of params['requiredProperties'] as string[])
        faults.push({ path, message: `${name} is missing` });
    } else if (error.keyword === 'additionalProperties') {
      for (const name of params['additionalProperties'] as string[])
        faults.push({ path: [...path, name], message: 'unknown key' });
    } else if (error.keyword !== 'boolean') {
      faults.push({
        path,
        message: expectation(error.keyword, params, error.schemaPath),
        expected: typeName(params),
      });
    }
  }
  return faults;
}

const typeName = (params: Record<string, unknown>): string | undefined =>
  typeof params['type'] === 'string' ? params['type'] : undefined;

function expectation(keyword: string, params: Record<string, unknown>, schemaPath: string): string {
  const description = describedAt(schemaPath);
  switch (keyword) {
    case 'type':
      return `expected ${article(String(params['type']))}`;
    case 'enum':
      return `expected one of ${(params['allowedValues'] as unknown[]).join(', ')}`;
    case 'anyOf':
      return `expected ${description}`;
    case 'pattern':
      return (
        patterns[String(params['pattern'])] ??
        `expected ${description || `text like ${String(params['pattern'])}`}`
      );
    case 'minimum':
    case 'maximum':
      return `expected a number ${String(params['comparison'])} ${String(params['limit'])}`;
    case 'minItems':
    case 'minLength':
      return 'must not be empty';
    default:
      return `does not fit: ${keyword}`;
  }
}

const patterns: Record<string, string> = {
  '^\\d+(ms|s|m|h)$': 'expected a duration such as 250ms, 30s, 5m or 1h',
  '^\\d+(B|KiB|MiB|GiB)$': 'expected a size such as 64KiB or 1MiB',
  '^https?://': 'expected an http:// or https:// URL',
  '^(none|[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)+)$':
    'expected a Rego entrypoint such as accounts/allow, or none',
  '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$':
    'expected a scope: no spaces, quotes or backslashes (RFC 6749 section 3.3)',
  '^[A-Z]+$': 'expected a method in capitals, such as GET',
};

const article = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);

const describedAt = (schemaPath: string): string => {
  let schema: unknown = Document;
  for (const key of schemaPath.split('/').slice(1))
    schema = isObject(schema) || Array.isArray(schema) ? (schema as Record<string, unknown>)[key] : undefined;
  return isObject(schema) && typeof schema['description'] === 'string' ? schema['description'] : '';
};

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
