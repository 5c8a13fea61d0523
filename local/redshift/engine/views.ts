import type { BindEnvironment } from '../binder/context.ts';
import { bindQuery } from '../binder/query.ts';
import { viewEnvironment } from '../binder/relation.ts';
import { formatType, storedType } from '../binder/types.ts';
import { readOf } from '../binder/view-reads.ts';
import { type Column, type ReadRelation, type Relation, relationKey } from '../catalog/model.ts';
import { parseQueryText } from '../statements/parse.ts';
import type { Definition } from '../statements/statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { insertSelect } from './insertion.ts';
import { requireMaterializableQuery, requireMaterializableRead } from './materialized-limits.ts';
import { createPhysical } from './physical-tables.ts';
import { done } from './results.ts';
import { hasNoCase, newRelation, requireDistinct } from './table-definitions.ts';
import { walk } from './walk.ts';
import type { Workspace } from './workspace.ts';

/** Views are kept as source; binding them once now finds their mistakes, but for late-binding ones. */
export async function runCreateView(
  workspace: Workspace,
  create: Definition & { kind: 'createView' },
): Promise<StatementResult> {
  const place = workspace.target(create.view);
  const present = workspace.transaction.catalog.relations.get(relationKey(place.schema, place.name));
  if (present && (!create.replace || present.kind === 'table' || present.kind === 'materialized_view'))
    throw new RedshiftError('42P07', `Relation "${place.name}" already exists`);
  if (create.late) requireQualifiedNames(create.query);
  const reads: ReadRelation[] = [];
  if (create.materialized) requireMaterializableQuery(workspace, create.query);
  const columns = viewColumns(workspace, create, (relation) => {
    if (create.materialized) requireMaterializableRead(relation);
    noteRead(reads, relation);
  });
  // What a late-binding view yields is not known while what it reads is not there.
  if (present && present.columns.length > 0 && columns.length > 0) requireSameColumns(present.columns, columns);
  const relation: Relation = {
    ...newRelation(workspace, place, false, columns, {}, []),
    id: present?.id ?? workspace.cluster.nextId(),
    kind: create.materialized ? 'materialized_view' : create.late ? 'late_binding_view' : 'view',
    definition: create.text,
    caseSensitiveSuperAttribute: workspace.settings.binder().caseSensitiveSuperAttribute,
    ...(create.late ? {} : { reads, searchPath: workspace.searchPath() }),
  };
  if (!create.materialized) {
    await workspace.transaction.change({ kind: 'putRelation', relation });
    return done('CREATE VIEW');
  }
  await createPhysical(workspace, relation);
  await fill(workspace, relation);
  return done('CREATE MATERIALIZED VIEW');
}

function noteRead(reads: ReadRelation[], relation: Relation): void {
  if (relation.temporary)
    throw new RedshiftError('0A000', `the box makes no view of the temporary table "${relation.name}"`);
  if (!reads.some(({ id }) => id === relation.id)) reads.push(readOf(relation));
}

/** A view is replaced by one of the same columns only. */
function requireSameColumns(before: readonly Column[], after: readonly Column[]): void {
  const refuse = (what: string): never => {
    throw new RedshiftError('42P16', what);
  };
  if (before.length !== after.length) refuse('cannot change number of columns in view');
  for (const [i, column] of before.entries()) {
    if (after[i]?.name !== column.name) refuse(`cannot change name of view column "${column.name}"`);
    if (formatType((after[i] as Column).type) !== formatType(column.type))
      refuse(`cannot change data type of view column "${column.name}"`);
  }
}

type NoteRead = NonNullable<BindEnvironment['noteRead']>;

function viewColumns(workspace: Workspace, create: Definition & { kind: 'createView' }, noteRead: NoteRead): Column[] {
  if (create.late && create.columns.length === 0) {
    try {
      return bindColumns(workspace, create, undefined);
    } catch (error) {
      if (error instanceof RedshiftError) return [];
      throw error;
    }
  }
  return bindColumns(workspace, create, create.late ? undefined : noteRead);
}

function bindColumns(
  workspace: Workspace,
  create: Definition & { kind: 'createView' },
  noteRead: NoteRead | undefined,
): Column[] {
  const environment = { ...workspace.environment(), noteRead };
  const query = bindQuery(create.query, { environment, commonTables: new Map() });
  if (create.columns.length > query.columns.length)
    throw new RedshiftError('42601', 'CREATE VIEW specifies more column names than columns');
  const names = query.columns.map(({ name }, i) => (create.columns[i] ? workspace.fold(create.columns[i]) : name));
  requireDistinct(names);
  return query.columns.map((column, i): Column => {
    return {
      name: names[i] as string,
      id: i + 1,
      type: column.type.kind.startsWith('interval') ? column.type : storedType(column.type),
      notNull: false,
      encoding: 'none',
      distributionKey: false,
      sortKeyPosition: 0,
      caseInsensitive: hasNoCase(workspace, column.type, column.caseInsensitive),
      comment: create.columns[i] ? 'named' : undefined,
    };
  });
}

/** A late-binding view names the schema of everything that it reads. */
function requireQualifiedNames(query: unknown): void {
  const names = new Set<string>();
  walk(query, (node) => {
    for (const table of (node.with as { name: Identifier }[] | undefined) ?? [])
      names.add(table.name.name.toLowerCase());
  });
  const aliases = new Set<string>();
  walk(query, (node) => {
    if (node.kind !== 'named') return;
    const expression = node.expression as { kind: string; root: Identifier; steps: unknown[] };
    if (node.alias) aliases.add((node.alias as Identifier).name.toLowerCase());
    if (expression.kind !== 'reference' || expression.steps.length > 0) return;
    const name = expression.root.name.toLowerCase();
    if (names.has(name) || aliases.has(name) || /^(svv|sys|stl|stv|pg)_/.test(name)) return;
    throw new RedshiftError(
      '42P01',
      `All the relation names inside should be qualified when creating VIEW WITH NO SCHEMA BINDING.`,
    );
  });
}

async function fill(workspace: Workspace, relation: Relation): Promise<void> {
  const around = viewEnvironment(relation, workspace.database, workspace.environment());
  const query = bindQuery(parseQueryText(relation.definition as string), {
    environment: around,
    commonTables: new Map(),
  });
  await workspace.change(insertSelect(workspace, { ...relation, kind: 'table' }, relation.columns, query));
}

/** REFRESH computes the view again, whole. */
export async function runRefresh(
  workspace: Workspace,
  refresh: Definition & { kind: 'refresh' },
): Promise<StatementResult> {
  const relation = workspace.require(refresh.view, ['materialized_view']);
  await workspace.change(`DELETE FROM ${workspace.physical(relation)}`);
  await fill(workspace, relation);
  return done('REFRESH');
}
