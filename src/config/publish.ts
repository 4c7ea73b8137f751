/** The published JSON Schema of the configuration, for editors. `npm run schema` writes it. */
import { Document } from './schema.ts';

type Schema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, { readonly default?: unknown }>>;
  readonly required?: readonly string[];
};

/** Scalars that a file may also give as a reference, whose value only the environment knows. */
const BOUND = ['pattern', 'enum', 'const', 'minimum'];

/**
 * The schema as text. It judges a file as it is written: what has a default is not required, and `${PORT}` stands for a
 * number as well as for text.
 */
export function publishedSchema(): string {
  const schema = JSON.parse(JSON.stringify(Document), (key, value: unknown) => {
    if (typeof value !== 'object' || value === null || key === 'propertyNames') return value;
    const { type, properties, required } = value as Schema;
    if (properties && required) {
      const needed = required.filter((name) => properties[name]?.default === undefined);
      return { ...value, required: needed };
    }
    if (type !== 'boolean' && !BOUND.some((keyword) => Object.hasOwn(value, keyword))) return value;
    const { description, default: ifAbsent, ...bound } = value as { description?: string; default?: unknown };
    return { description, default: ifAbsent, anyOf: [bound, { $ref: '#/$defs/reference' }] };
  }) as object;
  const reference = {
    description: 'A value from the environment or a file: ${NAME}, ${NAME:-default} or ${file:path}.',
    type: 'string',
    pattern: '\\$\\{[^{}]*\\}',
  };
  const published = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...schema,
    $defs: { reference },
  };
  return `${JSON.stringify(published, null, 2)}\n`;
}
