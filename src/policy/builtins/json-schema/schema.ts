/** A schema that was read: its keywords, each checked. */
import type { RegoNumber } from '../../number.ts';
import type { Pattern } from '../regex/pattern.ts';

export const TYPES = ['array', 'boolean', 'integer', 'number', 'null', 'object', 'string'] as const;
export type Type = (typeof TYPES)[number];

/** Without keywords, everything is valid. Schemas may be within themselves, by references. */
export type Schema = {
  /** What `true` and `false` say of everything. */
  verdict: boolean | undefined;
  /** Alone counts, where there is one. */
  reference: Schema | undefined;
  types: readonly Type[];
  /** In the order of their names. */
  properties: ReadonlyMap<string, Schema>;
  patternProperties: readonly { readonly pattern: Pattern; readonly schema: Schema }[];
  additionalProperties: boolean | Schema | undefined;
  propertyNames: Schema | undefined;
  dependencies: ReadonlyMap<string, readonly string[] | Schema>;
  /** One for all items, or one for each. */
  items: Schema | readonly Schema[] | undefined;
  additionalItems: boolean | Schema | undefined;
  contains: Schema | undefined;
  multipleOf: RegoNumber | undefined;
  minimum: RegoNumber | undefined;
  exclusiveMinimum: RegoNumber | undefined;
  maximum: RegoNumber | undefined;
  exclusiveMaximum: RegoNumber | undefined;
  minLength: bigint | undefined;
  maxLength: bigint | undefined;
  minProperties: bigint | undefined;
  maxProperties: bigint | undefined;
  minItems: bigint | undefined;
  maxItems: bigint | undefined;
  uniqueItems: boolean;
  required: readonly string[];
  pattern: { readonly source: string; readonly pattern: Pattern } | undefined;
  format: string | undefined;
  /** As `comparable` of document.ts writes it. */
  const: string | undefined;
  enum: { readonly values: ReadonlySet<string>; readonly shown: string } | undefined;
  oneOf: readonly Schema[];
  anyOf: readonly Schema[];
  allOf: readonly Schema[];
  not: Schema | undefined;
  /** `if`, `then` and `else`. */
  condition: Schema | undefined;
  consequence: Schema | undefined;
  alternative: Schema | undefined;
};

const NONE: Schema = {
  verdict: undefined,
  reference: undefined,
  types: [],
  properties: new Map(),
  patternProperties: [],
  additionalProperties: undefined,
  propertyNames: undefined,
  dependencies: new Map(),
  items: undefined,
  additionalItems: undefined,
  contains: undefined,
  multipleOf: undefined,
  minimum: undefined,
  exclusiveMinimum: undefined,
  maximum: undefined,
  exclusiveMaximum: undefined,
  minLength: undefined,
  maxLength: undefined,
  minProperties: undefined,
  maxProperties: undefined,
  minItems: undefined,
  maxItems: undefined,
  uniqueItems: false,
  required: [],
  pattern: undefined,
  format: undefined,
  const: undefined,
  enum: undefined,
  oneOf: [],
  anyOf: [],
  allOf: [],
  not: undefined,
  condition: undefined,
  consequence: undefined,
  alternative: undefined,
};

/** All of its keywords are there from the beginning, which is quicker than to add them. */
export const emptySchema = (): Schema => ({ ...NONE });
