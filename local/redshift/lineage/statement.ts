import type { BindEnvironment } from '../binder/context.ts';
import { bindQuery } from '../binder/query.ts';
import { findRelation } from '../binder/relation.ts';
import { fold } from '../binder/scope.ts';
import type { Relation } from '../catalog/model.ts';
import type { Assignment, Delete, Insert, Merge, Statement, Update } from '../statements/statement.ts';
import type { Expression, FromItem, Identifier, Query } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { valueOf } from './expression.ts';
import { dependences, either, type Flow, identity, influence, NOTHING, type Value } from './flow.ts';
import { type FromLineage, fromLineage, NO_SOURCES, placeWithin, sourceLineage, together } from './from.ts';
import type { LineageOptions, RelationName, StatementLineage } from './model.ts';
import { queryLineage, withCommonTables } from './query.ts';
import { note, placeOf, viewLineage } from './relation.ts';
import type { LineageColumn, Place, Surroundings, Trace } from './scope.ts';

interface Effect {
  readonly columns: readonly LineageColumn[];
  readonly rows: readonly Flow[];
  readonly writes: readonly RelationName[];
}

const effect = (columns: readonly LineageColumn[], rows: readonly Flow[], ...writes: RelationName[]): Effect => ({
  columns,
  rows,
  writes,
});

/** Where each column of a statement comes from. Pure: it asks the catalog for names and views, and no data. */
export function statementLineage(
  statement: Statement,
  environment: BindEnvironment,
  options: LineageOptions = {},
): StatementLineage {
  if (statement.kind === 'explain') return statementLineage(statement.statement, environment, options);
  const trace: Trace = { reads: new Map(), through: new Map() };
  const around: Surroundings = { environment, options, trace, commonTables: new Map() };
  const { columns, rows, writes } = effectOf(statement, around);
  return {
    kind: statement.kind,
    reads: [...trace.reads.values()],
    through: [...trace.through.values()],
    writes,
    columns: columns.map(({ name, value }) => ({ name, inputs: dependences(value.flows) })),
    rows: dependences(rows),
  };
}

function effectOf(statement: Statement, around: Surroundings): Effect {
  switch (statement.kind) {
    case 'select':
    case 'unload':
    case 'declareCursor':
      return selected(statement.query, around);
    case 'createTableAs':
      return made(statement.table, statement.columns, statement.query, statement.temporary, around);
    case 'createView':
      return made(statement.view, statement.columns, statement.query, false, around);
    case 'insert':
      return inserted(statement, around);
    case 'update':
      return updated(statement, around);
    case 'delete':
      return deleted(statement, around);
    case 'merge':
      return merged(statement, around);
    case 'refresh': {
      const view = target(statement.view, around);
      const query = viewLineage(view.relation, around.environment.database, around);
      return effect(query.columns, query.rows, view.place);
    }
    case 'copy':
    case 'truncate':
      return effect([], [], target(statement.table, around).place);
    default:
      return effect([], []);
  }
}

/** A query's columns under the names that the binder gives them, which also finds what is wrong with the query. */
function bound(query: Query, around: Surroundings): Omit<Effect, 'writes'> {
  const names = bindQuery(query, { environment: around.environment, commonTables: new Map() }).columns;
  const { columns, rows } = queryLineage(query, around);
  return { columns: names.map(({ name }, i) => ({ name, value: columns[i]?.value ?? NOTHING })), rows };
}

function selected(query: Query, around: Surroundings): Effect {
  const { columns, rows } = bound(query, around);
  const into = query.body.kind === 'select' ? query.body.into : undefined;
  return into ? effect(columns, rows, newPlace(into.name, into.temporary, around)) : effect(columns, rows);
}

function made(
  names: readonly Identifier[],
  given: readonly Identifier[],
  query: Query,
  temporary: boolean,
  around: Surroundings,
): Effect {
  const { columns, rows } = bound(query, around);
  const renamed = columns.map((column, i) => ({
    name: given[i] ? fold(given[i], around.environment.settings) : column.name,
    value: column.value,
  }));
  return effect(renamed, rows, newPlace(names, temporary, around));
}

/** Where something that is about to be made will be. */
function newPlace(names: readonly Identifier[], temporary: boolean, around: Surroundings): RelationName {
  const { environment } = around;
  const [name, schema] = names.map((part) => fold(part, environment.settings)).reverse() as [string, string?];
  const isTemporary = temporary || name.startsWith('#');
  const first = environment.searchPath.find((path) => environment.catalog(environment.database)?.schemas.has(path));
  return {
    database: environment.database,
    schema: isTemporary ? 'pg_temp' : (schema ?? first ?? 'public'),
    relation: name,
  };
}

interface Target {
  readonly relation: Relation;
  readonly place: RelationName;
}

function target(names: readonly Identifier[], around: Surroundings): Target {
  const { environment } = around;
  const folded = names.map((part) => fold(part, environment.settings));
  const [name, schema] = [...folded].reverse() as [string, string?];
  const relation = findRelation(name, schema, undefined, environment);
  if (!relation)
    throw new RedshiftError('42P01', `relation "${folded.join('.')}" does not exist`, {
      position: (names[0] as Identifier).position + 1,
    });
  return { relation, place: placeOf(relation, environment.database) };
}

function inserted(insert: Insert, around: Surroundings): Effect {
  const { relation, place } = target(insert.table, around);
  const writable = relation.columns.filter((column) => !column.identity || column.identity.byDefault);
  const names =
    insert.columns.length > 0
      ? insert.columns.map((column) => fold(column, around.environment.settings))
      : writable.map((column) => column.name);
  const { source } = insert;
  if (source.kind === 'defaults') return effect([], [], place);
  if (source.kind === 'query') {
    const { columns, rows } = bound(source.query, around);
    return effect(
      underNames(
        columns.map((column) => column.value),
        names,
      ),
      rows,
      place,
    );
  }
  const here = placeWithin(around, NO_SOURCES);
  const width = source.rows[0]?.length ?? 0;
  const values = Array.from({ length: width }, (_cell, i) =>
    either(source.rows.map((row) => (row[i] ? valueOf(row[i], here) : NOTHING))),
  );
  return effect(underNames(values, names), [], place);
}

const underNames = (values: readonly Value[], names: readonly string[]): LineageColumn[] =>
  values.map((value, i) => ({ name: names[i] ?? '?column?', value }));

/** The target's own columns beside the other sources of UPDATE, DELETE and MERGE. */
function withTarget({ relation, place }: Target, alias: Identifier | undefined, around: Surroundings): FromLineage {
  const name = alias ? fold(alias, around.environment.settings) : relation.name;
  const columns = relation.columns.map((column) => ({ name: column.name, value: identity(place, column.name) }));
  return { sources: [{ name, schema: alias ? undefined : relation.schema, columns }], merged: [], rows: [] };
}

function beside(
  statement: Update | Delete,
  sources: readonly FromItem[],
  outer: Surroundings,
): { around: Surroundings; place: Place; target: Target; rows: readonly Flow[] } {
  const found = target(statement.table, outer);
  const around = withCommonTables({ with: statement.with, recursive: false }, outer);
  const from = together(withTarget(found, statement.alias, around), fromLineage(sources, around));
  const place = placeWithin(around, from);
  const where = statement.where ? influence([valueOf(statement.where, place)], 'FILTER') : [];
  return { around, place, target: found, rows: [...from.rows, ...where] };
}

const assigned = (set: readonly Assignment[], place: Place): LineageColumn[] =>
  set.map(({ column, value }) => ({
    name: fold(column, place.environment.settings),
    value: value.kind === 'default' ? NOTHING : valueOf(value, place),
  }));

/** The target is read only where its columns are. */
function noteTarget(effects: Effect, at: RelationName, trace: Trace): Effect {
  const flows = [...effects.columns.flatMap((column) => column.value.flows), ...effects.rows];
  const isRead = flows.some(
    ({ source }) => source.relation === at.relation && source.schema === at.schema && source.database === at.database,
  );
  if (isRead) note(trace.reads, at);
  return effects;
}

function updated(update: Update, outer: Surroundings): Effect {
  const { place, target: at, rows } = beside(update, update.from, outer);
  return noteTarget(effect(assigned(update.set, place), rows, at.place), at.place, outer.trace);
}

function deleted(statement: Delete, outer: Surroundings): Effect {
  const { target: at, rows } = beside(statement, statement.using, outer);
  return noteTarget(effect([], rows, at.place), at.place, outer.trace);
}

/** What WHEN MATCHED sets and WHEN NOT MATCHED inserts: a column may get either. */
function merged(merge: Merge, around: Surroundings): Effect {
  const at = target(merge.target, around);
  const source = sourceLineage(merge.source, around, NO_SOURCES);
  const place = placeWithin(around, together(withTarget(at, undefined, around), source));
  const rows = [...source.rows, ...influence([valueOf(merge.on, place)], 'JOIN')];
  const columns = merge.removeDuplicates
    ? underNames(
        source.sources.flatMap((one) => one.columns.map((column) => column.value)),
        columnNames(at.relation),
      )
    : [
        ...(merge.matched?.kind === 'update' ? assigned(merge.matched.set, place) : []),
        ...(merge.notMatched ? insertedValues(merge.notMatched, at.relation, placeWithin(around, source)) : []),
      ];
  const names = [...new Set(columns.map((column) => column.name))];
  const each = names.map((name) => ({
    name,
    value: either(columns.filter((column) => column.name === name).map((column) => column.value)),
  }));
  return noteTarget(effect(each, rows, at.place), at.place, around.trace);
}

const columnNames = (relation: Relation): string[] => relation.columns.map((column) => column.name);

function insertedValues(
  insert: { readonly columns: readonly Identifier[]; readonly values: readonly Expression[] },
  relation: Relation,
  place: Place,
): LineageColumn[] {
  const given = insert.columns.map((column) => fold(column, place.environment.settings));
  const values = insert.values.map((value) => (value.kind === 'default' ? NOTHING : valueOf(value, place)));
  return underNames(values, given.length > 0 ? given : columnNames(relation));
}
