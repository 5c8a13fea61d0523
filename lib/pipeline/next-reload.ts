import type { DatasetPlan } from './environment.ts';
import { dropAside, openStatements, swapStatements } from './statements/reload.ts';
import {
  type Attempt,
  type Decision,
  failed,
  type OpenReloadWork,
  type SwapWork,
  settledAttempt,
  submit,
} from './work.ts';

/** Makes the tables that a reload loads into. */
export function nextOfOpenReload(piece: OpenReloadWork, history: readonly Attempt[], dataset: DatasetPlan): Decision {
  const last = settledAttempt(history, 'open');
  if (!last) return submit(piece, { name: 'open', statements: openStatements(piece, dataset) }, history);
  if (last.outcome === 'failed') return failed(piece, last.error);
  return { kind: 'done', outcome: { kind: 'prepared', work: piece } };
}

/** Swaps a rebuild in, then drops its table aside; one that cannot be dropped is left to the next rebuild. */
export function nextOfSwap(piece: SwapWork, history: readonly Attempt[], dataset: DatasetPlan): Decision {
  const last = settledAttempt(history, 'swap');
  if (!last) {
    const statements = swapStatements(piece, dataset.keyed);
    return submit(piece, { name: 'swap', statements, reads: [statements.length] }, history);
  }
  if (last.outcome === 'failed') return failed(piece, last.error);
  const [row] = last.results[0] ?? [];
  if (!row) return { kind: 'done', outcome: { kind: 'fenced', work: piece } };
  if (!settledAttempt(history, 'drop')) {
    return submit(piece, { name: 'drop', statements: [dropAside(piece.dataset, piece.aside)] }, history);
  }
  return { kind: 'done', outcome: { kind: 'swapped', work: piece, rows: Number(row[0]) } };
}
