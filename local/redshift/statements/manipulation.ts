import { RedshiftError } from '../types.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import { parseFrom } from './from.ts';
import { parseAlias, parseQuery, startsQuery } from './query.ts';
import type { Assignment, Delete, Insert, Merge, Update } from './statement.ts';
import type { CommonTable, Identifier } from './syntax.ts';

export function parseInsert(cursor: Cursor): Insert {
  const position = cursor.next().start;
  cursor.expectWords('into');
  const table = cursor.qualifiedName();
  const columns = cursor.isSymbol('(') && !startsQuery(cursor, true) ? cursor.identifierList() : [];
  const source = parseInsertSource(cursor);
  if (cursor.isWords('on', 'conflict') || cursor.isWords('returning')) throw cursor.syntaxError();
  return { kind: 'insert', table, columns, source, position };
}

function parseInsertSource(cursor: Cursor): Insert['source'] {
  if (cursor.acceptWords('default', 'values')) return { kind: 'defaults' };
  if (cursor.acceptWords('values')) {
    return { kind: 'values', rows: cursor.separated(() => cursor.parenthesized(() => parseExpression(cursor))) };
  }
  return { kind: 'query', query: parseQuery(cursor) };
}

/** SET takes a column's bare name; a table's name before it is taken for the column. */
function qualifiedColumn(cursor: Cursor, { name, position }: Identifier): RedshiftError {
  cursor.next();
  return new RedshiftError('42703', `column "${name}" does not exist`, {
    position: position + 1,
    hint: 'Do not write the table in front of a column that is set.',
  });
}

function parseAssignments(cursor: Cursor): Assignment[] {
  return cursor.separated(() => {
    const column = cursor.identifier();
    if (cursor.isSymbol('.')) throw qualifiedColumn(cursor, column);
    cursor.expectSymbol('=');
    return { column, value: parseExpression(cursor) };
  });
}

export function parseUpdate(cursor: Cursor, tables: readonly CommonTable[]): Update {
  const position = cursor.next().start;
  const table = cursor.qualifiedName();
  const alias = cursor.isWords('set') ? undefined : parseAlias(cursor);
  cursor.expectWords('set');
  const set = parseAssignments(cursor);
  const from = cursor.acceptWords('from') ? cursor.separated(() => parseFrom(cursor)) : [];
  const where = cursor.acceptWords('where') ? parseExpression(cursor) : undefined;
  if (cursor.isWords('returning')) throw cursor.syntaxError();
  return { kind: 'update', with: tables, table, alias, set, from, where, position };
}

export function parseDelete(cursor: Cursor, tables: readonly CommonTable[]): Delete {
  const position = cursor.next().start;
  cursor.acceptWords('from');
  const table = cursor.qualifiedName();
  const alias = parseAlias(cursor);
  const using = cursor.acceptWords('using') ? cursor.separated(() => parseFrom(cursor)) : [];
  const where = cursor.acceptWords('where') ? parseExpression(cursor) : undefined;
  if (cursor.isWords('returning')) throw cursor.syntaxError();
  return { kind: 'delete', with: tables, table, alias, using, where, position };
}

/** MERGE has one WHEN MATCHED and one WHEN NOT MATCHED, or REMOVE DUPLICATES. */
export function parseMerge(cursor: Cursor): Merge {
  const position = cursor.next().start;
  cursor.expectWords('into');
  const target = cursor.qualifiedName();
  cursor.expectWords('using');
  const source = parseFrom(cursor);
  cursor.expectWords('on');
  const on = parseExpression(cursor);
  if (cursor.acceptWords('remove', 'duplicates'))
    return { kind: 'merge', target, source, on, removeDuplicates: true, position };
  let matched: Merge['matched'];
  let notMatched: Merge['notMatched'];
  while (cursor.acceptWords('when')) {
    const not = cursor.acceptWords('not');
    cursor.expectWords('matched', 'then');
    if (not ? notMatched : matched) throw cursor.syntaxError();
    if (not) notMatched = parseMergeInsert(cursor);
    else matched = parseMatched(cursor);
  }
  if (!matched || !notMatched) throw cursor.syntaxError();
  return { kind: 'merge', target, source, on, matched, notMatched, removeDuplicates: false, position };
}

function parseMatched(cursor: Cursor): Merge['matched'] {
  if (cursor.acceptWords('delete')) return { kind: 'delete' };
  cursor.expectWords('update', 'set');
  return { kind: 'update', set: parseAssignments(cursor) };
}

function parseMergeInsert(cursor: Cursor): Merge['notMatched'] {
  cursor.expectWords('insert');
  const columns = cursor.isSymbol('(') ? cursor.identifierList() : [];
  cursor.expectWords('values');
  return { columns, values: cursor.parenthesized(() => parseExpression(cursor)) };
}
