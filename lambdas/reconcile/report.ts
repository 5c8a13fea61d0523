import { MillraceError } from '../../lib/pipeline/error.ts';
import { type Difference, examplesOf } from '../../lib/pipeline/reconcile.ts';
import { noteReconciliation, type Reconciliation } from '../../lib/pipeline/statements/drift.ts';
import { createTable, reconciliationsTable } from '../../lib/pipeline/tables.ts';
import type { Warehouse } from '../aws/warehouse.ts';
import type { ReconcileState } from './state.ts';

/** What a reconciliation found. */
export function reconciliationOf({ dataset, source, count, look }: ReconcileState): Reconciliation {
  if (!count || !look) throw new MillraceError('NOT_COMPARED', `${dataset} is reported before it is compared`);
  const ofKind = (kind: Difference) => look.suspects.filter((one) => one.kind === kind).length;
  return {
    execution: source.execution,
    dataset,
    sourceCount: count.count,
    latestCount: look.latestCount,
    driftRows: look.driftRows,
    sampled: look.sampled,
    incomparable: look.incomparable,
    differing: ofKind('different'),
    missing: ofKind('missing'),
    extra: ofKind('extra'),
    examples: examplesOf(look.suspects.map(({ key }) => key)),
  };
}

/** Notes it in `ops.reconciliations`; a database that was prepared before there was such a table gets it now. */
export async function report(state: ReconcileState, warehouse: Warehouse): Promise<Reconciliation> {
  const found = reconciliationOf(state);
  await warehouse.query({ sql: createTable(reconciliationsTable), parameters: {} });
  await warehouse.query(noteReconciliation(found));
  return found;
}
