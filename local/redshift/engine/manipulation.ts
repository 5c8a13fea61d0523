import { requireBoolean } from '../binder/casts.ts';
import { bindExpression, type ExpressionContext } from '../binder/expression.ts';
import { bindFromList, type FromState } from '../binder/from.ts';
import { nextName } from '../binder/names.ts';
import { bindWith, type QueryContext } from '../binder/query.ts';
import type { ScopeSource } from '../binder/scope.ts';
import type { Column, Relation } from '../catalog/model.ts';
import type { Assignment, Delete, Update } from '../statements/statement.ts';
import type { Expression, FromItem } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { assign, defaultSql, requireColumn } from './insertion.ts';
import type { Workspace } from './workspace.ts';

/** The table that a statement changes, as a source of its own query. */
export function targetSource(
  relation: Relation,
  alias: string,
  name: string,
  schema?: string,
  readable?: ReadonlySet<string>,
): ScopeSource {
  const columns = relation.columns.map((column) => ({
    name: column.name,
    type: column.type,
    sql: `${alias}.c${column.id}`,
    trimmed: column.type.kind === 'char',
    caseInsensitive: column.caseInsensitive,
    denied: readable && !readable.has(column.name) ? relation.name : undefined,
  }));
  return { name, schema, columns };
}

interface Target {
  readonly relation: Relation;
  readonly alias: string;
  readonly prefix: string;
  readonly from: FromState;
  readonly context: ExpressionContext;
}

function bindTarget(
  workspace: Workspace,
  statement: Update | Delete,
  sources: readonly FromItem[],
  clause: string,
): Target {
  const relation = workspace.require(statement.table);
  const environment = workspace.environment();
  const alias = nextName();
  const base: QueryContext = { environment, commonTables: new Map() };
  const { prefix, commonTables } = bindWith({ with: statement.with, recursive: false }, base);
  const from = bindFromList(sources, { environment, commonTables });
  const name = statement.alias ? workspace.fold(statement.alias) : relation.name;
  const schema = statement.alias ? undefined : relation.schema;
  const target = targetSource(relation, alias, name, schema, workspace.rights.selectable(relation));
  if (from.sources.some((source) => source.name === name && source.schema === target.schema))
    throw new RedshiftError('42712', `table name "${name}" specified more than once`);
  const context: ExpressionContext = {
    environment,
    commonTables,
    clause,
    allowAggregates: false,
    allowWindows: false,
    scope: { sources: [target, ...from.sources], merged: from.merged },
  };
  return { relation, alias, prefix, from, context };
}

function assignments(
  workspace: Workspace,
  relation: Relation,
  set: readonly Assignment[],
  context: ExpressionContext,
): { column: Column; sql: string }[] {
  const assigned = new Set<number>();
  return set.map(({ column: name, value }) => {
    const column = requireColumn(relation, workspace.fold(name), name.position);
    if (assigned.has(column.id))
      throw new RedshiftError('42601', `multiple assignments to same column "${column.name}"`);
    assigned.add(column.id);
    if (column.identity) throw new RedshiftError('42601', 'cannot set an identity column to a value');
    return {
      column,
      sql: value.kind === 'default' ? defaultSql(workspace, relation, column) : assign(value, column, context),
    };
  });
}

export async function runUpdate(workspace: Workspace, update: Update): Promise<StatementResult> {
  const { relation, alias, prefix, from, context } = bindTarget(workspace, update, update.from, 'UPDATE');
  requireEquijoin(workspace, relation, update);
  const set = assignments(workspace, relation, update.set, context).map(({ column, sql }) => `c${column.id} = ${sql}`);
  const where = update.where
    ? ` WHERE ${requireBoolean(bindExpression(update.where, { ...context, clause: 'WHERE' }), 'WHERE').sql}`
    : '';
  const source = from.sql === '' ? '' : ` FROM ${from.sql}`;
  if (source !== '' && workspace.settings.isOn('error_on_nondeterministic_update')) {
    const joined = `${workspace.physical(relation)} AS ${alias} CROSS JOIN ${from.sql}${where}`;
    await requireOneMatch(workspace, `${prefix}SELECT '1' FROM ${joined} GROUP BY ${alias}.rowid`);
  }
  const rowCount = await workspace.change(
    `${prefix}UPDATE ${workspace.physical(relation)} AS ${alias} SET ${set.join(', ')}${source}${where}`,
  );
  return { tag: `UPDATE ${rowCount}`, rowCount };
}

/** A row that several rows of a source match could get any of their values: `groups` has one group for each such row. */
export async function requireOneMatch(workspace: Workspace, groups: string): Promise<void> {
  const double = await workspace.rows(`${groups} HAVING count(*) > 1 LIMIT 1`);
  if (double.length > 0) throw new RedshiftError('21000', 'Found multiple matches to update the same tuple.');
}

/** With an outer join in FROM the target itself must be joined by an equality in WHERE. */
function requireEquijoin(workspace: Workspace, relation: Relation, update: Update): void {
  const hasOuterJoin = update.from.some(
    (item) => item.kind === 'join' && item.type !== 'inner' && item.type !== 'cross',
  );
  if (!hasOuterJoin) return;
  const name = update.alias ? workspace.fold(update.alias) : relation.name;
  const refersToTarget = (expression: Expression): boolean =>
    expression.kind === 'reference' && expression.steps.length > 0 && workspace.fold(expression.root) === name;
  const joins = (expression: Expression | undefined): boolean => {
    if (expression?.kind !== 'binary') return false;
    if (expression.operator === 'and') return joins(expression.left) || joins(expression.right);
    return expression.operator === '=' && (refersToTarget(expression.left) || refersToTarget(expression.right));
  };
  if (!joins(update.where)) throw new RedshiftError('0A000', 'Target table must be part of an equijoin predicate');
}

export async function runDelete(workspace: Workspace, statement: Delete): Promise<StatementResult> {
  const { relation, alias, prefix, from, context } = bindTarget(workspace, statement, statement.using, 'DELETE');
  const where = statement.where
    ? ` WHERE ${requireBoolean(bindExpression(statement.where, { ...context, clause: 'WHERE' }), 'WHERE').sql}`
    : '';
  const source = from.sql === '' ? '' : ` USING ${from.sql}`;
  const rowCount = await workspace.change(
    `${prefix}DELETE FROM ${workspace.physical(relation)} AS ${alias}${source}${where}`,
  );
  return { tag: `DELETE ${rowCount}`, rowCount };
}

export { assignments as bindAssignments };
