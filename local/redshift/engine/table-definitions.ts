import { cast } from '../binder/casts.ts';
import { bindExpression } from '../binder/expression.ts';
import { isInterval, isText, storedType } from '../binder/types.ts';
import { type Column, type Constraint, type Relation, relationKey } from '../catalog/model.ts';
import type { ColumnDefinition, CreateTable, Definition, TableAttributes } from '../statements/statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type RedshiftType, type StatementResult } from '../types.ts';
import { keysOf } from './inherited-keys.ts';
import { bareContext, insertSelect } from './insertion.ts';
import { createPhysical } from './physical-tables.ts';
import { done } from './results.ts';
import { requireColumnRules, requireTableRules } from './table-rules.ts';
import type { Workspace } from './workspace.ts';

/** CREATE TABLE, with everything that Redshift keeps of it. */
export async function runCreateTable(workspace: Workspace, create: CreateTable): Promise<StatementResult> {
  const place = placeOf(workspace, create.table, create.temporary);
  if (exists(workspace, place, create.temporary)) {
    if (create.ifNotExists) return done('CREATE TABLE');
    throw new RedshiftError('42P07', `Relation "${place.name}" already exists`);
  }
  const columns = [
    ...create.like.flatMap((like) => likeColumns(workspace, like)),
    ...create.columns.map((column) => columnOf(workspace, column)),
  ];
  const numbered = applyAttributes(
    workspace,
    columns.map((column, i) => ({ ...column, id: i + 1 })),
    create,
  );
  requireTableRules(place.name, numbered, create.attributes, create);
  const relation = newRelation(
    workspace,
    place,
    create.temporary,
    numbered,
    create.attributes,
    constraintsOf(workspace, create),
  );
  await createPhysical(workspace, relation);
  return done('CREATE TABLE');
}

interface Place {
  readonly schema: string;
  readonly name: string;
}

/** Temporary tables live in a schema of the session's own. */
function placeOf(workspace: Workspace, names: readonly Identifier[], temporary: boolean): Place {
  if (!temporary) return workspace.target(names);
  return { schema: `pg_temp_${workspace.sessionId}`, name: workspace.fold(names.at(-1) as Identifier) };
}

function exists(workspace: Workspace, place: Place, temporary: boolean): boolean {
  if (temporary) return workspace.transaction.temporaryTables.has(place.name);
  return workspace.transaction.catalog.relations.has(relationKey(place.schema, place.name));
}

export function columnOf(workspace: Workspace, definition: ColumnDefinition): Column {
  const { type } = definition;
  if (type.kind === 'super' && isCaseless(workspace))
    throw new RedshiftError('0A000', 'SUPER column is not supported in case insensitive database.');
  if (isInterval(type) && type.scale === undefined)
    throw new RedshiftError(
      '0A000',
      'a column of type interval without fields is not supported: say YEAR TO MONTH or DAY TO SECOND',
    );
  requireColumnRules(workspace.fold(definition.name), definition);
  if (definition.defaultValue)
    cast(bindExpression(definition.defaultValue, bareContext(workspace, 'DEFAULT')), type, 'assignment');
  return {
    name: workspace.fold(definition.name),
    id: 0,
    type,
    notNull: definition.notNull || definition.identity !== undefined,
    defaultText: definition.defaultText,
    identity: definition.identity,
    encoding: definition.encoding === 'raw' ? 'none' : (definition.encoding ?? CHOSEN),
    distributionKey: definition.distributionKey,
    sortKeyPosition: definition.sortKey ? 1 : 0,
    caseInsensitive: hasNoCase(workspace, type, definition.caseInsensitive),
  };
}

/** Texts of a database that was made COLLATE CASE_INSENSITIVE have no case. */
const isCaseless = (workspace: Workspace): boolean =>
  workspace.cluster.directory.databases.get(workspace.database)?.caseInsensitive ?? false;

/** Whether a column's texts have no case: as it is said, or else as their database has it. */
export const hasNoCase = (workspace: Workspace, type: RedshiftType, said: boolean | undefined): boolean =>
  said ?? (isText(type) && isCaseless(workspace));

/** Stands for an encoding that a definition leaves to the system, until it is known whether the column is a sort key. */
const CHOSEN = 'auto';

/** What ENCODE AUTO chooses. */
export function defaultEncoding(type: RedshiftType, sortKey: boolean): string {
  if (sortKey || ['bool', 'float4', 'float8'].includes(type.kind)) return 'none';
  if (['varchar', 'char', 'super', 'varbyte'].includes(type.kind)) return type.kind === 'super' ? 'zstd' : 'lzo';
  return 'az64';
}

function likeColumns(workspace: Workspace, like: CreateTable['like'][number]): Column[] {
  return workspace.require(like.table).columns.map((column) => ({
    ...column,
    identity: undefined,
    defaultText: like.includingDefaults ? column.defaultText : undefined,
  }));
}

/** No table and no view has two columns of one name. */
export function requireDistinct(names: readonly string[]): void {
  const double = names.find((name, i) => names.indexOf(name) !== i);
  if (double !== undefined) throw new RedshiftError('42701', `column "${double}" specified more than once`);
}

function applyAttributes(
  workspace: Workspace,
  columns: readonly Column[],
  create: Pick<CreateTable, 'attributes' | 'table' | 'constraints'>,
): Column[] {
  const { attributes } = create;
  const distribution = attributes.distributionKey && workspace.fold(attributes.distributionKey);
  const sort = attributes.sortKeys?.map((key) => workspace.fold(key));
  const primary =
    create.constraints
      .find((constraint) => constraint.kind === 'primary')
      ?.columns.map((name) => workspace.fold(name)) ?? [];
  const names = columns.map((column) => column.name);
  requireDistinct(names);
  for (const key of [...(distribution === undefined ? [] : [distribution]), ...(sort ?? []), ...primary]) {
    if (!names.includes(key)) throw new RedshiftError('42703', `column "${key}" named in key does not exist`);
  }
  return columns.map((column) => {
    const sortKeyPosition = sort === undefined ? column.sortKeyPosition : sort.indexOf(column.name) + 1;
    return {
      ...column,
      notNull: column.notNull || primary.includes(column.name),
      distributionKey: distribution === undefined ? column.distributionKey : column.name === distribution,
      sortKeyPosition,
      encoding: column.encoding === CHOSEN ? defaultEncoding(column.type, sortKeyPosition > 0) : column.encoding,
    };
  });
}

function constraintsOf(workspace: Workspace, create: CreateTable): Constraint[] {
  const table = workspace.fold(create.table.at(-1) as Identifier);
  const fold = (names: readonly Identifier[]): string[] => names.map((name) => workspace.fold(name));
  const own = create.columns.flatMap((column): Constraint[] => {
    const columns = [workspace.fold(column.name)];
    const found: Constraint[] = [];
    if (column.primaryKey) found.push({ kind: 'primary', name: `${table}_pkey`, columns });
    if (column.unique) found.push({ kind: 'unique', name: `${table}_${columns[0]}_key`, columns });
    if (column.references)
      found.push({
        kind: 'foreign',
        name: `${table}_${columns[0]}_fkey`,
        columns,
        ...referenced(workspace, column.references.table, column.references.columns),
      });
    return found;
  });
  const declared = create.constraints.map(
    (constraint): Constraint => ({
      kind: constraint.kind,
      name: constraint.name
        ? workspace.fold(constraint.name)
        : `${table}_${constraint.kind === 'primary' ? 'pkey' : constraint.kind === 'unique' ? `${fold(constraint.columns).join('_')}_key` : `${fold(constraint.columns)[0]}_fkey`}`,
      columns: fold(constraint.columns),
      ...(constraint.table ? referenced(workspace, constraint.table, constraint.referenced ?? []) : {}),
    }),
  );
  return [...own, ...declared];
}

function referenced(
  workspace: Workspace,
  table: readonly Identifier[],
  columns: readonly Identifier[],
): Partial<Constraint> {
  const relation = workspace.require(table);
  for (const column of columns) {
    const name = workspace.fold(column);
    if (!relation.columns.some((candidate) => candidate.name === name))
      throw new RedshiftError('42703', `column "${name}" referenced in foreign key constraint does not exist`);
  }
  return {
    referencedSchema: relation.schema,
    referencedTable: relation.name,
    referencedColumns: columns.map((column) => workspace.fold(column)),
  };
}

export function newRelation(
  workspace: Workspace,
  place: Place,
  temporary: boolean,
  columns: readonly Column[],
  attributes: TableAttributes,
  constraints: readonly Constraint[],
): Relation {
  const hasKey = columns.some((column) => column.distributionKey);
  return {
    id: workspace.cluster.nextId(),
    ...place,
    kind: 'table',
    owner: workspace.user,
    temporary,
    columns,
    constraints,
    distributionStyle: attributes.distributionStyle ?? (hasKey ? 'key' : 'auto'),
    sortStyle: attributes.sortStyle ?? (columns.some((column) => column.sortKeyPosition > 0) ? 'compound' : 'auto'),
    createdAt: new Date().toISOString(),
  };
}

/** CREATE TABLE AS, and SELECT INTO. */
export async function runCreateTableAs(
  workspace: Workspace,
  create: Definition & { kind: 'createTableAs' },
): Promise<StatementResult> {
  const place = placeOf(workspace, create.table, create.temporary);
  if (exists(workspace, place, create.temporary))
    throw new RedshiftError('42P07', `Relation "${place.name}" already exists`);
  const query = workspace.bind(create.query);
  if (create.columns.length > query.columns.length)
    throw new RedshiftError('42601', 'CREATE TABLE AS specifies too many column names');
  const columns = query.columns.map((column, i): Column => {
    const given = create.columns[i];
    const type = storedType(column.type);
    return {
      name: given ? workspace.fold(given) : column.name,
      id: i + 1,
      type,
      notNull: false,
      encoding: CHOSEN,
      distributionKey: false,
      sortKeyPosition: 0,
      caseInsensitive: hasNoCase(workspace, type, column.caseInsensitive),
    };
  });
  const attributes = keysOf(workspace, create, columns);
  const attributed = applyAttributes(workspace, columns, { ...create, attributes, constraints: [] });
  requireTableRules(place.name, attributed, create.attributes);
  const wanted = newRelation(workspace, place, create.temporary, attributed, attributes, []);
  const relation = await createPhysical(workspace, wanted);
  const rowCount = await workspace.change(insertSelect(workspace, relation, relation.columns, query));
  return { tag: 'SELECT', rowCount };
}
