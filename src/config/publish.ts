/** The published JSON Schema of the configuration, for editors. `npm run schema` writes it. */
import { Document } from './schema.ts';

/** The schema as text: what has a default is not required of a file. */
export function publishedSchema(): string {
  const schema: unknown = JSON.parse(JSON.stringify(Document), (_key, value: unknown) => {
    const { properties, required } = (value ?? {}) as {
      properties?: Record<string, object>;
      required?: string[];
    };
    if (!properties || !required) return value;
    const needed = required.filter((name) => !('default' in (properties[name] ?? {})));
    return { ...(value as object), required: needed };
  });
  return `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...(schema as object) }, null, 2)}\n`;
}
