import type { BuiltModel } from '../../lib/pipeline/model-run.ts';
import { runMetrics } from '../../lib/pipeline/settlement.ts';
import { emitMetrics, emitMetricsOf } from '../observe/metrics.ts';
import { logger, observed } from '../observe/observed.ts';
import { lineagePorts, refreshSettings } from './edge.ts';
import { settle } from './settle.ts';
import { type RunState, runState } from './state.ts';
import { tellLineage } from './tell-lineage.ts';

const settings = refreshSettings();
const { database, datasets, lake, nowMilliseconds, scheduled, table } = settings;
const lineage = lineagePorts(settings);
const names = datasets.map(({ name }) => name);
const ports = { table: table(), lake: lake(), datasets: names, scheduled, database, nowMilliseconds };

function report({ lane, lease, loaded, trouble }: RunState, models: readonly BuiltModel[]): void {
  const metrics = runMetrics(loaded, models);
  for (const [dataset, counts] of metrics.datasets) emitMetrics(dataset, counts);
  for (const [model, counts] of metrics.models) emitMetricsOf('model', model, counts);
  for (const outcome of loaded) if (outcome.kind === 'failed') logger.error('a load failed', { ...outcome });
  const isFailure = ({ outcome }: BuiltModel) => outcome !== 'published' && outcome !== 'fenced';
  for (const built of models.filter(isFailure)) logger.error('a model was not published', built);
  if (trouble) logger.error('the run gave up', { trouble });
  if (!lease) return;
  const seconds = (nowMilliseconds() - Date.parse(lease.startedAt)) / 1000;
  emitMetricsOf('lane', lane, { RefreshSeconds: Math.max(0, seconds) });
}

/** Clears what was loaded, frees the lane, says which lanes have more to do. */
export const handler = observed('settle', async (event: unknown) => {
  const state = runState.parse(event);
  const { asks, built } = await settle(state, ports);
  report(state, built);
  // The run has ended well without it: what is not told is in the log.
  await tellLineage(state, built, lineage).catch((error) => logger.error('no lineage was told', error as Error));
  return { asks };
});
