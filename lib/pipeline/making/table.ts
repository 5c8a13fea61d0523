import { buildStatements } from '../statements/model/build.ts';
import { auditedAside } from '../statements/model/check.ts';
import { describeBatches, replaceStatements, swapStatements } from '../statements/model/publish.ts';
import type { ModelRun } from '../statements/model/run.ts';
import { type Decision, type Step, settledAttempt, submit } from '../work.ts';
import { type Findings, type Making, published, runOf, type Strategy, takeSteps } from './making.ts';

/** The whole table, built aside. */
export const buildWhole = (making: Making): Decision | undefined =>
  takeSteps(making, [{ name: 'build', statements: buildStatements(making.model, making.holder) }]);

/**
 * New rows in the table that is there, where its columns are the same; if it refuses, or where they may differ, a new table.
 * @param also statements of the same transaction.
 */
export function publishWhole(making: Making, found: Findings, also: readonly string[] = []): Decision {
  const { piece, holder, model, history } = making;
  const run = runOf(piece, { holder, outcome: 'published', rows: found.rows, checks: found.checks });
  if (found.published === model.definition) {
    const last = settledAttempt(history, 'replace');
    if (!last)
      return submit(piece, { name: 'replace', statements: [...replaceStatements(model, run), ...also] }, history);
    if (last.outcome === 'finished') return published(piece, found);
  }
  return exchange(making, found, run, also);
}

/** What stands aside takes the place of what was there. */
export function exchange(making: Making, found: Findings, run: ModelRun, also: readonly string[] = []): Decision {
  return takeSteps(making, swapSteps(making, run, also)) ?? published(making.piece, found);
}

function swapSteps({ model, readers }: Making, run: ModelRun, also: readonly string[]): Step[] {
  const describe = describeBatches(model, run.holder).map((statements, index) => ({
    name: `describe-${index}`,
    statements,
  }));
  return [...describe, { name: 'swap', statements: [...swapStatements(model, run, readers), ...also] }];
}

/** A table: built whole, every time. */
export const table: Strategy = {
  build: buildWhole,
  audited: ({ model }) => auditedAside(model),
  publish: publishWhole,
};
