/** `yaml.*`: YAML as OPA's `internal/yaml` and go-yaml's version 3 have it, by way of JSON. */
import type { Value } from '../value.ts';
import { attempt, type Family, operand } from './builtin.ts';
import { goJson } from './go/marshal-json.ts';
import { decode, toValue } from './yaml/decode.ts';
import { emit } from './yaml/emit.ts';
import { normalize } from './yaml/normalize.ts';
import { parseDocuments } from './yaml/parser.ts';

export const yaml: Family = {
  'yaml.marshal': ([value]) => marshal(value),
  'yaml.unmarshal': ([text]) => unmarshal(operand(1, text, 'string')),
  'yaml.is_valid': ([text]) => typeof text === 'string' && attempt(() => [unmarshal(text)]) !== null,
};

/**
 * JSON is read as YAML before it is written, so that what YAML has no numbers or characters for is not there. Throws
 * BuiltinError.
 */
function marshal(value: Value): string {
  const [document] = parseDocuments(goJson(value));
  return emit(document === undefined ? null : decode(document));
}

/** The first document; the others have to be YAML too. Throws BuiltinError. */
function unmarshal(text: string): Value {
  const [document] = parseDocuments(text);
  if (document === undefined) return null;
  normalize(document);
  return toValue(decode(document));
}
