import { withOuterMarks } from '../binder/outer-marks.ts';
import { fold } from '../binder/scope.ts';
import type {
  CommonTable,
  Expression,
  GroupItem,
  OrderItem,
  Query,
  QueryBody,
  Select,
  SetOperation,
} from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { columnName } from './column-name.ts';
import { valueOf } from './expression.ts';
import { either, type Flow, influence, NOTHING, unique, type Value, widened } from './flow.ts';
import { type FromLineage, fromLineage, placeWithin, renamed, together, visible } from './from.ts';
import { findSource, type LineageColumn, type Place, type Surroundings } from './scope.ts';

/** A query's columns, and what decides on its rows. */
export interface QueryLineage {
  readonly columns: readonly LineageColumn[];
  readonly rows: readonly Flow[];
}

export function queryLineage(query: Query, around: Surroundings): QueryLineage {
  const inner = withCommonTables(query, around);
  if (query.body.kind === 'select') return selectLineage(query.body, query.orderBy, inner);
  const body = bodyLineage(query.body, inner);
  const place: Place = { ...inner, scope: { sources: [{ name: '', columns: body.columns }], merged: [] } };
  return { ...body, rows: unique([...body.rows, ...orderFlows(query.orderBy, body.columns, place)]) };
}

/** The queries of WITH in order; each sees those before it. */
export function withCommonTables(query: Pick<Query, 'with' | 'recursive'>, around: Surroundings): Surroundings {
  if (query.with.length === 0) return around;
  const commonTables = new Map(around.commonTables);
  for (const table of query.with) {
    const name = fold(table.name, around.environment.settings);
    const inner: Surroundings = { ...around, commonTables };
    const found = query.recursive ? recursiveLineage(table, name, inner) : queryLineage(table.query, inner);
    commonTables.set(name, { columns: renamed(found.columns, table.columns, around), rows: found.rows });
  }
  return { ...around, commonTables };
}

const MAXIMUM_ROUNDS = 12;

/** `first UNION ALL second`: the second is looked at again until it says nothing new. */
function recursiveLineage(table: CommonTable, name: string, around: Surroundings): QueryLineage {
  const { body } = table.query;
  if (body.kind !== 'setOperation') return queryLineage(table.query, around);
  let known = bodyLineage(body.left, around);
  for (let round = 0; round < MAXIMUM_ROUNDS; round += 1) {
    const columns = renamed(known.columns, table.columns, around);
    const commonTables = new Map(around.commonTables).set(name, { columns, rows: known.rows });
    const next = bodyLineage(body.right, { ...around, commonTables });
    const joined = known.columns.map((column, i) => ({
      ...column,
      value: widened(column.value, next.columns[i]?.value ?? NOTHING),
    }));
    const grown = { columns: joined, rows: widened({ flows: known.rows }, { flows: next.rows }).flows };
    if (JSON.stringify(grown) === JSON.stringify(known)) return known;
    known = grown;
  }
  return known;
}

function bodyLineage(body: QueryBody, around: Surroundings): QueryLineage {
  switch (body.kind) {
    case 'select':
      return selectLineage(body, [], around);
    case 'nested':
      return queryLineage(body.query, around);
    case 'setOperation':
      return setLineage(body, around);
    case 'values':
      throw new RedshiftError('42601', 'syntax error at or near "VALUES"');
  }
}

/** UNION ALL only adds rows; the others compare whole rows. EXCEPT shows values of its first query only. */
function setLineage(operation: SetOperation, around: Surroundings): QueryLineage {
  const [left, right] = [bodyLineage(operation.left, around), bodyLineage(operation.right, around)];
  const columns = left.columns.map((column, i) => ({
    name: column.name,
    value: operation.operator === 'except' ? column.value : either([column.value, right.columns[i]?.value ?? NOTHING]),
  }));
  const rows = [...left.rows, ...right.rows];
  if (operation.all) return { columns, rows };
  const compared = [...left.columns, ...right.columns].map((column) => column.value);
  return { columns, rows: [...rows, ...influence(compared, operation.operator === 'union' ? 'GROUP_BY' : 'FILTER')] };
}

function selectLineage(written: Select, orderBy: readonly OrderItem[], around: Surroundings): QueryLineage {
  const select = withOuterMarks(written, { environment: around.environment, commonTables: new Map() });
  const from = connected(select, fromLineage(select.from, around), around);
  const place = placeWithin(around, from);
  const { columns, aliases } = itemLineage(select, place);
  const named: Place = { ...place, aliases };
  const condition = (expression: Expression | undefined): readonly Flow[] =>
    expression ? influence([valueOf(expression, named)], 'FILTER') : [];
  const rows = [
    ...from.rows,
    ...condition(select.where),
    ...groupFlows(select, columns, named),
    ...condition(select.having),
    ...condition(select.qualify),
    ...(select.distinct
      ? influence(
          columns.map((column) => column.value),
          'GROUP_BY',
        )
      : []),
    ...orderFlows(orderBy, columns, named),
  ];
  return { columns, rows: unique(rows) };
}

/** CONNECT BY walks over the rows of one table, and says on which LEVEL each was found. */
function connected(select: Select, from: FromLineage, around: Surroundings): FromLineage {
  if (!select.connect) return from;
  const level = {
    sources: [{ name: '', columns: [{ name: 'level', value: NOTHING }], pseudo: true }],
    merged: [],
    rows: [],
  };
  const place = placeWithin(around, from);
  const { startWith, by } = select.connect;
  const start = startWith ? influence([valueOf(startWith, place)], 'FILTER') : [];
  return { ...together(from, level), rows: [...from.rows, ...start, ...influence([valueOf(by, place)], 'JOIN')] };
}

/** Select items see the aliases of those to their left. */
function itemLineage(select: Select, place: Place): { columns: LineageColumn[]; aliases: Map<string, Value> } {
  const columns: LineageColumn[] = [];
  const aliases = new Map<string, Value>();
  const inner: Place = { ...place, aliases };
  for (const item of select.items) {
    if (item.expression.kind === 'star') {
      columns.push(...starColumns(item.expression, place));
      continue;
    }
    const value = valueOf(item.expression, inner);
    const name = columnName(item, place.environment.settings);
    columns.push({ name, value });
    if (item.alias && !aliases.has(name)) aliases.set(name, value);
  }
  return { columns, aliases };
}

function starColumns(star: Expression & { kind: 'star' }, place: Place): LineageColumn[] {
  const { settings } = place.environment;
  const excluded = new Set(star.exclude.map((name) => fold(name, settings)));
  const names = star.qualifier.map((part) => fold(part, settings));
  const columns =
    names.length === 0 ? visible({ ...place.scope, rows: [] }) : (findSource(place.scope, names)?.columns ?? []);
  return columns.filter((column) => !excluded.has(column.name));
}

function groupFlows(select: Select, columns: readonly LineageColumn[], place: Place): readonly Flow[] {
  if (select.groupBy?.kind !== 'items') return [];
  const values = select.groupBy.items
    .flatMap(groupExpressions)
    .map((expression) => byNumber(expression, columns, place));
  return influence(values, 'GROUP_BY');
}

function groupExpressions(item: GroupItem): readonly Expression[] {
  switch (item.kind) {
    case 'expression':
      return item.expression.kind === 'row' ? item.expression.items : [item.expression];
    case 'rollup':
    case 'cube':
      return item.items.flat();
    case 'set':
      return item.items;
    case 'sets':
      return item.sets.flatMap(groupExpressions);
  }
}

/** A number counts select items. */
function byNumber(expression: Expression, columns: readonly LineageColumn[], place: Place): Value {
  const index = expression.kind === 'number' ? Number(expression.text) - 1 : undefined;
  return (index === undefined ? undefined : columns[index]?.value) ?? valueOf(expression, place);
}

/** A number counts output columns, and a bare name is an output column's before it is a source's. */
function orderFlows(items: readonly OrderItem[], columns: readonly LineageColumn[], place: Place): readonly Flow[] {
  const values = items.map(({ expression }) => {
    if (expression.kind !== 'reference' || expression.steps.length > 0) return byNumber(expression, columns, place);
    const name = fold(expression.root, place.environment.settings);
    return columns.find((column) => column.name === name)?.value ?? valueOf(expression, place);
  });
  return influence(values, 'SORT');
}
