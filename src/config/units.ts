/** How configuration writes durations, sizes, names and URLs, and the secrets it holds. */
import { inspect } from 'node:util';
import { Type } from 'typebox';

/** Options of a mapping that has these keys and no others. */
export const closed = { additionalProperties: false } as const;

/** The pattern of a header name, up to its end (RFC 9110 section 5.1). */
export const FIELD_NAME = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+$";

const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const BYTES = { B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 } as const;

/** The longest wait of Node's timers, nearly 25 days: a longer one would end at once. */
const LONGEST_MS = 2 ** 31 - 1;

const quantity = (text: string, units: Record<string, number>): number =>
  Number.parseInt(text, 10) * (units[text.replace(/^\d+/, '')] ?? Number.NaN);

type Options = { readonly description: string; readonly default?: string };

const duration = (number: string, errorMessage: string, options: Options) =>
  Type.Codec(Type.String({ pattern: `^${number}(ms|s|m|h)$`, errorMessage, examples: ['30s'], ...options }))
    .Decode((text) => Math.min(quantity(text, MILLISECONDS), LONGEST_MS))
    .Encode((ms) => `${ms}ms`);

/** A duration such as `250ms`, `30s`, `5m` or `1h`; a number of milliseconds once decoded. */
export const Duration = (options: Options) =>
  duration('\\d+', 'expected a duration such as 250ms, 30s, 5m or 1h', options);

/** A deadline: a duration that is not zero, which undici would read as no deadline at all. */
export const Timeout = (options: Options) =>
  duration('0*[1-9]\\d*', 'expected a duration above zero such as 250ms, 30s, 5m or 1h', options);

/** A size such as `512B`, `64KiB` or `1MiB`; a number of bytes once decoded. */
export const Size = (options: Options) =>
  Type.Codec(
    Type.String({
      pattern: '^\\d+(B|KiB|MiB|GiB)$',
      errorMessage: 'expected a size such as 64KiB or 1MiB',
      examples: ['64KiB'],
      ...options,
    }),
  )
    .Decode((text) => Math.min(quantity(text, BYTES), Number.MAX_SAFE_INTEGER))
    .Encode((bytes) => `${bytes}B`);

/** A rate such as `20/s` or `600/m`; a number per second once decoded. */
export const Rate = (options: Options) =>
  Type.Codec(
    Type.String({
      pattern: '^[1-9]\\d{0,8}/(s|m)$',
      errorMessage: 'expected a rate such as 20/s or 600/m',
      examples: ['20/s'],
      ...options,
    }),
  )
    .Decode((text) => Number.parseInt(text, 10) / (text.endsWith('m') ? 60 : 1))
    .Encode((perSecond) => `${Math.round(perSecond * 60)}/m`);

/** An absolute URL. What kind of one is a rule's matter. */
export const Url = (options: Options) =>
  Type.String({ pattern: '^https?://', errorMessage: 'expected an http:// or https:// URL', ...options });

/** Where one of the fronts listens. */
export const listener = (host: string, port: number, what: string) => ({
  host: Type.String({ description: `Address ${what} listens on.`, default: host, minLength: 1 }),
  port: Type.Integer({
    description: `Port ${what} listens on; 0 takes a free one.`,
    default: port,
    minimum: 0,
    maximum: 65_535,
  }),
});

/**
 * Options of a record whose keys are the file's own. TypeBox neither checks nor decodes a value whose key has a line break, and
 * leaves out those of prototypes.
 */
export const named = {
  propertyNames: Type.String({
    pattern: '^(?!(?:__proto__|constructor|prototype)$).+$',
    errorMessage: 'cannot be a name',
  }),
} as const;

/** Options of a record whose keys are header names. */
export const byHeaderName = {
  propertyNames: Type.String({
    pattern: `^(?!(?:__proto__|constructor|prototype)$)${FIELD_NAME}`,
    errorMessage: 'cannot be a header name',
  }),
} as const;

/** A value that never prints: logs, JSON, errors and inspection show `[secret]`; only `reveal()` gives it. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The secret itself. Call it where the secret is used and keep the result nowhere. */
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}

/** A secret string of the configuration, best given as `${file:/run/secrets/name}`. */
export const SecretString = (options: { description: string }) =>
  Type.Codec(Type.String({ minLength: 1, ...options }))
    .Decode((text) => new Secret(text))
    .Encode((secret) => secret.reveal());
