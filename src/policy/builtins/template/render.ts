/** Templates on data (Go's `text/template/exec.go`). */
import { RegoObject } from '../../value.ts';
import { LimitError } from '../builtin.ts';
import { Byte, type Output, output, print, type Printable } from '../go/print.ts';
import { quote } from '../go/quote.ts';
import { noFlags } from '../go/verb.ts';
import { FUNCTIONS } from './functions.ts';
import { type Held, isTrue, RenderError, textOf } from './held.ts';
import { type Node, ROOT } from './parse.ts';
import type { Command, Operand, Pipe } from './pipe.ts';

type Templates = ReadonlyMap<string, readonly Node[]>;
type Variable = { readonly name: string; value: Held };
/** A node that has lists of others. */
type Control = Extract<Node, { readonly list: unknown }>;
/** Where a list of nodes was left before its end. */
type Left = 'break' | 'continue' | null;

/** What no command has given yet. */
const NOTHING = Symbol('nothing');
/** Lists in lists; Go calls templates up to 100,000 deep. */
const DEEPEST = 500;
/** Nodes, operands and rounds of loops; Go has no bound. */
const MOST_STEPS = 1_000_000;
/** Characters and members that functions take and give, all together. */
const MOST_READ = 2 ** 26;

/** What a template may still do. */
type Budget = { steps: number; read: number };

/**
 * What the template ROOT makes of the data. Numbers stay texts. Throws RenderError; LimitError for more than 64 Mi characters,
 * which is also what its functions may take and give, more than 1,000,000 steps, or 500 lists in each other.
 */
export function render(templates: Templates, data: Held): string {
  const to = output();
  run(templates, ROOT, data, to, 0, { steps: MOST_STEPS, read: MOST_READ });
  return to.text();
}

function run(
  templates: Templates,
  template: string,
  data: Held,
  to: Output,
  outerDepth: number,
  budget: Budget,
): void {
  // They last until the list that they are declared in ends.
  const variables: Variable[] = [{ name: '$', value: data }];
  let depth = outerDepth;
  const root = templates.get(template);
  if (!root) throw new RenderError(`template ${quote(template)} not defined`);
  walk(data, root);

  function walk(dot: Held, nodes: readonly Node[]): Left {
    if (++depth > DEEPEST) throw new LimitError(`strings.render_template: nested deeper than ${DEEPEST}`);
    let left: Left = null;
    for (const node of nodes) {
      left = walkNode(dot, node);
      if (left) break;
    }
    depth--;
    return left;
  }

  function step(): void {
    if (--budget.steps < 0) throw new LimitError(`strings.render_template: more than ${MOST_STEPS} steps`);
  }

  function read(size: number): void {
    budget.read -= size;
    if (budget.read < 0) throw new LimitError('strings.render_template: its functions take or give too much');
  }

  function walkNode(dot: Held, node: Node): Left {
    step();
    switch (node.kind) {
      case 'text':
        to.write(node.text);
        return null;
      case 'action': {
        const value = pipe(dot, node.pipe);
        if (node.pipe.variables.length === 0) print(to, noFlags(), value ?? '<no value>', 'v', 'int');
        return null;
      }
      case 'break':
      case 'continue':
        return node.kind;
      case 'template':
        run(templates, node.name, node.pipe ? pipe(dot, node.pipe) : undefined, to, depth, budget);
        return null;
      case 'if':
      case 'with':
      case 'range': {
        const mark = variables.length;
        const left = walkControl(dot, node);
        variables.length = mark;
        return left;
      }
    }
  }

  function walkControl(dot: Held, { kind, pipe: given, list, otherwise }: Control): Left {
    const value = pipe(dot, given);
    if (kind !== 'range')
      return isTrue(value) ? walk(kind === 'with' ? value : dot, list) : walk(dot, otherwise);
    const mark = variables.length;
    let empty = true;
    for (const [index, element] of elements(value, given.variables.length)) {
      step();
      empty = false;
      setLoopVariables(given, mark, index, element);
      const left = walk(element, list);
      variables.length = mark;
      if (left === 'break') break;
    }
    // As Go has it, a break in what is there for an empty range ends this range and not the one around it.
    return empty && walk(dot, otherwise) === 'continue' ? 'continue' : null;
  }

  function setLoopVariables(
    { variables: names, assigns }: Pipe,
    mark: number,
    index: Held,
    element: Held,
  ): void {
    const [first, last] = [names[0], names.at(-1)];
    if (first === undefined || last === undefined) return;
    if (assigns) {
      if (names.length > 1) assign(first, index);
      assign(last, element);
      return;
    }
    (variables[mark - 1] as Variable).value = element;
    if (names.length > 1) (variables[mark - 2] as Variable).value = index;
  }

  function assign(variable: string, value: Held): void {
    lookup(variable).value = value;
  }

  function pipe(dot: Held, { commands, variables: names, assigns }: Pipe): Held {
    let value: Held | typeof NOTHING = NOTHING;
    // A nil that is given on is as if it were not there.
    for (const command of commands) value = evaluate(dot, command, value) ?? undefined;
    const result = value === NOTHING ? undefined : value;
    for (const variable of names) {
      if (assigns) assign(variable, result);
      else variables.push({ name: variable, value: result });
    }
    return result;
  }

  function evaluate(dot: Held, [first, ...others]: Command, final: Held | typeof NOTHING): Held {
    if (first.kind === 'function') return call(dot, first.name, others, final);
    const given = others.length > 0 || final !== NOTHING;
    if (first.kind === 'nil') throw new RenderError('nil is not a command');
    return operand(dot, first, given);
  }

  /** `given` is whether there is something that it cannot take: only functions take operands. */
  function operand(dot: Held, one: Operand, given = false): Held {
    step();
    if (one.kind === 'field') return member(dot, one.names, given);
    if (one.kind === 'chain') return member(operand(dot, one.operand), one.names, given);
    if (one.kind === 'function') return call(dot, one.name, [], NOTHING);
    if (one.kind === 'variable' && one.names.length > 0)
      return member(lookup(one.variable).value, one.names, given);
    if (given) throw new RenderError("can't give argument to non-function");
    switch (one.kind) {
      case 'variable':
        return lookup(one.variable).value;
      case 'pipe':
        return pipe(dot, one.pipe);
      case 'dot':
        return dot;
      case 'nil':
        return undefined;
      case 'constant':
        return one.value;
      case 'unusable':
        throw new RenderError(`${one.literal} is neither an int nor a float64`);
    }
  }

  function lookup(variable: string): Variable {
    const at = variables.findLastIndex(({ name }) => name === variable);
    read(variables.length - at);
    const found = variables[at];
    if (!found) throw new RenderError(`undefined variable: ${variable}`);
    return found;
  }

  function call(dot: Held, called: string, operands: readonly Operand[], final: Held | typeof NOTHING): Held {
    step();
    const count = operands.length + (final === NOTHING ? 0 : 1);
    const lazy = called === 'and' || called === 'or';
    const known = FUNCTIONS.get(called);
    if (count < (known?.least ?? 1) || count > (known?.most ?? Infinity))
      throw new RenderError(`wrong number of args for ${called}: got ${count}`);
    const values: Held[] = [];
    for (const one of operands) {
      const value = operand(dot, one);
      if (lazy && isTrue(value) === (called === 'or')) return value;
      values.push(value);
    }
    if (final !== NOTHING) values.push(final);
    if (!known) return values.at(-1);
    for (const value of values) read(sizeOf(value));
    const result = known.run(values);
    read(sizeOf(result));
    return result;
  }
}

/** Characters or members. */
function sizeOf(value: Held): number {
  if (Array.isArray(value)) return value.length;
  return value instanceof RegoObject ? 0 : (textOf(value)?.length ?? 0);
}

/** A member of a member; what is not there has no members either. */
function member(value: Held, names: readonly string[], given: boolean): Held {
  let found = value;
  names.forEach((field, at) => {
    if (found === undefined) return;
    if (found === null) throw new RenderError(`nil pointer evaluating interface {}.${field}`);
    if (!(found instanceof RegoObject)) throw new RenderError(`can't evaluate field ${field}`);
    if (given && at === names.length - 1) throw new RenderError(`${field} is not a method but has arguments`);
    found = found.get(field) as Held;
  });
  return found;
}

/** What a range goes through: with the index, the key, or nothing. */
function* elements(value: Held, variables: number): Generator<readonly [Held, Held]> {
  if (value === undefined) return;
  if (Array.isArray(value)) {
    let index = 0n;
    for (const element of value as readonly Printable[]) yield [index++, element];
  } else if (value instanceof RegoObject)
    yield* value.entries as readonly (readonly [Printable, Printable])[];
  else if (typeof value === 'bigint' || value instanceof Byte) {
    if (variables > 1) throw new RenderError("can't iterate over more than one variable");
    if (value instanceof Byte) for (let at = 0; at < value.value; at++) yield [undefined, new Byte(at)];
    else for (let at = 0n; at < value; at++) yield [undefined, at];
  } else throw new RenderError("range can't iterate over it");
}
