/** Keys without `?`: where one may have begun is kept until a `:` tells (go-yaml's `scannerc.go`). */
import type { Mark, Source } from './source.ts';

/** `token` is the number of the token that it began with. */
export type SimpleKey = { readonly mark: Mark; readonly token: number; readonly isRequired: boolean };

/** Characters that such a key has at most. */
const LONGEST = 1024;

/** Of the block context, and of each flow collection that we are in. */
export class SimpleKeys {
  /** Whether one may begin here. */
  allowed = true;
  readonly #source: Source;
  readonly #keys: (SimpleKey | null)[] = [null];

  constructor(source: Source) {
    this.#source = source;
  }

  get inFlow(): boolean {
    return this.#keys.length > 1;
  }

  enterFlow(): void {
    this.#keys.push(null);
  }

  leaveFlow(): void {
    if (this.inFlow) this.#keys.pop();
  }

  /** A key may begin here; nothing else can where it is required. */
  save(token: number, isRequired: boolean): void {
    if (!this.allowed) return;
    this.remove();
    this.#keys[this.#keys.length - 1] = { mark: this.#source.mark, token, isRequired };
  }

  /** There is no key where one could have begun. Throws BuiltinError where one is required. */
  remove(): void {
    if (this.#keys.at(-1)?.isRequired) this.#source.fail("could not find expected ':'");
    this.#keys[this.#keys.length - 1] = null;
  }

  /** What began in this line and not too far before is a key; null where nothing did. Throws BuiltinError as `remove` does. */
  take(): SimpleKey | null {
    const key = this.#keys.at(-1) ?? null;
    const { line, index } = this.#source;
    if (key !== null && (key.mark.line !== line || key.mark.index + LONGEST < index)) {
      this.remove();
      return null;
    }
    this.#keys[this.#keys.length - 1] = null;
    return key;
  }
}
