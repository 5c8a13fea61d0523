import type { LineageNames } from '../../lib/pipeline/lineage/open-lineage.ts';
import { type KnownLineage, toldRun } from '../../lib/pipeline/lineage/told-run.ts';
import type { BuiltModel } from '../../lib/pipeline/model-run.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { executionName } from '../../lib/pipeline/state-items.ts';
import type { ObjectStore } from '../aws/object-store.ts';
import type { RunState } from './state.ts';

export interface LineagePorts {
  readonly lake: Pick<ObjectStore, 'put'>;
  readonly models: readonly CompiledModel[];
  readonly lineage: KnownLineage['models'];
  readonly names: LineageNames;
  readonly nowMilliseconds: () => number;
}

/** Leaves in the lake what came of a run's models, for whoever follows lineage; the key, where there was anything to tell. */
export async function tellLineage(
  { lane, generation, lease }: RunState,
  built: readonly BuiltModel[],
  { lake, models, lineage, names, nowMilliseconds }: LineagePorts,
): Promise<string | undefined> {
  const endedAt = new Date(nowMilliseconds()).toISOString();
  const run = { execution: executionName(lane, generation), startedAt: lease?.startedAt ?? endedAt, endedAt, built };
  const told = toldRun(run, models, { lineage, names });
  if (told) await lake.put({ key: told.key, body: Buffer.from(told.body), contentType: 'application/x-ndjson' });
  return told?.key;
}
