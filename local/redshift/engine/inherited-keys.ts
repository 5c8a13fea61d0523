import type { Column, Relation } from '../catalog/model.ts';
import type { TableAttributes } from '../statements/statement.ts';
import type { Expression, Identifier, NamedSource, Query, Select } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import type { Workspace } from './workspace.ts';

type Keyed = Pick<Column, 'name'>;

/** The keys of CREATE TABLE AS: those that it names or counts (`SORTKEY(2)`), and those that it inherits. */
export function keysOf(
  workspace: Workspace,
  { attributes, query }: { readonly attributes: TableAttributes; readonly query: Query },
  columns: readonly Keyed[],
): TableAttributes {
  const { distributionKey, distributionStyle, sortKeys } = attributes;
  const named = {
    ...attributes,
    ...(distributionKey && { distributionKey: countedColumn(distributionKey, columns) }),
    ...(sortKeys && { sortKeys: sortKeys.map((key) => countedColumn(key, columns)) }),
  };
  return distributionStyle === undefined ? { ...inheritedKeys(workspace, query, columns), ...named } : named;
}

function countedColumn(key: Identifier, columns: readonly Keyed[]): Identifier {
  if (!/^\d+$/.test(key.name)) return key;
  const column = columns[Number(key.name) - 1];
  if (!column) throw new RedshiftError('42703', `column "${key.name}" named in key does not exist`);
  return { ...key, name: column.name };
}

/**
 * What a table made of a plain query takes from the table that it reads: distribution and sort key, or the query's
 * order as its sort key. A limit, an aggregate or a join leaves both open.
 */
function inheritedKeys(workspace: Workspace, query: Query, columns: readonly Keyed[]): TableAttributes {
  const select = plainSelect(query);
  const relation = select && sourceOf(workspace, select);
  if (!select || !relation) return {};
  const names = selectedNames(workspace, select, relation);
  if (!names) return {};
  const key = (name: string): Identifier | undefined => {
    const column = columns[names.indexOf(name)];
    return names.includes(name) && column ? { name: column.name, quoted: true, position: 0 } : undefined;
  };
  return { ...inheritedDistribution(relation, key), ...sortKey(query, workspace, relation, columns, key) };
}

type KeyOf = (name: string) => Identifier | undefined;

function inheritedDistribution(relation: Relation, key: KeyOf): TableAttributes {
  if (relation.distributionStyle !== 'key') return { distributionStyle: relation.distributionStyle };
  const column = relation.columns.find((candidate) => candidate.distributionKey);
  const distributionKey = column && key(column.name);
  return distributionKey ? { distributionStyle: 'key', distributionKey } : {};
}

function sortKey(
  query: Query,
  workspace: Workspace,
  relation: Relation,
  columns: readonly Keyed[],
  key: KeyOf,
): TableAttributes {
  if (query.orderBy.length > 0) return ordered(query, workspace, columns);
  const sorted = relation.columns.filter((column) => column.sortKeyPosition > 0);
  const sortKeys = sorted.sort((a, b) => a.sortKeyPosition - b.sortKeyPosition).map((column) => key(column.name));
  const missing = sortKeys.indexOf(undefined);
  const kept = (missing < 0 ? sortKeys : sortKeys.slice(0, missing)) as Identifier[];
  return kept.length > 0 ? { sortStyle: relation.sortStyle, sortKeys: kept } : {};
}

/** ORDER BY of columns that the table has. */
function ordered(query: Query, workspace: Workspace, columns: readonly Keyed[]): TableAttributes {
  const names = query.orderBy.map(({ expression, descending }) => {
    if (descending) return undefined;
    if (expression.kind === 'number') return columns[Number(expression.text) - 1]?.name;
    const name = columnName(workspace, expression);
    return columns.find((column) => column.name === name)?.name;
  });
  const known = names.filter((name) => name !== undefined);
  if (known.length !== names.length) return {};
  return { sortStyle: 'compound', sortKeys: known.map((name) => ({ name, quoted: true, position: 0 })) };
}

function plainSelect({ with: commonTables, body, limit, offset }: Query): Select | undefined {
  if (commonTables.length > 0 || limit || offset || body.kind !== 'select') return undefined;
  const { distinct, top, groupBy, having, qualify, connect } = body;
  return distinct || top || groupBy || having || qualify || connect ? undefined : body;
}

/** The one table that a query reads. */
function sourceOf(workspace: Workspace, { from }: Select): Relation | undefined {
  const [source] = from;
  if (from.length !== 1 || source?.kind !== 'named' || source.unnest || source.columns.length > 0) return undefined;
  const names = tableNames(source);
  const relation = names && workspace.find(names);
  return relation?.kind === 'table' ? relation : undefined;
}

function tableNames({ expression }: NamedSource): Identifier[] | undefined {
  if (expression.kind !== 'reference') return undefined;
  const steps = expression.steps.map((step) => (step.kind === 'attribute' ? step.name : undefined));
  const names = [expression.root, ...steps].filter((name) => name !== undefined);
  return names.length === steps.length + 1 && names.length < 3 ? names : undefined;
}

/** Which column of the source each result column is; undefined when something is computed. */
function selectedNames(workspace: Workspace, { items }: Select, relation: Relation): string[] | undefined {
  const found: string[] = [];
  for (const { expression } of items) {
    const name = columnName(workspace, expression);
    if (expression.kind === 'star' && expression.exclude.length === 0)
      found.push(...relation.columns.map((column) => column.name));
    else if (name !== undefined && relation.columns.some((column) => column.name === name)) found.push(name);
    else return undefined;
  }
  return found;
}

/** The last name of a column reference: `listid`, `sales.listid`. */
function columnName(workspace: Workspace, expression: Expression): string | undefined {
  if (expression.kind !== 'reference') return undefined;
  const last = expression.steps.at(-1);
  if (last && last.kind !== 'attribute') return undefined;
  return workspace.fold(last ? last.name : expression.root);
}
