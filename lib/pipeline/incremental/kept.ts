import type { DatasetPlan } from '../environment.ts';
import { followsChanges } from '../model-tables.ts';
import type { CompiledModel } from '../models/model.ts';
import { follow } from './follow.ts';

/** The datasets, said of each whether its loads keep what they replace: where a model follows what `latest` held before. */
export function keepingReplaced(datasets: readonly DatasetPlan[], models: readonly CompiledModel[]): DatasetPlan[] {
  const kept = new Set(models.filter(followsChanges).flatMap(followedLatest));
  return datasets.map((dataset) =>
    dataset.keyed && kept.has(dataset.name) ? { ...dataset, keepsReplaced: true } : dataset,
  );
}

function followedLatest(model: CompiledModel): string[] {
  const following = follow(model);
  if ('reason' in following) return [];
  return following.inputs.filter(({ isLatest }) => isLatest).map(({ dataset }) => dataset);
}
