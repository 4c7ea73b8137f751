/**
 * `json.patch`: RFC 6902 with OPA's differences (`topdown/json.go`). A path may be an array of keys of any kind; in text, however
 * many slashes it begins with count as one. Any value is a document, and sets have their members as keys.
 */
import { equal, RegoObject, typeName, type Value } from '../../value.ts';
import { BuiltinError } from '../builtin.ts';
import { documentTree, type DocumentTree, type Path } from './document-tree.ts';

/** The document after all operations; undefined where none is left. Throws BuiltinError for the first operation that fails. */
export function patched(document: Value, operations: readonly Value[]): Value | undefined {
  const tree = documentTree(document);
  for (const operation of operations) {
    if (!(operation instanceof RegoObject))
      throw new BuiltinError(
        'must be an array of JSON-Patch objects, but at least one element is not an object',
      );
    apply(operation, tree);
  }
  return tree.whole();
}

function apply(operation: RegoObject, tree: DocumentTree): void {
  const pathText = attribute(operation, 'path');
  const op = attribute(operation, 'op');
  if (typeof op !== 'string')
    throw new BuiltinError(`attribute 'op' must be a string but found: ${typeName(op)}`);
  const path = pathOf(pathText);
  switch (op) {
    case 'add':
      tree.insert(path, attribute(operation, 'value'));
      return;
    case 'remove':
      tree.remove(path);
      return;
    case 'replace':
      tree.remove(path);
      tree.insert(path, attribute(operation, 'value'));
      return;
    case 'move':
    case 'copy': {
      const from = pathOf(attribute(operation, 'from'));
      const value = tree.valueAt(from);
      if (op === 'copy') tree.copy(path, value);
      else {
        tree.remove(from);
        tree.insert(path, value);
      }
      return;
    }
    case 'test':
      if (!equal(tree.valueAt(path), attribute(operation, 'value')))
        throw new BuiltinError('value from EditTree != patch value');
      return;
    default:
      throw new BuiltinError(`unrecognized op: '${op}'`);
  }
}

function attribute(operation: RegoObject, name: string): Value {
  const value = operation.get(name);
  if (value === undefined) throw new BuiltinError(`missing required attribute '${name}'`);
  return value;
}

function pathOf(value: Value): Path {
  if (Array.isArray(value)) return value as readonly Value[];
  if (typeof value !== 'string')
    throw new BuiltinError(
      `operand 2 must be one of {set, array} containing string paths or array of path segments but got ${typeName(value)}`,
    );
  if (value === '') return [];
  const segments = value.slice(value.search(/[^/]|$/)).split('/');
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}
