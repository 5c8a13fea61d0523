import { duckdbType, formatType } from '../binder/types.ts';
import { type Column, type Relation, type RelationKind, relationKey } from '../catalog/model.ts';
import type { AlterAction, Definition } from '../statements/statement.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { appendTable } from './append.ts';
import { dependentsOfColumn, othersDepend } from './dependents.ts';
import { defaultSql, requireColumn } from './insertion.ts';
import { dropPhysical } from './physical-tables.ts';
import { done } from './results.ts';
import { columnOf, defaultEncoding } from './table-definitions.ts';
import { requireEncoding } from './table-rules.ts';
import type { Workspace } from './workspace.ts';

type Alter = Definition & { kind: 'alterTable' };

/** ALTER TABLE. Names and attributes are the catalog's alone; only columns that come and go touch DuckDB. */
export async function runAlterTable(workspace: Workspace, alter: Alter): Promise<StatementResult> {
  const { action } = alter;
  const relation = workspace.require(alter.table, kindsFor(action));
  const changed = await changedRelation(workspace, relation, action);
  if (relation.temporary) workspace.transaction.changeTemporary(changed);
  else await workspace.transaction.change({ kind: 'putRelation', relation: changed });
  return done('ALTER TABLE');
}

function kindsFor(action: AlterAction): readonly RelationKind[] {
  if (action.kind === 'autoRefresh') return ['materialized_view'];
  const isOfAll = action.kind === 'rename' || action.kind === 'owner';
  return isOfAll ? ['table', 'view', 'late_binding_view', 'materialized_view'] : ['table'];
}

async function changedRelation(workspace: Workspace, relation: Relation, action: AlterAction): Promise<Relation> {
  switch (action.kind) {
    case 'rename':
      return renamed(workspace, relation, workspace.fold(action.to));
    case 'owner':
      return { ...relation, owner: workspace.fold(action.owner) };
    case 'addColumn':
      return addColumn(workspace, relation, action);
    case 'dropColumn':
      return dropColumn(workspace, relation, workspace.fold(action.column), action.cascade);
    case 'renameColumn':
      return renameColumn(relation, workspace.fold(action.from), workspace.fold(action.to));
    case 'columnType':
      return changeType(workspace, relation, workspace.fold(action.column), action);
    case 'encoding':
      return changeEncoding(relation, workspace.fold(action.column), action.encoding);
    case 'attributes':
      return changeAttributes(workspace, relation, action.attributes);
    case 'addConstraint':
      return {
        ...relation,
        constraints: [
          ...relation.constraints,
          {
            kind: action.constraint.kind,
            name: action.constraint.name
              ? workspace.fold(action.constraint.name)
              : `${relation.name}_${action.constraint.kind}`,
            columns: action.constraint.columns.map((name) => workspace.fold(name)),
          },
        ],
      };
    case 'dropConstraint':
      return dropConstraint(relation, workspace.fold(action.name));
    case 'append':
      return appendTable(workspace, relation, action);
    case 'autoRefresh':
      return relation;
  }
}

function renamed(workspace: Workspace, relation: Relation, name: string): Relation {
  const taken = relation.temporary
    ? workspace.transaction.temporaryTables.has(name)
    : workspace.transaction.catalog.relations.has(relationKey(relation.schema, name));
  if (taken) throw new RedshiftError('42P07', `relation "${name}" already exists`);
  return { ...relation, name };
}

async function addColumn(
  workspace: Workspace,
  relation: Relation,
  action: AlterAction & { kind: 'addColumn' },
): Promise<Relation> {
  const definition = columnOf(workspace, action.column);
  if (relation.columns.some((column) => column.name === definition.name))
    throw new RedshiftError('42701', `column "${definition.name}" of relation "${relation.name}" already exists`);
  if (definition.identity) throw new RedshiftError('0A000', 'ALTER TABLE ADD COLUMN with IDENTITY is not supported');
  if (definition.notNull && definition.defaultText === undefined)
    throw new RedshiftError(
      '42601',
      'ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression',
    );
  const id = Math.max(0, ...relation.columns.map((column) => column.id)) + 1;
  const encoding = definition.encoding === 'auto' ? defaultEncoding(definition.type, false) : definition.encoding;
  const column: Column = { ...definition, encoding, id };
  const table = workspace.physical(relation);
  const fill = definition.defaultText === undefined ? '' : ` DEFAULT ${defaultSql(workspace, relation, column)}`;
  await workspace.run(`ALTER TABLE ${table} ADD COLUMN c${column.id} ${duckdbType(column.type)}${fill}`);
  return { ...relation, columns: [...relation.columns, column] };
}

async function dropColumn(workspace: Workspace, relation: Relation, name: string, cascade: boolean): Promise<Relation> {
  const column = requireColumn(relation, name);
  if (column.distributionKey || column.sortKeyPosition > 0)
    throw new RedshiftError('0A000', `cannot drop ${column.distributionKey ? 'distkey' : 'sortkey'} column "${name}"`);
  if (relation.columns.length === 1) throw new RedshiftError('0A000', 'cannot drop the only column of a table');
  const dependents = relation.temporary ? [] : dependentsOfColumn(workspace, relation, column.id);
  if (dependents.length > 0 && !cascade) throw othersDepend(`table ${relation.name} column ${name}`);
  for (const dependent of dependents) await dropPhysical(workspace, dependent);
  await workspace.run(`ALTER TABLE ${workspace.physical(relation)} DROP COLUMN c${column.id}`);
  return { ...relation, columns: relation.columns.filter((other) => other !== column) };
}

function renameColumn(relation: Relation, from: string, to: string): Relation {
  const column = requireColumn(relation, from);
  if (relation.columns.some((other) => other.name === to))
    throw new RedshiftError('42701', `column "${to}" of relation "${relation.name}" already exists`);
  return changeColumn(relation, column, { name: to });
}

/** Only VARCHAR may change its length. */
function changeType(
  workspace: Workspace,
  relation: Relation,
  name: string,
  action: AlterAction & { kind: 'columnType' },
): Relation {
  const column = requireColumn(relation, name);
  if (!relation.temporary && dependentsOfColumn(workspace, relation, column.id).length > 0)
    throw new RedshiftError('0A000', 'cannot alter type of a column used by a view or rule');
  if (column.type.kind !== 'varchar' || action.type.kind !== 'varchar') {
    throw new RedshiftError(
      '0A000',
      `cannot alter column "${name}" of type ${formatType(column.type)} to type ${formatType(action.type)}`,
    );
  }
  if ((action.type.length ?? 256) < (column.type.length ?? 256))
    throw new RedshiftError('0A000', 'target column size should be different');
  return changeColumn(relation, column, { type: action.type });
}

function changeEncoding(relation: Relation, name: string, encoding: string): Relation {
  const column = requireColumn(relation, name);
  requireEncoding(name, column.type, encoding);
  return changeColumn(relation, column, { encoding: encoding === 'raw' ? 'none' : encoding });
}

const changeColumn = (relation: Relation, column: Column, change: Partial<Column>): Relation => ({
  ...relation,
  columns: relation.columns.map((other) => (other === column ? { ...other, ...change } : other)),
});

function changeAttributes(
  workspace: Workspace,
  relation: Relation,
  attributes: (AlterAction & { kind: 'attributes' })['attributes'],
): Relation {
  const key = attributes.distributionKey && workspace.fold(attributes.distributionKey);
  const sort = attributes.sortKeys?.map((name) => workspace.fold(name));
  for (const name of [...(key === undefined ? [] : [key]), ...(sort ?? [])]) requireColumn(relation, name);
  return {
    ...relation,
    distributionStyle: attributes.distributionStyle ?? relation.distributionStyle,
    sortStyle: attributes.sortStyle ?? relation.sortStyle,
    columns: relation.columns.map((column) => ({
      ...column,
      distributionKey:
        key === undefined ? column.distributionKey && attributes.distributionStyle === undefined : column.name === key,
      sortKeyPosition: sort === undefined ? column.sortKeyPosition : sort.indexOf(column.name) + 1,
    })),
  };
}

function dropConstraint(relation: Relation, name: string): Relation {
  if (!relation.constraints.some((constraint) => constraint.name === name))
    throw new RedshiftError('42704', `constraint "${name}" does not exist`);
  return { ...relation, constraints: relation.constraints.filter((constraint) => constraint.name !== name) };
}
