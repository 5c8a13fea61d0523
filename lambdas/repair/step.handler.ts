import { logger, observed } from '../observe/observed.ts';
import { repairSettings } from './edge.ts';
import { repairState } from './state.ts';
import { repairStep } from './step.ts';

const { tableNamed, ...settings } = repairSettings();

/** Repairs some pages; says whether there are more. */
export const handler = observed('repair', async (event: unknown, context) => {
  const state = repairState.parse(event);
  const step = await repairStep(state, {
    ...settings,
    table: tableNamed(state.source.tableName),
    remainingMilliseconds: () => context.getRemainingTimeInMillis(),
  });
  if (step.kind === 'refused') {
    logger.warn('refused to repair', step);
    return step;
  }
  const { examples: _keysAreData, cursor: _aKey, ...progress } = step.progress;
  logger.info('repaired some pages', progress);
  return { kind: step.kind, progress };
});
