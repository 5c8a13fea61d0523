import { findRelation, viewEnvironment } from '../binder/relation.ts';
import { fold } from '../binder/scope.ts';
import type { Relation } from '../catalog/model.ts';
import { parseQueryText } from '../statements/parse.ts';
import type { Identifier } from '../statements/syntax.ts';
import { identity } from './flow.ts';
import type { RelationName } from './model.ts';
import { type QueryLineage, queryLineage } from './query.ts';
import type { LineageColumn, LineageSource, Surroundings } from './scope.ts';

export interface FoundRelation extends QueryLineage {
  readonly source: LineageSource;
}

/** Looks for what a name in FROM means: WITH's queries, relations of the catalog, the system's tables. */
export function findReadable(names: readonly Identifier[], around: Surroundings): FoundRelation | undefined {
  const { environment } = around;
  const folded = names.map((part) => fold(part, environment.settings)).reverse();
  const [name, schema, database] = folded as [string, string?, string?];
  const common = schema === undefined ? around.commonTables.get(name) : undefined;
  if (common) return { source: { name, columns: common.columns }, ...common };
  const relation = findRelation(name, schema, database, environment);
  if (relation) return relationLineage(relation, database ?? environment.database, around);
  if (database !== undefined && database !== environment.database) return undefined;
  const system = environment.systemTable(schema ?? 'pg_catalog', name);
  if (!system) return undefined;
  const place = { database: environment.database, schema: system.schema, relation: system.name };
  note(around.trace.reads, place);
  const columns = system.columns.map((column) => ({ name: column.name, value: identity(place, column.name) }));
  return { source: { name, schema: system.schema, columns }, columns, rows: [] };
}

export const note = (met: Map<string, RelationName>, place: RelationName): void => {
  met.set(JSON.stringify([place.database, place.schema, place.relation]), place);
};

export const placeOf = (relation: Relation, database: string): RelationName => ({
  database,
  schema: relation.temporary ? 'pg_temp' : relation.schema,
  relation: relation.name,
});

/** A table's columns are sources; a view's come from its query, unless one is to stop there. */
function relationLineage(relation: Relation, database: string, around: Surroundings): FoundRelation {
  const place = placeOf(relation, database);
  const found = (columns: readonly LineageColumn[], rows: QueryLineage['rows']): FoundRelation => ({
    source: { name: relation.name, schema: relation.schema, database, columns },
    columns,
    rows,
  });
  if (relation.definition !== undefined && around.options.views !== 'stop') {
    note(around.trace.through, place);
    const query = viewLineage(relation, database, around);
    return found(query.columns, query.rows);
  }
  note(around.trace.reads, place);
  const names =
    relation.columns.length > 0 ? relation.columns.map((column) => column.name) : lateNames(relation, database, around);
  return found(
    names.map((name) => ({ name, value: identity(place, name) })),
    [],
  );
}

/** A view's query, under the names that the view gives its columns. */
export function viewLineage(relation: Relation, database: string, around: Surroundings): QueryLineage {
  const query = queryLineage(parseQueryText(relation.definition as string), {
    environment: viewEnvironment(relation, database, around.environment),
    options: around.options,
    trace: around.trace,
    commonTables: new Map(),
  });
  const isLate = relation.kind === 'late_binding_view';
  const columns = query.columns.map((column, i) => {
    const declared = relation.columns[i];
    return declared && (!isLate || declared.comment === 'named') ? { ...column, name: declared.name } : column;
  });
  return { columns, rows: query.rows };
}

/** A late-binding view that was made before its tables knows its columns only now. */
function lateNames(relation: Relation, database: string, around: Surroundings): string[] {
  const aside = { ...around, trace: { reads: new Map(), through: new Map() } };
  return viewLineage(relation, database, aside).columns.map((column) => column.name);
}
