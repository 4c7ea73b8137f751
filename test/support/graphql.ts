/** Schemas and queries of GraphQL, judged as the builtins judge them. */
import { BuiltinError } from '../../src/policy/builtins/builtin.ts';
import { loadSchema } from '../../src/policy/builtins/graphql/load-schema.ts';
import { parseQuery } from '../../src/policy/builtins/graphql/query-parser.ts';
import { checkQuery } from '../../src/policy/builtins/graphql/query-rules.ts';
import { parseSchema } from '../../src/policy/builtins/graphql/schema-parser.ts';

/** The message of the BuiltinError that this throws; null when it throws none. */
export function faultOf(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (!(error instanceof BuiltinError)) throw error;
    return error.message;
  }
}

/** Why the schema is not valid, or null. */
export const schemaFault = (schema: string): string | null => faultOf(() => loadSchema(parseSchema(schema)));

/** Gives why a query is not valid for the schema, or null. */
export function queryFaults(schema: string): (query: string) => string | null {
  const loaded = loadSchema(parseSchema(schema));
  return (query) => faultOf(() => checkQuery(loaded, parseQuery(query)));
}
