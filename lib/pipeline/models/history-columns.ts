import type { CompiledModel, OutputColumn } from './model.ts';

/** What a history's table has after the columns of its query: until when a version held, and whether it is the last one. */
export const historyColumns = {
  validTo: { name: 'valid_to', type: 'timestamp with time zone' },
  isCurrent: { name: 'is_current', type: 'boolean' },
} as const satisfies Record<string, OutputColumn>;

/** The columns that readers of a model find; none where nobody has analysed it. */
export function columnsOf({
  materialization,
  output,
}: Pick<CompiledModel, 'materialization' | 'output'>): OutputColumn[] {
  return materialization === 'history' && output.length > 0 ? [...output, ...Object.values(historyColumns)] : output;
}
