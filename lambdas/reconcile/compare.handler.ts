import { observed } from '../observe/observed.ts';
import { compare } from './compare.ts';
import { reconcileSettings } from './edge.ts';
import { reconcileState } from './state.ts';

const { tableNamed, warehouse } = reconcileSettings();

/** Compares counts and samples; the second time, what differed the first time. */
export const handler = observed('compare', async (event: unknown) => {
  const state = reconcileState.parse(event);
  const table = tableNamed(state.source.tableName);
  return compare(state, { table, warehouse, nowMilliseconds: Date.now, random: Math.random });
});
