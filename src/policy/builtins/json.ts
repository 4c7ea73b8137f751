/** The host's part of `json.*` but for schemas (OPA's `topdown/encoding.go` and `json.go`). */
import type { RegoObject } from '../value.ts';
import { writeValue } from '../value-text.ts';
import { BuiltinError, type Family, operand } from './builtin.ts';
import { goJson, type Layout } from './go/marshal-json.ts';
import { patched } from './json/patch.ts';

export const json: Family = {
  'json.marshal_with_options': ([value, options]) => {
    const layout = layoutOf(operand(2, options, 'object'));
    return layout === null ? goJson(value) : layout.prefix + goJson(value, layout);
  },

  'json.patch': ([document, operations]) => patched(document, operand(2, operations, 'array')),
};

/** Null for JSON in one line, which is what there is without options or with `pretty: false`. */
function layoutOf(options: RegoObject): Layout | null {
  const layout = { prefix: '', indent: '\t' };
  let pretty: boolean | null = null;
  options.entries.forEach(([key, value], at) => {
    const name = text(key, at, `failed to stringify key ${writeValue(key)} at index ${at}: `);
    if (name === 'prefix' || name === 'indent')
      layout[name] = text(value, at, `key "${name}" failed cast to string: `);
    else if (name !== 'pretty')
      throw new BuiltinError(`operand 2 object contained unknown key ${writeValue(name)}`);
    else if (typeof value === 'boolean') pretty = value;
    else throw new BuiltinError('operand 2 key "pretty" failed cast to bool');
  });
  return (pretty ?? options.size > 0) ? layout : null;
}

function text(value: RegoObject['entries'][number][0], position: number, why: string): string {
  try {
    return operand(position, value, 'string');
  } catch (error) {
    throw new BuiltinError(`operand 2 ${why}${(error as BuiltinError).message}`);
  }
}
