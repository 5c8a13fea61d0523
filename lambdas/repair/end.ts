import type { RepairStore } from '../aws/repair-store.ts';
import type { RepairState } from './state.ts';

/** Notes that a repair gave up, so that the next one need not wait and goes on where it was. */
export async function giveUpRepair(
  { dataset, source: { execution } }: RepairState,
  { repairs, nowMilliseconds }: { readonly repairs: RepairStore; readonly nowMilliseconds: () => number },
): Promise<void> {
  const last = await repairs.read(dataset);
  if (last?.execution !== execution || last.status !== 'running') return;
  await repairs.write({ ...last, status: 'failed', touchedAtMilliseconds: nowMilliseconds() }, last);
}
