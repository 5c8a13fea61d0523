import { emitMetrics } from '../observe/metrics.ts';
import { logger, observed } from '../observe/observed.ts';
import { reconcileSettings } from './edge.ts';
import { report } from './report.ts';
import { reconcileState } from './state.ts';

const { warehouse } = reconcileSettings();

/** Notes what was found, in ops.reconciliations and as metrics. */
export const handler = observed('report', async (event: unknown) => {
  const found = await report(reconcileState.parse(event), warehouse);
  const DriftSampledKeys = found.differing + found.missing + found.extra;
  emitMetrics(found.dataset, { DriftRows: found.driftRows, DriftSampledKeys });
  const { examples: _keysAreData, ...numbers } = found;
  logger[found.driftRows + DriftSampledKeys > 0 ? 'warn' : 'info']('reconciled', numbers);
  return found;
});
