import { requireBoolean } from '../binder/casts.ts';
import { bindExpression, type ExpressionContext } from '../binder/expression.ts';
import { bindSource } from '../binder/from.ts';
import { nextName } from '../binder/names.ts';
import type { Relation } from '../catalog/model.ts';
import { asNames } from '../statements/reference.ts';
import type { Merge } from '../statements/statement.ts';
import type { Expression } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { assign, defaultSql, insertFromSql, namedColumns } from './insertion.ts';
import { bindAssignments, requireOneMatch, targetSource } from './manipulation.ts';
import type { Workspace } from './workspace.ts';

interface Plan {
  readonly target: Relation;
  readonly alias: string;
  readonly source: string;
  readonly on: string;
  readonly context: ExpressionContext;
  readonly sourceContext: ExpressionContext;
}

function plan(workspace: Workspace, merge: Merge): Plan {
  const target = workspace.require(merge.target);
  const environment = workspace.environment();
  if (merge.source.kind !== 'named' && merge.source.kind !== 'derived')
    throw new RedshiftError('42601', 'MERGE takes one source');
  if (merge.source.kind === 'derived')
    throw new RedshiftError('0A000', 'MERGE: the source must be a table or a view, not a subquery');
  requireOtherTable(workspace, target, merge.source.expression);
  const bound = bindSource(merge.source, { environment, commonTables: new Map() });
  const alias = nextName();
  const base = {
    environment,
    commonTables: new Map(),
    allowAggregates: false,
    allowWindows: false,
    clause: 'MERGE',
  } as const;
  const sourceContext: ExpressionContext = { ...base, scope: { sources: bound.sources, merged: bound.merged } };
  const context: ExpressionContext = {
    ...base,
    scope: {
      sources: [targetSource(target, alias, target.name, target.schema), ...bound.sources],
      merged: bound.merged,
    },
  };
  const on = requireBoolean(bindExpression(merge.on, { ...context, clause: 'MERGE ON' }), 'ON').sql;
  return { target, alias, source: bound.sql, on, context, sourceContext };
}

function requireOtherTable(workspace: Workspace, target: Relation, source: Expression): void {
  if (source.kind !== 'reference') return;
  const names = asNames(source.root, source.steps);
  if (names && workspace.find(names)?.id === target.id)
    throw new RedshiftError('0A000', 'MERGE: the source and the target cannot be the same table');
}

/** MERGE: a target row that several source rows match is an error; then DuckDB's own MERGE does the work in one step. */
export async function runMerge(workspace: Workspace, merge: Merge): Promise<StatementResult> {
  refuseSuperParts(merge);
  const parts = plan(workspace, merge);
  if (merge.removeDuplicates) return removeDuplicates(workspace, parts);
  const physical = workspace.physical(parts.target);
  const joined = `${physical} AS ${parts.alias} INNER JOIN ${parts.source} ON ${parts.on}`;
  await requireOneMatch(workspace, `SELECT '1' FROM ${joined} GROUP BY ${parts.alias}.rowid`);
  const sql = `MERGE INTO ${physical} AS ${parts.alias} USING ${parts.source} ON ${parts.on} WHEN MATCHED THEN ${matchedSql(workspace, merge, parts)} WHEN NOT MATCHED THEN ${notMatchedSql(workspace, merge, parts)}`;
  const rowCount = await workspace.change(sql);
  return { tag: 'MERGE', rowCount };
}

function matchedSql(workspace: Workspace, merge: Merge, parts: Plan): string {
  if (merge.matched?.kind === 'delete') return 'DELETE';
  const set = bindAssignments(workspace, parts.target, merge.matched?.set ?? [], parts.context);
  return `UPDATE SET ${set.map(({ column, sql }) => `c${column.id} = ${sql}`).join(', ')}`;
}

function notMatchedSql(workspace: Workspace, merge: Merge, parts: Plan): string {
  const { columns: names = [], values = [] } = merge.notMatched ?? {};
  const columns = namedColumns(workspace, parts.target, names).slice(0, names.length === 0 ? values.length : undefined);
  if (columns.length !== values.length)
    throw new RedshiftError('42601', 'INSERT has more expressions than target columns');
  const sql = values.map((value, i) => {
    const column = columns[i] as Relation['columns'][number];
    return value.kind === 'default'
      ? defaultSql(workspace, parts.target, column)
      : assign(value, column, parts.sourceContext);
  });
  const others = parts.target.columns.filter((column) => !columns.includes(column));
  const list = [...columns, ...others].map((column) => `c${column.id}`);
  return `INSERT (${list.join(', ')}) VALUES (${[...sql, ...others.map((column) => defaultSql(workspace, parts.target, column))].join(', ')})`;
}

/** The source's rows take the place of the target rows that they match, each distinct row once. */
async function removeDuplicates(workspace: Workspace, parts: Plan): Promise<StatementResult> {
  const source = parts.sourceContext.scope.sources[0];
  if (!source || source.columns.length !== parts.target.columns.length) {
    throw new RedshiftError('42804', 'MERGE … REMOVE DUPLICATES: target and source must have the same columns');
  }
  const staged = `temp.main.m${workspace.cluster.nextId()}`;
  const list = source.columns.map((column, i) => `${column.sql} AS c${i + 1}`).join(', ');
  await workspace.run(
    `CREATE TEMP TABLE ${staged.replace('temp.main.', '')} AS SELECT DISTINCT ${list} FROM ${parts.source}`,
  );
  await workspace.change(
    `DELETE FROM ${workspace.physical(parts.target)} AS ${parts.alias} USING ${parts.source} WHERE ${parts.on}`,
  );
  const values = parts.target.columns.map((_column, i) => `${staged}.c${i + 1}`);
  const rowCount = await workspace.change(insertFromSql(workspace, parts.target, parts.target.columns, values, staged));
  await workspace.run(`DROP TABLE ${staged}`);
  return { tag: 'MERGE', rowCount };
}

function refuseSuperParts(merge: Merge): void {
  const update = merge.matched?.kind === 'update' ? merge.matched.set.map((item) => item.value) : [];
  const all: Expression[] = [merge.on, ...update, ...(merge.notMatched?.values ?? [])];
  if (all.some(hasSubscript))
    throw new RedshiftError('0A000', 'Partial reference of SUPER column is not supported in MERGE statement.');
}

function hasSubscript(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(hasSubscript);
  if (node === null || typeof node !== 'object') return false;
  if ((node as { kind?: string }).kind === 'subscript') return true;
  return Object.values(node).some(hasSubscript);
}
