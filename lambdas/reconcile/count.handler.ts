import { observed } from '../observe/observed.ts';
import { countSource } from './count.ts';
import { reconcileSettings } from './edge.ts';
import { reconcileState } from './state.ts';

const { tableNamed } = reconcileSettings();

/** Counts some pages of the source. */
export const handler = observed('count', async (event: unknown, context) => {
  const state = reconcileState.parse(event);
  return countSource(state, {
    table: tableNamed(state.source.tableName),
    nowMilliseconds: Date.now,
    remainingMilliseconds: () => context.getRemainingTimeInMillis(),
  });
});
