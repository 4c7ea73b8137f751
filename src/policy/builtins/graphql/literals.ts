/** Which literals gqlparser can read when it looks at the value of an argument. */
import { KINDS, type Node } from './ast.ts';

const FLOAT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const INT = /^[+-]?0*(\d{1,19})$/;
/** Go's `strconv.ParseBool`: only an object that shows a document can have others than `true` and `false`. */
const BOOLEANS = new Set(['1', 't', 'T', 'true', 'TRUE', 'True', '0', 'f', 'F', 'false', 'FALSE', 'False']);
const KNOWN: ReadonlySet<bigint> = new Set(Object.values(KINDS));
const COMPOSED = new WeakMap<Node<'Value'>, boolean>();

/**
 * Whether integers are of 64 bits (not of 32, as the specification has it), floats within a double's range, and whatever is in a list
 * or an object is so too. A variable is.
 */
export function isReadable(value: Node<'Value'>): boolean {
  const { Kind, Raw, Children } = value;
  switch (Kind) {
    case KINDS.int: {
      const integer = INT.exec(Raw) && BigInt(Raw.replace('+', ''));
      return integer !== null && BigInt.asIntN(64, integer) === integer;
    }
    case KINDS.float:
      return FLOAT.test(Raw) && Number.isFinite(Number(Raw));
    case KINDS.boolean:
      return BOOLEANS.has(Raw);
    case KINDS.list:
    case KINDS.object: {
      const known = COMPOSED.get(value);
      if (known !== undefined) return known;
      const readable = Children.every((child) => child.Value === null || isReadable(child.Value));
      COMPOSED.set(value, readable);
      return readable;
    }
    default:
      return KNOWN.has(Kind);
  }
}
