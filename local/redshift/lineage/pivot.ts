import { fold } from '../binder/scope.ts';
import type { Call, Expression, Pivot, SelectItem, Unpivot } from '../statements/syntax.ts';
import { valueOf } from './expression.ts';
import { either, influence, NOTHING, withInfluence } from './flow.ts';
import { type FromLineage, placeWithin, renamed, visible } from './from.ts';
import type { LineageColumn, Surroundings } from './scope.ts';

/** `source PIVOT (aggregate FOR column IN (values))`: one column for each value and aggregate, grouped by the rest. */
export function pivoted(pivot: Pivot, around: Surroundings, from: FromLineage): FromLineage {
  const { settings } = around.environment;
  const place = placeWithin(around, from);
  const turned = fold(pivot.column, settings);
  const all = from.sources.flatMap((source) => source.columns);
  const used = new Set([turned, ...pivot.aggregates.flatMap((item) => columnNames(item.expression, around))]);
  const groups = all.filter((column) => !used.has(column.name));
  const condition = influence(
    all.filter((column) => column.name === turned).map((column) => column.value),
    'CONDITIONAL',
  );
  const cells = pivot.values.flatMap((value) =>
    pivot.aggregates.map((item) => ({
      name: cellName(value, item, around),
      value: withInfluence(valueOf(item.expression, place), condition),
    })),
  );
  const keys = influence(
    groups.map((column) => column.value),
    'GROUP_BY',
  );
  return tableOf([...groups, ...cells], pivot, around, [...from.rows, ...keys]);
}

function columnNames(expression: Expression, around: Surroundings): string[] {
  const { arguments: inputs } = expression as Expression & Call;
  return inputs.flatMap((input) => (input.kind === 'reference' ? [fold(input.root, around.environment.settings)] : []));
}

function cellName(value: SelectItem, aggregate: SelectItem, around: Surroundings): string {
  const { settings } = around.environment;
  const label = value.alias ? fold(value.alias, settings) : labelOf(value.expression);
  return aggregate.alias ? `${label}_${fold(aggregate.alias, settings)}` : label;
}

function labelOf(expression: Expression): string {
  if (expression.kind === 'string') return expression.value;
  if (expression.kind === 'number') return expression.text;
  if (expression.kind === 'unary') return `${expression.operator}${labelOf(expression.operand)}`;
  return expression.kind === 'null' ? 'null' : expression.kind === 'cast' ? labelOf(expression.operand) : '';
}

function tableOf(
  columns: readonly LineageColumn[],
  item: Pivot | Unpivot,
  around: Surroundings,
  rows: FromLineage['rows'],
): FromLineage {
  const name = item.alias ? fold(item.alias, around.environment.settings) : '';
  return { sources: [{ name, columns: renamed(columns, item.columns, around) }], merged: [], rows };
}

/** `source UNPIVOT (value FOR name IN (columns))`: one row for each column, but for those that are NULL. */
export function unpivoted(unpivot: Unpivot, around: Surroundings, from: FromLineage): FromLineage {
  const { settings } = around.environment;
  const all = visible(from);
  const names = unpivot.inputs.map((input) => fold(input.column, settings));
  const inputs = all.filter((column) => names.includes(column.name)).map((column) => column.value);
  const kept = all.filter((column) => !names.includes(column.name));
  const columns = [
    ...kept,
    { name: fold(unpivot.name, settings), value: NOTHING },
    { name: fold(unpivot.value, settings), value: either(inputs) },
  ];
  const filter = unpivot.includeNulls ? [] : influence(inputs, 'FILTER');
  return tableOf(columns, unpivot, around, [...from.rows, ...filter]);
}
