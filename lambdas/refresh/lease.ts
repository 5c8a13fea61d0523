import type { DatasetPlan } from '../../lib/pipeline/environment.ts';
import { leaseWait } from '../../lib/pipeline/lease.ts';
import type { InboxTable } from '../../lib/pipeline/state-items.ts';
import type { RunState } from './state.ts';

export interface Lease {
  readonly held: boolean;
  readonly due: boolean;
  readonly waitSeconds: number;
  readonly remainingSeconds: number;
  readonly startedAt: string;
}

export interface LeasePorts {
  readonly table: InboxTable;
  readonly datasets: readonly DatasetPlan[];
  readonly nowMilliseconds: () => number;
}

/** Enough to find the most urgent; the oldest are first, because keys begin with their hour. */
const sampled = 100;

/** Takes the lane, if it is still at this run's generation, and says how long to wait for more to come. */
export async function lease(state: RunState, { table, datasets, nowMilliseconds }: LeasePorts): Promise<Lease> {
  const now = nowMilliseconds();
  const startedAt = state.lease?.startedAt ?? new Date(now).toISOString();
  const lane = await table.takeLane(state.lane, state.generation);
  if (!lane) return { held: false, due: true, waitSeconds: 0, remainingSeconds: 0, startedAt };
  const pending = await Promise.all(datasets.map(({ name }) => table.pending(state.lane, name, sampled)));
  return { held: true, startedAt, ...leaseWait(pending.flat(), datasets, lane, now, state.lease?.remainingSeconds) };
}
