/** What a template works with: Go's values behind `text/template`. */
import { RegoNumber } from '../../number.ts';
import { Byte, type Printable } from '../go/print.ts';
import { RegoObject } from '../../value.ts';

/** undefined is Go's zero `reflect.Value`, what a member that is not there gives; null is a nil that is there. */
export type Held = Printable | undefined;

/** Why a template cannot be rendered: Go's error at execution. */
export class RenderError extends Error {}

/** Go's `{{if}}`: empty is false. A number of Rego is a text, and so it is true whatever it is. */
export function isTrue(value: Held): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value !== '';
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value) !== 0;
  if (value instanceof Byte) return value.value !== 0;
  if (value instanceof RegoNumber) return value.text !== '';
  return value instanceof RegoObject ? value.size > 0 : value.length > 0;
}

/** The text of a string, or of a number of Rego, which to Go is one; null for others. */
export const textOf = (value: Held): string | null => {
  if (typeof value === 'string') return value;
  return value instanceof RegoNumber ? value.text : null;
};
