/** Rego about Rego: `rego.parse_module`. */
import { type Family, operand } from './builtin.ts';
import { parseModule } from './rego/module.ts';
import { moduleValue } from './rego/tree-value.ts';

/**
 * The syntax tree of a module in Rego v1, as OPA 1.22 gives it: without locations, but for those of comments, and without annotations.
 * Text that is no module is an error.
 */
export const rego: Family = {
  'rego.parse_module': ([file, source]) => {
    // OPA calls both the first operand.
    const [name, text] = [operand(1, file, 'string'), operand(1, source, 'string')];
    return moduleValue(parseModule(text), text, name);
  },
};
