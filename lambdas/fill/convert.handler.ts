import { emitMetrics } from '../observe/metrics.ts';
import { observed } from '../observe/observed.ts';
import { convert } from './convert.ts';
import { fillSettings } from './edge.ts';
import { convertState } from './state.ts';

const settings = fillSettings();
const warehouse = settings.warehouse();

/** Converts files of the export into objects of the lake, as many as fit into its time. */
export const handler = observed('convert', async (event: unknown, context) => {
  const state = convertState.parse(event);
  return convert(state, {
    ...settings,
    warehouse,
    remainingMilliseconds: () => context.getRemainingTimeInMillis(),
    count: (counts) => emitMetrics(state.dataset, counts),
  });
});
