import { fold } from '../binder/scope.ts';
import { bindTableFunction, isTableFunction } from '../binder/table-functions.ts';
import { asNames } from '../statements/reference.ts';
import type { Expression, FromItem, Identifier, Join, NamedSource } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { valueOf } from './expression.ts';
import { type Flow, influence, NOTHING, navigated, partOf, type Value } from './flow.ts';
import { pivoted, unpivoted } from './pivot.ts';
import { queryLineage } from './query.ts';
import { type FoundRelation, findReadable } from './relation.ts';
import { findSource, type LineageColumn, type LineageSource, type Place, type Surroundings } from './scope.ts';

/** What FROM offers so far, and what decides on its rows. */
export interface FromLineage {
  readonly sources: readonly LineageSource[];
  readonly merged: readonly LineageColumn[];
  readonly rows: readonly Flow[];
}

export const NO_SOURCES: FromLineage = { sources: [], merged: [], rows: [] };

/** FROM's items, left to right: an array may be unnested from a source to its left. */
export const fromLineage = (items: readonly FromItem[], around: Surroundings): FromLineage =>
  items.reduce((before, item) => together(before, sourceLineage(item, around, before)), NO_SOURCES);

export const together = (a: FromLineage, b: FromLineage): FromLineage => ({
  sources: [...a.sources, ...b.sources],
  merged: [...a.merged, ...b.merged],
  rows: [...a.rows, ...b.rows],
});

export const placeWithin = (around: Surroundings, from: FromLineage): Place => ({
  ...around,
  scope: { sources: from.sources, merged: from.merged, parent: around.parent },
});

/** One item of FROM, without what stands before it. */
export function sourceLineage(item: FromItem, around: Surroundings, before: FromLineage): FromLineage {
  switch (item.kind) {
    case 'named':
      return namedLineage(item, around, before);
    case 'unpivotObject':
      return objectLineage(item, around, before);
    case 'derived': {
      const query = queryLineage(item.query, { ...around, parent: undefined });
      const name = item.alias ? fold(item.alias, around.environment.settings) : '';
      const columns = renamed(query.columns, item.columns, around);
      return { sources: [{ name, columns }], merged: [], rows: query.rows };
    }
    case 'join':
      return joinLineage(item, around, before);
    case 'pivot':
      return pivoted(item, around, sourceLineage(item.source, around, before));
    case 'unpivot':
      return unpivoted(item, around, sourceLineage(item.source, around, before));
  }
}

export const renamed = (
  columns: readonly LineageColumn[],
  names: readonly Identifier[],
  around: Surroundings,
): LineageColumn[] =>
  columns.map((column, i) => {
    const name = names[i];
    return name ? { ...column, name: fold(name, around.environment.settings) } : column;
  });

/** A function of rows, under the names that the binder gives its columns. */
function functionLineage(item: NamedSource, around: Surroundings): FromLineage {
  const { environment } = around;
  const rows = bindTableFunction(item.expression, {
    environment,
    commonTables: new Map(),
    clause: 'FROM',
    allowAggregates: false,
    allowWindows: false,
    scope: { sources: [], merged: [] },
  });
  const name = item.alias ? fold(item.alias, environment.settings) : rows.name;
  const columns = rows.columns.map((column) => ({
    name: rows.isValue && item.alias ? name : column.name,
    value: NOTHING,
  }));
  return { sources: [{ name, columns: renamed(columns, item.columns, around) }], merged: [], rows: [] };
}

function namedLineage(item: NamedSource, around: Surroundings, before: FromLineage): FromLineage {
  if (!item.unnest && isTableFunction(item.expression)) return functionLineage(item, around);
  const found = item.unnest || isArray(item, around, before) ? undefined : tableOf(item, around);
  if (!found) return arrayLineage(item, around, before);
  const { settings } = around.environment;
  const columns = renamed(found.source.columns, item.columns, around);
  const source = item.alias ? { name: fold(item.alias, settings), columns } : { ...found.source, columns };
  return { sources: [source], merged: [], rows: found.rows };
}

function tableOf(item: NamedSource, around: Surroundings): FoundRelation | undefined {
  const { expression } = item;
  const names = expression.kind === 'reference' ? asNames(expression.root, expression.steps) : undefined;
  return names && findReadable(names, around);
}

/** Whether the item's first name is a source's, so that the rest are steps into it. */
function isArray(item: NamedSource, around: Surroundings, before: FromLineage): boolean {
  const { expression } = item;
  if (expression.kind !== 'reference') return true;
  const root = fold(expression.root, around.environment.settings);
  const isOf = (source: LineageSource | undefined): boolean =>
    source !== undefined && (expression.steps.length > 0 || source.element !== undefined);
  if (before.sources.some((source) => source.name === root && isOf(source))) return true;
  if (expression.steps.some((step) => step.kind === 'subscript')) return true;
  const outer = around.parent && findSource(around.parent, [root]);
  return isOf(outer) && tableOf(item, around) === undefined;
}

/** `array AS element AT place`: there is a row for each element. */
function arrayLineage(item: NamedSource, around: Surroundings, before: FromLineage): FromLineage {
  const { settings } = around.environment;
  const array = arrayValue(item, around, before);
  const element = navigated(array, { kind: 'elements' });
  const name = item.alias ? fold(item.alias, settings) : lastName(item.expression, around);
  const [elementName, placeName = 'offset_col'] = item.columns.map((column) => fold(column, settings));
  const place = item.unnest ? (item.unnest === 'offset' ? placeName : undefined) : item.at && fold(item.at, settings);
  const columns = [{ name: item.unnest && elementName ? elementName : name, value: element }];
  if (place !== undefined) columns.push({ name: place, value: partOf(array, 'positions') });
  const source: LineageSource = item.unnest ? { name, columns } : { name, columns, element };
  return { sources: [source], merged: [], rows: influence([array], 'JOIN') };
}

function arrayValue(item: NamedSource, around: Surroundings, before: FromLineage): Value {
  try {
    return valueOf(item.expression, placeWithin(around, before));
  } catch (error) {
    const isName = item.expression.kind === 'reference' && asNames(item.expression.root, item.expression.steps);
    if (!(error instanceof RedshiftError) || error.sqlState !== '42703' || !isName) throw error;
    const shown = isName.map((part) => fold(part, around.environment.settings)).join('.');
    throw new RedshiftError('42P01', `relation "${shown}" does not exist`, { position: item.position + 1 });
  }
}

function lastName(expression: Expression, around: Surroundings): string {
  if (expression.kind !== 'reference') return '?column?';
  const last = expression.steps.at(-1);
  return fold(last?.kind === 'attribute' ? last.name : expression.root, around.environment.settings);
}

/** `UNPIVOT object AS value AT name`: there is a row for each attribute. */
function objectLineage(
  item: FromItem & { kind: 'unpivotObject' },
  around: Surroundings,
  before: FromLineage,
): FromLineage {
  const { settings } = around.environment;
  const object = valueOf(item.expression, placeWithin(around, before));
  const element = navigated(object, { kind: 'values' });
  const name = item.alias ? fold(item.alias, settings) : lastName(item.expression, around);
  const columns = [{ name, value: element }];
  if (item.at) columns.push({ name: fold(item.at, settings), value: partOf(object, 'keys') });
  return { sources: [{ name, columns, element }], merged: [], rows: influence([object], 'JOIN') };
}

function joinLineage(join: Join, around: Surroundings, before: FromLineage): FromLineage {
  const left = sourceLineage(join.left, around, before);
  const right = sourceLineage(join.right, around, together(before, left));
  const both = together(left, right);
  if (join.on) {
    const on = valueOf(join.on, placeWithin(around, together(before, both)));
    return { ...both, rows: [...both.rows, ...influence([on], 'JOIN')] };
  }
  if (!join.natural && !join.using) return both;
  return usingLineage(join, around, left, right);
}

function usingLineage(join: Join, around: Surroundings, left: FromLineage, right: FromLineage): FromLineage {
  const both = together(left, right);
  const names = join.natural
    ? visible(left)
        .map((column) => column.name)
        .filter((name) => visible(right).some((column) => column.name === name))
    : (join.using ?? []).map((name) => fold(name, around.environment.settings));
  const pairs = names.map((name) => [columnNamed(left, name), columnNamed(right, name)] as const);
  const merged = pairs.map(([a, b], i) => ({ name: names[i] as string, value: mergedValue(join, a, b) }));
  const hide = (source: LineageSource): LineageSource => ({
    ...source,
    hidden: new Set([...(source.hidden ?? []), ...names]),
  });
  return {
    sources: both.sources.map(hide),
    merged: [...merged, ...both.merged.filter((column) => !names.includes(column.name))],
    rows: [...both.rows, ...influence(pairs.flat(), 'JOIN')],
  };
}

/** USING shows the side that is always there; FULL shows whichever is. */
function mergedValue(join: Join, a: Value, b: Value): Value {
  if (join.type === 'full') return { flows: [...a.flows, ...b.flows] };
  return join.type === 'right' ? b : a;
}

export const visible = (from: FromLineage): LineageColumn[] => [
  ...from.merged,
  ...from.sources.flatMap((source) =>
    source.columns.filter((column) => !source.pseudo && !source.hidden?.has(column.name)),
  ),
];

const columnNamed = (from: FromLineage, name: string): Value =>
  visible(from).find((column) => column.name === name)?.value ?? NOTHING;
