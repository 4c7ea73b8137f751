/** `strings.render_template` (`topdown/template.go`): Go's `text/template`. */
import type { Value } from '../value.ts';
import { BuiltinError, type Family, operand } from './builtin.ts';
import { textValue } from './go/bytes.ts';
import { FUNCTION_NAMES } from './template/functions.ts';
import { RenderError } from './template/held.ts';
import { TemplateError } from './template/lex.ts';
import { parseTemplate } from './template/parse.ts';
import { render } from './template/render.ts';
import { valueString } from './go/value-string.ts';

export const template: Family = {
  /** The template with the variables. Their numbers are texts in it; what is not there is shown as `<undefined>`. */
  'strings.render_template': ([text, variables]) => {
    const source = operand(1, text, 'string');
    const data = operand(2, variables, 'object');
    if (!isJson(data)) throw new BuiltinError('the variables are not JSON');
    try {
      return shown(render(parseTemplate(source, FUNCTION_NAMES), data));
    } catch (error) {
      if (error instanceof TemplateError || error instanceof RenderError)
        throw new BuiltinError(error.message);
      throw error;
    }
  },
};

/**
 * OPA reads the variables, as Rego writes them, as JSON: that has no sets, no keys but strings, and not all of the escapes that
 * strings of Rego have.
 */
function isJson(data: Value): boolean {
  try {
    JSON.parse(valueString(data));
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Throws LimitError where it has a part of a character. */
const shown = (text: string): string => textValue(text).replaceAll('<no value>', '<undefined>');
