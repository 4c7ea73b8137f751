/** How configuration writes durations and sizes, and the secrets it holds. */
import { inspect } from 'node:util';
import { Type } from 'typebox';

const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const BYTES = { B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 } as const;

const quantity = (text: string, units: Record<string, number>): number =>
  Number.parseInt(text, 10) * (units[text.replace(/^\d+/, '')] ?? Number.NaN);

/** A duration such as `250ms`, `30s`, `5m` or `1h`; a number of milliseconds once decoded. */
export const Duration = (options: { description: string; default?: string }) =>
  Type.Codec(Type.String({ pattern: '^\\d+(ms|s|m|h)$', examples: ['30s'], ...options }))
    .Decode((text) => quantity(text, MILLISECONDS))
    .Encode((ms) => `${ms}ms`);

/** A size such as `512B`, `64KiB` or `1MiB`; a number of bytes once decoded. */
export const Size = (options: { description: string; default?: string }) =>
  Type.Codec(Type.String({ pattern: '^\\d+(B|KiB|MiB|GiB)$', examples: ['64KiB'], ...options }))
    .Decode((text) => quantity(text, BYTES))
    .Encode((bytes) => `${bytes}B`);

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
