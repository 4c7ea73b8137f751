/** `glob.quote_meta`: gobwas/glob's QuoteMeta. */
import { type Family, operand } from './builtin.ts';

export const glob: Family = {
  'glob.quote_meta': ([pattern]) => operand(1, pattern, 'string').replaceAll(/[*?\\[\]{}]/g, '\\$&'),
};
