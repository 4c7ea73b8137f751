// Packages and imports as OPA reads them, found out by asking it.
import t from 'tap';
import { applyImport, parseImport, parsePackage } from '../../../../src/policy/builtins/rego/declarations.ts';
import { outcome, parserOn, showTerm } from '../../../support/rego-tree.ts';

t.test('packages are paths below data', async (t) => {
  const read = (source: string): string =>
    outcome(parserOn(source), parsePackage, ({ path }) => path.map(showTerm).join('.'));
  for (const [source, shown] of [
    ['package a', 'data."a"'],
    ['package a.b["c d"]', 'data."a"."b"."c d"'],
    ['package if', 'data."if"'],
    ['package data.x', 'data."data"."x"'],
    ['package\na', 'data."a"'],
    ['package a[x]', 'fault: expecting string'],
    ['package a.', 'fault: unexpected eof token: expected identifier'],
    ['package a(x).b', 'fault: expecting var'],
    ['package a(x)', 'fault: unexpected eof token'],
    ['package 1', 'fault: unexpected number token'],
    ['package.a', 'nothing'],
  ] as const)
    t.equal(read(source), shown, source);
});

const read = (source: string): string =>
  outcome(
    parserOn(source),
    parseImport,
    ({ path, alias }) => `${showTerm(path)}${alias === null ? '' : ` as ${alias}`}`,
  );

t.test('imports are paths, and may have an alias', async (t) => {
  for (const [source, shown] of [
    ['import data.a', 'data."a"'],
    ['import input', '<input>'],
    ['import input.a as b', 'input."a" as b'],
    ['import data.if.a', 'data."if"."a"'],
    ['import future.keywords.in', 'future."keywords"."in"'],
    ['import data.if', 'fault: unexpected import path, must not end with a keyword, got: if'],
    ['import foo.a', 'fault: unexpected import path, must begin with one of: data, future, input, rego'],
    ['import data[x]', 'fault: expecting string'],
    ['import data.f(x)', 'fault: expected path'],
    ['import 1', 'fault: unexpected number token'],
    ['import data.a as 1', 'fault: unexpected number token: expected var'],
    ['import data.a as input', 'fault: unexpected eof token: expected var'],
    ['import data.a as if', 'fault: unexpected if token: expected var'],
    ['import.a', 'nothing'],
  ] as const)
    t.equal(read(source), shown, source);
});

const applied = (source: string): string => {
  const p = parserOn(source);
  const declaration = parseImport(p);
  if (declaration) applyImport(p, declaration);
  const future = ['and', 'or'].filter((keyword) => p.keywords.has(keyword));
  return (
    p.place.fault?.reason ?? [...future, p.hasNotBodies && 'not', p.place.kind].filter(Boolean).join(' ')
  );
};

t.test('some change the language', async (t) => {
  for (const [source, then] of [
    ['import data.a', 'eof'],
    ['import rego.v1', 'eof'],
    ['import rego.v2', 'and or not eof'],
    ['import future.keywords', 'and or not eof'],
    ['import future.keywords.in.x', 'and or not eof'],
    ['import future.keywords.and', 'and eof'],
    ['import future.keywords.not', 'not eof'],
    ['import future.keywords.if', 'eof'],
    ['import rego.v3', 'invalid import, must be one of: rego.v1, rego.v2'],
    ['import rego', 'invalid import, must be one of: rego.v1, rego.v2'],
    ['import rego.v1.x', 'invalid import, must be one of: rego.v1, rego.v2'],
    ['import rego.v1 as x', '`rego` imports cannot be aliased'],
    ['import future', 'invalid import, must be `future.keywords`'],
    ['import future.x', 'invalid import, must be `future.keywords`'],
    ['import future.keywords as x', '`future` imports cannot be aliased'],
    ['import future.keywords.xor', 'unexpected keyword xor'],
  ] as const)
    t.equal(applied(source), then, source);
});

t.test('the token behind an import is a keyword only if it changed the language', async (t) => {
  t.equal(applied('import rego.v1\nevery'), 'every');
  t.equal(applied('import data.a\nevery'), 'identifier');
  t.equal(applied('import future.keywords.and\nand'), 'and and');
});
