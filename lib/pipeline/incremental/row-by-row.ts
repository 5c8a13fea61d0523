import { quoteIdentifier } from '../names.ts';
import { edited } from './edits.ts';
import type { Path, PathStep } from './paths.ts';
import type { QueryShape } from './shape.ts';

/** Whether each row of the model comes of one row of the table, whatever the table's other rows are. */
export function isRowByRow({ steps }: Path): boolean {
  return steps.every(({ query, block, source }) => {
    const isPlain =
      !block.isDistinct && !block.group && !block.hasAggregates && block.windows.length === 0 && !block.isCut;
    return isPlain && query.branches.length === 1 && source.join !== 'left';
  });
}

/** The model's query over other rows in place of the table's. */
export function overRows(shape: QueryShape, { steps }: Path, select: string): string {
  const { start, end } = shape.with;
  const written = shape.sql.slice(start, end);
  return `${written}${written ? '\n' : ''}${stepOver(shape.sql, steps, select)}`;
}

function stepOver(sql: string, [step, ...inner]: readonly PathStep[], select: string): string {
  if (!step) return select;
  const { block, source } = step;
  const text = `(${stepOver(sql, inner, select)}\n) AS ${quoteIdentifier(source.alias)}`;
  return edited(sql, block, [{ start: source.start, end: source.end, text }]);
}
