import { constant } from '../binder/bound.ts';
import { cast } from '../binder/casts.ts';
import { bindExpression, type ExpressionContext } from '../binder/expression.ts';
import { nextName } from '../binder/names.ts';
import type { OutputColumn } from '../binder/scope.ts';
import { withoutRounding } from '../binder/truncation.ts';
import { duckdbType } from '../binder/types.ts';
import type { Column, Relation } from '../catalog/model.ts';
import { quoteText } from '../rewriter/sql.ts';
import { Cursor } from '../statements/cursor.ts';
import { parseExpression } from '../statements/expression.ts';
import type { Insert } from '../statements/statement.ts';
import type { Expression, Identifier } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import type { Workspace } from './workspace.ts';

/** Where an expression without sources stands: defaults, VALUES. */
export function bareContext(workspace: Workspace, clause: string): ExpressionContext {
  return {
    environment: workspace.environment(),
    scope: { sources: [], merged: [] },
    commonTables: new Map(),
    clause,
    allowAggregates: false,
    allowWindows: false,
  };
}

/** The columns that a list names, or all of them. */
export function namedColumns(workspace: Workspace, relation: Relation, names: readonly Identifier[]): Column[] {
  if (names.length === 0) return [...relation.columns];
  const columns = names.map((name) => requireColumn(relation, workspace.fold(name), name.position));
  const double = columns.find((column, i) => columns.indexOf(column) !== i);
  if (double) throw new RedshiftError('42701', `column "${double.name}" specified more than once`);
  return columns;
}

export function requireColumn(relation: Relation, name: string, position?: number): Column {
  const column = relation.columns.find((candidate) => candidate.name === name);
  if (column) return column;
  throw new RedshiftError('42703', `column "${name}" of relation "${relation.name}" does not exist`, {
    position: position === undefined ? undefined : position + 1,
  });
}

/** What a column gets when a row does not say: its number, its default, or NULL. */
export function defaultSql(workspace: Workspace, relation: Relation, column: Column): string {
  if (column.identity) return `nextval(${quoteText(workspace.sequence(relation, column))})`;
  if (column.defaultText === undefined) return `CAST(NULL AS ${duckdbType(column.type)})`;
  const expression = parseExpression(new Cursor(column.defaultText));
  return cast(bindExpression(expression, bareContext(workspace, 'DEFAULT')), column.type, 'assignment').sql;
}

function requireWritable(column: Column): void {
  if (column.identity && !column.identity.byDefault)
    throw new RedshiftError('42601', `cannot set an identity column to a value`);
}

/** INSERT in all its forms. */
export async function runInsert(workspace: Workspace, insert: Insert): Promise<StatementResult> {
  const relation = workspace.require(insert.table);
  const rowCount = await workspace.change(insertSql(workspace, insert, relation));
  return { tag: `INSERT 0 ${rowCount}`, rowCount };
}

function insertSql(workspace: Workspace, insert: Insert, relation: Relation): string {
  const named = insert.columns.length > 0 ? namedColumns(workspace, relation, insert.columns) : undefined;
  if (insert.source.kind === 'defaults') return insertRows(workspace, relation, [], [[]]);
  if (insert.source.kind === 'values') return insertValues(workspace, relation, named, insert.source.rows);
  const query = workspace.bind(insert.source.query);
  const columns = named ?? writableColumns(relation).slice(0, query.columns.length);
  if (query.columns.length > columns.length)
    throw new RedshiftError('42601', 'INSERT has more expressions than target columns');
  if (query.columns.length < columns.length && named)
    throw new RedshiftError('42601', 'INSERT has more target columns than expressions');
  for (const column of columns) requireWritable(column);
  return insertSelect(workspace, relation, columns.slice(0, query.columns.length), query);
}

/** Columns that INSERT fills when it names none: all but those that number themselves. */
const writableColumns = (relation: Relation): Column[] =>
  relation.columns.filter((column) => !column.identity || column.identity.byDefault);

function insertValues(
  workspace: Workspace,
  relation: Relation,
  named: Column[] | undefined,
  rows: readonly (readonly Expression[])[],
): string {
  const width = (rows[0] as readonly Expression[]).length;
  const columns = named ?? writableColumns(relation).slice(0, width);
  const context = bareContext(workspace, 'VALUES');
  if (rows.length > 1 && rows.some((row) => row.some((cell) => cell.kind === 'subquery')))
    throw new RedshiftError('0A000', "can't use subqueries in multi-row VALUES");
  const bound = rows.map((row) => {
    if (row.length > columns.length)
      throw new RedshiftError('42601', 'INSERT has more expressions than target columns');
    if (row.length < width || (named && row.length < columns.length))
      throw new RedshiftError(
        '42601',
        row.length < width
          ? 'VALUES lists must all be the same length'
          : 'INSERT has more target columns than expressions',
      );
    return row.map((cell, i) => {
      const column = columns[i] as Column;
      if (cell.kind === 'default') return defaultSql(workspace, relation, column);
      requireWritable(column);
      return assign(cell, column, context);
    });
  });
  return insertRows(workspace, relation, columns, bound);
}

/** A value on its way into a column. */
export function assign(value: Expression, column: Column, context: ExpressionContext): string {
  const bound = bindExpression(value, context);
  if (bound.type.kind === 'varbyte' && column.type.kind === 'varchar')
    throw new RedshiftError(
      '42804',
      `column "${column.name}" is of type character varying but expression is of type binary varying`,
    );
  return cast(withoutRounding(bound, column.type, context.environment.settings), column.type, 'assignment').sql;
}

function insertRows(
  workspace: Workspace,
  relation: Relation,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const given = new Map(columns.map((column, i) => [column.id, i]));
  const others = relation.columns
    .filter((column) => !given.has(column.id))
    .map((column) => ({ column, sql: defaultSql(workspace, relation, column) }));
  const list = [...columns, ...others.map((other) => other.column)].map((column) => `c${column.id}`);
  const values = rows.map((row) => `(${[...row, ...others.map((other) => other.sql)].join(', ')})`);
  return `INSERT INTO ${workspace.physical(relation)} (${list.join(', ')}) VALUES ${values.join(', ')}`;
}

/** `INSERT … SELECT`, each column converted on its way in. */
export function insertSelect(
  workspace: Workspace,
  relation: Relation,
  columns: readonly Column[],
  query: { sql: string; columns: readonly OutputColumn[] },
): string {
  const alias = nextName();
  const values = columns.map((column, i) => {
    const source = query.columns[i] as OutputColumn;
    const value = constant(`${alias}.c${i + 1}`, source.type, { trimmed: source.trimmed });
    return cast(withoutRounding(value, column.type, workspace.settings.binder()), column.type, 'assignment').sql;
  });
  return insertFromSql(workspace, relation, columns, values, `(${query.sql}) AS ${alias}`);
}

/** Puts values from a source into some columns; the others get their defaults. */
export function insertFromSql(
  workspace: Workspace,
  relation: Relation,
  columns: readonly Column[],
  values: readonly string[],
  source: string,
): string {
  const given = new Set(columns.map((column) => column.id));
  const others = relation.columns.filter((column) => !given.has(column.id));
  const list = [...columns, ...others].map((column) => `c${column.id}`);
  const all = [...values, ...others.map((column) => defaultSql(workspace, relation, column))];
  return `INSERT INTO ${workspace.physical(relation)} (${list.join(', ')}) SELECT ${all.join(', ')} FROM ${source}`;
}
