import { type CatalogState, DATA_SCHEMA, type Relation, relationKey } from '../catalog/model.ts';
import { quoteName } from '../rewriter/sql.ts';
import { parseQueryText } from '../statements/parse.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type RedshiftType, type ResultColumn } from '../types.ts';
import { constant } from './bound.ts';
import { cast } from './casts.ts';
import type { BindEnvironment, BoundQuery } from './context.ts';
import { nextName } from './names.ts';
import { bindQuery, type QueryContext } from './query.ts';
import { fold } from './scope.ts';
import { asKnownTo, current } from './view-reads.ts';

/** A table, view or named query as FROM may read it. */
export interface FoundTable {
  readonly name: string;
  readonly schema?: string;
  readonly database?: string;
  readonly system?: boolean;
  /** Rows that somebody stored: compute nodes read them. */
  readonly stored?: boolean;
  readonly sql: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: RedshiftType;
    readonly physical: string;
    readonly trimmed?: boolean;
    readonly caseInsensitive?: boolean;
    readonly unlisted?: boolean;
    /** Set where the reader lacks the privilege: the relation's name, for the error. */
    readonly denied?: string;
  }[];
}

/** Looks for a name: WITH's queries, temporary tables, the search path, the system's tables. */
export function findTable(names: readonly Identifier[], context: QueryContext): FoundTable | undefined {
  const { environment } = context;
  const [name, schema, database] = names.map((part) => fold(part, environment.settings)).reverse() as [
    string,
    string?,
    string?,
  ];
  if (schema === undefined) {
    const common = context.commonTables.get(name);
    if (common)
      return {
        name,
        sql: common.sqlName,
        columns: common.columns.map((column, i) => ({ ...column, physical: `c${i + 1}` })),
      };
  }
  const relation = findRelation(name, schema, database, environment);
  if (relation) return guarded(relation, database ?? environment.database, environment);
  if (database !== undefined && database !== environment.database) return undefined;
  const system = environment.systemTable(schema ?? 'pg_catalog', name);
  if (!system) return undefined;
  return {
    name,
    schema: system.schema,
    system: true,
    sql: `(${system.sql})`,
    columns: system.columns.map((column, i) => ({ ...column, physical: `c${i + 1}` })),
  };
}

/** Privileges stand under the names of now, which are not always those that a view knows. */
function currentOf(relation: Relation, database: string, environment: BindEnvironment): Relation {
  const catalog = environment.catalogNow?.(database);
  return (catalog && current(catalog, relation)) ?? relation;
}

/** A relation with its columns marked that the reader may not read. */
function guarded(relation: Relation, database: string, environment: BindEnvironment): FoundTable {
  environment.noteRead?.(relation);
  const now = currentOf(relation, database, environment);
  const readable = relation.temporary ? undefined : environment.rights?.readableColumns(now, database);
  const table = tableOf(relation, database, environment);
  if (!readable) return table;
  const names = new Map(
    relation.columns.map(({ id, name }) => [name, now.columns.find((other) => other.id === id)?.name]),
  );
  const columns = table.columns.map((column) =>
    readable.has(names.get(column.name) ?? column.name) ? column : { ...column, denied: now.name },
  );
  return { ...table, columns };
}

/** A relation of the catalog by its name; temporary tables come first where no schema is given. */
export function findRelation(
  name: string,
  schema: string | undefined,
  database: string | undefined,
  environment: BindEnvironment,
): Relation | undefined {
  if (schema === undefined || schema.startsWith('pg_temp')) {
    const temporary = environment.temporary(name);
    if (temporary) return temporary;
  }
  const catalog = environment.catalog(database ?? environment.database);
  if (!catalog) return undefined;
  if (schema !== undefined && catalog.schemas.has(schema))
    environment.rights?.requireUsage(schema, database ?? environment.database);
  const schemas = schema === undefined ? environment.searchPath : [schema];
  for (const candidate of schemas) {
    const found = catalog.relations.get(relationKey(candidate, name));
    if (found) return found;
  }
  return undefined;
}

export function physicalTable(relation: Relation, database: string): string {
  if (relation.temporary) return `temp.main.t${relation.id}`;
  return `${quoteName(database)}.${DATA_SCHEMA}.t${relation.id}`;
}

/** A relation's columns as a reader sees them now: those of a view are found by binding it. */
export function relationColumns(
  relation: Relation,
  environment: BindEnvironment,
): readonly Pick<ResultColumn, 'name' | 'type'>[] {
  return tableOf(relation, environment.database, environment).columns;
}

function tableOf(relation: Relation, database: string, environment: BindEnvironment): FoundTable {
  if (relation.kind === 'view' || relation.kind === 'late_binding_view') return viewOf(relation, database, environment);
  const columns = relation.columns.map((column) => ({
    name: column.name,
    type: column.type,
    physical: `c${column.id}`,
    trimmed: column.type.kind === 'char',
    caseInsensitive: column.caseInsensitive,
  }));
  const { name, schema } = relation;
  return { name, schema, database, stored: true, sql: physicalTable(relation, database), columns };
}

const MAXIMUM_VIEW_DEPTH = 50;

/** What a view's query is bound under: its database and schema, its owner's rights, the case setting that it froze. */
export function viewEnvironment(relation: Relation, database: string, environment: BindEnvironment): BindEnvironment {
  if (environment.depth > MAXIMUM_VIEW_DEPTH) throw new RedshiftError('54001', 'views are nested too deeply');
  const now = environment.catalogNow ?? environment.catalog;
  const { reads } = relation;
  const known = (name: string): CatalogState | undefined => {
    const catalog = now(name);
    return reads && catalog && name === database ? asKnownTo(reads, catalog) : catalog;
  };
  const path = relation.searchPath ?? [relation.schema, ...environment.searchPath];
  return {
    ...environment,
    database,
    catalog: known,
    catalogNow: now,
    noteRead: undefined,
    temporary: reads ? () => undefined : environment.temporary,
    searchPath: [...new Set(path)],
    settings: viewSettings(relation, environment),
    parameters: [],
    argumentValues: undefined,
    rights: environment.rights?.ofOwner(relation),
    depth: environment.depth + 1,
  };
}

/** A late-binding view reads attributes by the session's own setting. */
const viewSettings = (relation: Relation, { settings }: BindEnvironment): BindEnvironment['settings'] =>
  relation.kind === 'late_binding_view'
    ? settings
    : { ...settings, caseSensitiveSuperAttribute: relation.caseSensitiveSuperAttribute ?? false };

/** A view is bound from its source each time. */
function viewOf(relation: Relation, database: string, environment: BindEnvironment): FoundTable {
  const query = bindQuery(parseQueryText(relation.definition as string), {
    environment: viewEnvironment(relation, database, environment),
    commonTables: new Map(),
  });
  const columns = viewColumns(relation, query);
  const sql =
    relation.kind === 'view'
      ? asDeclared(
          query,
          columns.map((column) => column.type),
        )
      : query.sql;
  return { name: relation.name, schema: relation.schema, database, sql: `(${sql})`, columns };
}

function viewColumns(relation: Relation, query: BoundQuery): FoundTable['columns'] {
  if (relation.kind === 'late_binding_view') {
    const names = relation.columns.map((column) => column.name);
    return query.columns.map((column, i) => ({
      ...column,
      name:
        names.length === query.columns.length && relation.columns[i]?.comment === 'named'
          ? (names[i] as string)
          : column.name,
      physical: `c${i + 1}`,
    }));
  }
  return relation.columns.map((column, i) => ({
    name: column.name,
    type: column.type,
    physical: `c${i + 1}`,
    trimmed: query.columns[i]?.trimmed,
    caseInsensitive: column.caseInsensitive,
  }));
}

function asDeclared(query: BoundQuery, types: readonly RedshiftType[]): string {
  if (query.columns.every((column, i) => JSON.stringify(column.type) === JSON.stringify(types[i]))) return query.sql;
  const alias = nextName();
  const list = query.columns.map(
    (column, i) =>
      `${cast(constant(`${alias}.c${i + 1}`, column.type), types[i] as RedshiftType, 'implicit').sql} AS c${i + 1}`,
  );
  return `SELECT ${list.join(', ')} FROM (${query.sql}) AS ${alias}`;
}
