import type { RedshiftType } from '../types.ts';
import type { Cursor } from './cursor.ts';
import { readFragments } from './fragments.ts';
import type { ProcedureArgument, RoutineStatement } from './routine-statement.ts';
import { SETTING_STATEMENTS } from './settings.ts';
import type { SessionStatement } from './statement.ts';
import { parseType } from './typename.ts';

type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };
type Create = Extract<RoutineStatement, { kind: 'createProcedure' }>;

/** `CREATE [OR REPLACE] PROCEDURE name (arguments) [NONATOMIC] AS $$ … $$ LANGUAGE plpgsql …`, the parts behind the arguments in any order. */
export function parseCreateProcedure(cursor: Cursor, position: number, replace: boolean): RoutineStatement {
  const name = cursor.qualifiedName();
  const settings: Create['settings'][number][] = [];
  const create: Mutable<Create> = {
    kind: 'createProcedure',
    name,
    replace,
    arguments: parseArguments(cursor),
    nonatomic: false,
    definer: false,
    settings,
    body: '',
    position,
  };
  let hasBody = false;
  while (!cursor.atEnd()) {
    if (cursor.acceptWords('nonatomic')) create.nonatomic = true;
    else if (cursor.acceptWords('security')) create.definer = parseSecurity(cursor);
    else if (cursor.isWords('set')) settings.push(parseSetting(cursor));
    else if (cursor.acceptWords('language')) requireLanguage(cursor);
    else {
      cursor.expectWords('as');
      create.body = cursor.expectString();
      hasBody = true;
    }
  }
  if (!hasBody) throw cursor.syntaxError();
  return create;
}

function requireLanguage(cursor: Cursor): void {
  const language = cursor.peek().kind === 'string' ? cursor.expectString() : cursor.identifier().name;
  if (language.toLowerCase() !== 'plpgsql') throw cursor.notSupported(`a procedure in language ${language}`);
}

function parseSecurity(cursor: Cursor): boolean {
  const word = cursor.acceptOneOf('definer', 'invoker');
  if (word === undefined) throw cursor.syntaxError();
  return word === 'definer';
}

function parseSetting(cursor: Cursor): Create['settings'][number] {
  const reader = SETTING_STATEMENTS.set as (cursor: Cursor, position: number) => SessionStatement;
  const statement = reader(cursor, cursor.peek().start);
  if (statement.kind !== 'set' || statement.local) throw cursor.syntaxError();
  return { name: statement.name, value: statement.value };
}

/** `(name mode type, …)`: the name and the mode may be left out, and change places. */
export function parseArguments(cursor: Cursor): ProcedureArgument[] {
  cursor.expectSymbol('(');
  if (cursor.acceptSymbol(')')) return [];
  const found = cursor.separated(() => parseArgument(cursor));
  cursor.expectSymbol(')');
  return found;
}

const MODES = ['in', 'out', 'inout'];

function parseArgument(cursor: Cursor): ProcedureArgument {
  let mode = cursor.acceptOneOf(...MODES);
  const next = cursor.peek(1);
  const isNamed = next.kind === 'word' && !['precision', 'varying', 'with', 'without'].includes(next.text);
  const name = isNamed ? cursor.identifier() : undefined;
  mode ??= cursor.acceptOneOf(...MODES);
  const base = {
    name: name && (name.quoted ? name.name : name.name.toLowerCase()),
    mode: (mode ?? 'in') as ProcedureArgument['mode'],
  };
  if (cursor.acceptWords('refcursor')) return { ...base, type: { kind: 'varchar' }, isCursor: true };
  return { ...base, type: parseType(cursor) };
}

const optionalTypes = (cursor: Cursor): RedshiftType[] | undefined =>
  cursor.isSymbol('(') ? parseArguments(cursor).map(({ type }) => type) : undefined;

export function parseDropProcedure(cursor: Cursor, position: number): RoutineStatement {
  const name = cursor.qualifiedName();
  const types = optionalTypes(cursor);
  cursor.acceptOneOf('cascade', 'restrict');
  return { kind: 'dropProcedure', name, types, position };
}

export function parseAlterProcedure(cursor: Cursor, position: number): RoutineStatement {
  const name = cursor.qualifiedName();
  const types = optionalTypes(cursor);
  if (cursor.acceptWords('rename', 'to'))
    return { kind: 'alterProcedure', name, types, rename: cursor.identifier(), position };
  cursor.expectWords('owner', 'to');
  return { kind: 'alterProcedure', name, types, owner: cursor.identifier(), position };
}

export function parseCall(cursor: Cursor): RoutineStatement {
  const position = cursor.next().start;
  const name = cursor.qualifiedName();
  cursor.expectSymbol('(');
  const values = readFragments(cursor, ')');
  cursor.expectSymbol(')');
  return { kind: 'call', name, arguments: values, position };
}
