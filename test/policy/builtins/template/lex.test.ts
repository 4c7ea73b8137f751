import t from 'tap';
import { refuse, TemplateError, tokens } from '../../../../src/policy/builtins/template/lex.ts';

/** Types and texts, without the end. */
const lexed = (text: string): string[] =>
  tokens(text)
    .slice(0, -1)
    .map((token) => `${token.type} ${token.text}`);

t.test('text and actions', async (t) => {
  t.strictSame(lexed('a{{.b}}c'), ['text a', 'left {{', 'field .b', 'right }}', 'text c']);
  t.strictSame(lexed('}} { {'), ['text }} { {']);
  t.strictSame(lexed(''), []);
  t.strictSame(
    tokens('a\n{{.b\n.c}}\nd').map(({ type, line }) => `${type} ${line}`),
    ['text 1', 'left 2', 'field 2', 'space 2', 'field 3', 'right 3', 'text 3', 'end 4'],
  );
});

t.test('marks trim the space around an action', async (t) => {
  t.strictSame(lexed('a \n{{- .b -}}\t c'), ['text a', 'left {{- ', 'field .b', 'right  -}}\t ', 'text c']);
  t.strictSame(lexed(' {{- 1}}'), ['left {{- ', 'number 1', 'right }}']);
  t.strictSame(lexed('a {{-1}}'), ['text a ', 'left {{', 'number -1', 'right }}'], 'a number is no mark');
  t.strictSame(lexed('{{1  -}} '), ['left {{', 'number 1', 'space  ', 'right  -}} ']);
});

t.test('comments are nothing, but may trim', async (t) => {
  t.strictSame(lexed('a {{/* }} */}} b'), ['text a ', 'text  b']);
  t.strictSame(lexed('a {{- /* x */ -}} b'), ['text a', 'text b']);
  for (const [text, reason] of [
    ['\n{{/* x', '2: unclosed comment'],
    ['{{/* x */ }}', '1: comment ends before closing delimiter'],
  ] as const)
    t.throws(() => lexed(text), new TemplateError(`template: template:${reason}`));
});

t.test('what stands in an action', async (t) => {
  const inside = (text: string): string => lexed(`{{${text}}}`).slice(1, -1).join('; ');
  t.equal(
    inside('if $x := (.a|é "}}")'),
    'keyword if; space  ; variable $x; space  ; declare :=; space  ; open (; field .a; pipe |; identifier é; space  ; string "}}"; close )',
  );
  t.equal(
    inside("`\n` 'x' nil true . $"),
    "string `\n`; space  ; character 'x'; space  ; nil nil; space  ; bool true; space  ; dot .; space  ; variable $",
  );
  t.equal(
    inside('$y.z 0x_1F +1.5e-3 1+2i'),
    'variable $y; field .z; space  ; number 0x_1F; space  ; number +1.5e-3; space  ; number 1+2i',
  );
  t.equal(inside('$a,$b =.5!'), 'variable $a; other ,; variable $b; space  ; assign =; number .5; other !');
  t.strictSame(lexed(String.raw`{{"\"" '\''}}`).slice(1, -1), [
    String.raw`string "\""`,
    'space  ',
    String.raw`character '\''`,
  ]);
});

t.test('what is no token is refused', async (t) => {
  for (const [text, reason] of [
    ['{{.a', 'unclosed action'],
    ['{{(.a}}', 'unclosed left paren'],
    ['{{.a)}}', 'unexpected right paren'],
    ['{{$x : 1}}', 'expected :='],
    ['{{"a}}', 'unterminated "'],
    ['{{"a\n"}}', 'unterminated "'],
    ['{{"\\\n"}}', 'unterminated "'],
    ['{{`a}}', 'unterminated `'],
    ["{{'a}}", "unterminated '"],
    ['{{.a!}}', 'bad character'],
    ['{{a!}}', 'bad character'],
    ['{{$!}}', 'bad character'],
    ['{{1a}}', 'bad number syntax'],
    ['{{1+2}}', 'bad number syntax'],
    ['{{\u0001}}', 'unrecognized character in action'],
    ['{{…}}', 'unrecognized character in action'],
  ] as const)
    t.throws(() => lexed(text), new TemplateError(`template: template:1: ${reason}`), text);
  t.throws(() => refuse(3, 'so'), new TemplateError('template: template:3: so'));
});
