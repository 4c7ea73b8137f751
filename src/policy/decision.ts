/**
 * What a policy may answer (native format, version 1): `true`, or an object whose `allow` is exactly `true`, admits. Undefined,
 * `false` and an object without `allow` refuse; anything else is an error, so that a slip never admits anybody.
 */
import { isFieldName, isFieldValue, isProtected, spelling } from '../http/headers.ts';

export type Decision = {
  readonly allow: boolean;
  /** The policy said nothing: Rego's undefined, or an object without `allow`. */
  readonly undefined: boolean;
  /** For log and trace alone. */
  readonly reason: string | null;
  /** For the client, on a denial. */
  readonly message: string | null;
  /** The client's whole answer, on a denial; null for none. */
  readonly body: unknown;
  /** Status of a denial, 300 to 599. */
  readonly status: number | null;
  /** Flat fields: upstream when allowed, to the client when not. */
  readonly fields: readonly string[];
  /** Flat fields for the client's answer, when allowed. */
  readonly responseFields: readonly string[];
  /** Client headers that do not go upstream, when allowed. */
  readonly removed: readonly string[];
};

/** The policy's result is no decision; the message says what it is instead. */
export class DecisionError extends Error {}

const KEYS = new Set([
  'allow',
  'reason',
  'message',
  'body',
  'status',
  'headers',
  'response_headers_to_add',
  'request_headers_to_remove',
]);
/** What a policy may never set in an answer: it would break the message apart. */
const FRAMING = new Set([
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'trailer',
  'upgrade',
  'te',
]);

const bare = (allow: boolean, undefinedResult: boolean): Decision => ({
  allow,
  undefined: undefinedResult,
  reason: null,
  message: null,
  body: null,
  status: null,
  fields: [],
  responseFields: [],
  removed: [],
});
const ALLOWED = bare(true, false);
const REFUSED = bare(false, false);
const UNDEFINED = bare(false, true);

/**
 * Reads an entrypoint's result; `undefined` is Rego's undefined. `settable` are the names that the route lets its policy set
 * towards the upstream. Throws DecisionError.
 */
export function readDecision(result: unknown, settable: readonly string[]): Decision {
  if (result === true) return ALLOWED;
  if (result === false) return REFUSED;
  if (result === undefined) return UNDEFINED;
  if (typeof result !== 'object' || result === null || Array.isArray(result))
    throw new DecisionError(`the policy's result is ${kind(result)}, neither a boolean nor an object`);

  const object = result as Record<string, unknown>;
  const { allow } = object;
  if (allow === undefined)
    return { ...UNDEFINED, reason: readReason(object['reason']) ?? 'the result has no allow' };
  if (typeof allow !== 'boolean') throw new DecisionError(`allow is ${kind(allow)}, not a boolean`);
  for (const key of Object.keys(object))
    if (!KEYS.has(key)) throw new DecisionError(`the result has an unknown key ${JSON.stringify(key)}`);

  const { status = null, message = null, body = null } = object;
  if (
    status !== null &&
    !(Number.isInteger(status) && (allow || (Number(status) >= 300 && Number(status) <= 599)))
  )
    throw new DecisionError('status is no whole number from 300 to 599');
  if (message !== null && typeof message !== 'string')
    throw new DecisionError(`message is ${kind(message)}, not a string`);
  const names = new Set(settable.map(spelling));
  return {
    allow,
    undefined: false,
    reason: readReason(object['reason']),
    message,
    body,
    status: status as number | null,
    fields: readFields('headers', object['headers'], (name) =>
      allow ? names.has(spelling(name)) && !isProtected(name) : !FRAMING.has(name.toLowerCase()),
    ),
    responseFields: readFields(
      'response_headers_to_add',
      object['response_headers_to_add'],
      (name) => !FRAMING.has(name.toLowerCase()),
    ),
    removed: readNames(object['request_headers_to_remove']),
  };
}

/** What of a whole package's document can be a decision: its helper rules are in it too, and do not count. */
export const ofPackage = (document: unknown): unknown =>
  typeof document === 'object' && document !== null && !Array.isArray(document)
    ? Object.fromEntries(Object.entries(document).filter(([key]) => KEYS.has(key)))
    : document;

const readReason = (reason: unknown): string | null =>
  reason === undefined || reason === null
    ? null
    : typeof reason === 'string'
      ? reason
      : JSON.stringify(reason);

function readFields(key: string, value: unknown, may: (name: string) => boolean): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value))
    throw new DecisionError(`${key} is ${kind(value)}, not an object`);
  const fields: string[] = [];
  for (const [name, values] of Object.entries(value)) {
    if (!isFieldName(name)) throw new DecisionError(`${key} has a name that no header can have`);
    if (!may(name)) throw new DecisionError(`${key} sets ${name}, which this policy may not set`);
    for (const one of [values].flat() as unknown[]) {
      if (typeof one !== 'string' || !isFieldValue(one))
        throw new DecisionError(`${key}: ${name} is no header value`);
      fields.push(name, one);
    }
  }
  return fields;
}

function readNames(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string' && isFieldName(name)))
    throw new DecisionError('request_headers_to_remove is not a list of header names');
  return value as string[];
}

function kind(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
