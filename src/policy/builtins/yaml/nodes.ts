/** The nodes of YAML's documents, as go-yaml has them (`yaml.go`, `decode.go`). */
import { resolve } from './resolve.ts';

/** Tags are short: `!!str`, `!own`. */
export type Scalar = {
  readonly kind: 'scalar';
  /** Of a plain scalar without a tag, what it resolves to. */
  tag: string;
  readonly value: string;
  /** Neither quotes nor a tag say what it is. */
  readonly isImplicit: boolean;
};
export type Sequence = { readonly kind: 'sequence'; readonly tag: string; readonly content: readonly Node[] };
/** Keys and values in turn. */
export type Mapping = { readonly kind: 'mapping'; readonly tag: string; content: readonly Node[] };
export type Alias = { readonly kind: 'alias'; readonly name: string; readonly target: Exclude<Node, Alias> };
export type Node = Scalar | Sequence | Mapping | Alias;

/** What the tags of YAML's own types begin with. */
export const LONG_TAGS = 'tag:yaml.org,2002:';

/** What stands where there is no node. */
export const empty = (): Scalar => scalar('', '', true);

/** Of a tag that is short, or `''`. */
export function scalar(tag: string, value: string, isPlain: boolean): Scalar {
  if (tag !== '') return { kind: 'scalar', tag, value, isImplicit: false };
  if (!isPlain) return { kind: 'scalar', tag: '!!str', value, isImplicit: false };
  return {
    kind: 'scalar',
    tag: value === '<<' ? '!!merge' : resolve('', value).tag,
    value,
    isImplicit: true,
  };
}

/** `!!str` for `tag:yaml.org,2002:str`; others are as short as they get. */
export const shortTag = (tag: string): string =>
  tag.startsWith(LONG_TAGS) ? `!!${tag.slice(LONG_TAGS.length)}` : tag;
