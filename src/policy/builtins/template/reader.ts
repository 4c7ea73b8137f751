/** A template's tokens, one after the other. */
import { LimitError } from '../builtin.ts';
import { quote } from '../go/quote.ts';
import { refuse, type Token, tokens, type TokenType } from './lex.ts';

export type Reader = ReturnType<typeof readerOf>;

/** Controls and parentheses in each other; Go has parentheses up to 10,000 deep, and controls without end. */
const DEEPEST = 200;

/** Throws TemplateError, LimitError for what is nested deeper than 200. */
export function readerOf(text: string) {
  const all = tokens(text);
  let [at, depth] = [0, 0];

  const peek = (): Token => all[at] as Token;
  /** The last token, which is the end, is never left behind. */
  const next = (): Token => {
    const token = peek();
    if (token.type !== 'end') at++;
    return token;
  };
  const peekAfterSpace = (): Token => {
    while (peek().type === 'space') at++;
    return peek();
  };
  const nextAfterSpace = (): Token => {
    peekAfterSpace();
    return next();
  };
  const fail = (reason: string): never => refuse(peek().line, reason);
  const unexpected = (token: Token, where: string): never => {
    const shown = token.type === 'end' ? 'EOF' : quote(token.text.slice(0, 20));
    return refuse(token.line, `unexpected ${shown} in ${where}`);
  };

  return {
    peek,
    next,
    peekAfterSpace,
    nextAfterSpace,
    fail,
    unexpected,
    /** A place to come back to. */
    place: (): number => at,
    goBack: (to: number): void => void (at = to),
    expect: (type: TokenType, where: string): void => {
      const token = nextAfterSpace();
      if (token.type !== type) unexpected(token, where);
    },
    /** What is read within something else. */
    nested: <T>(read: () => T): T => {
      if (++depth > DEEPEST) throw new LimitError(`strings.render_template: nested deeper than ${DEEPEST}`);
      const result = read();
      depth--;
      return result;
    },
  };
}

export const isKeyword = ({ type, text }: Token, word: string): boolean =>
  type === 'keyword' && text === word;
