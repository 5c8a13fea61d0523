import { buildStatements } from '../statements/model/build.ts';
import { auditedAside } from '../statements/model/check.ts';
import { describeBatches } from '../statements/model/describe.ts';
import { replaceStatements, swapStatements } from '../statements/model/publish.ts';
import type { ModelRun } from '../statements/model/run.ts';
import { type Decision, type Step, settledAttempt, submit } from '../work.ts';
import { type Findings, type Making, published, publishedRun, type Strategy, takeSteps, tidied } from './making.ts';

/** The whole table, built aside. */
export const buildWhole = (making: Making): Decision | undefined =>
  takeSteps(making, [{ name: 'build', statements: buildStatements(making.model, making.holder) }]);

/**
 * New rows in the table that is there, where its columns are the same; if it refuses, or where they may differ, a new table.
 * @param also statements of the same transaction.
 */
export function publishWhole(making: Making, found: Findings, also: readonly string[] = []): Decision {
  const { piece, model, history } = making;
  const run = publishedRun(making, found);
  if (found.published === model.definition) {
    const last = settledAttempt(history, 'replace');
    if (!last) {
      const statements = [...replaceStatements(model, run), ...also];
      return submit(piece, { name: 'replace', statements }, history);
    }
    if (last.outcome === 'finished') return published(piece, found);
  }
  return exchange(making, found, run, also);
}

/** What stands aside takes the place of what was there. */
export function exchange(making: Making, found: Findings, run: ModelRun, also: readonly string[] = []): Decision {
  return takeSteps(making, swapSteps(making, found, run, also)) ?? tidied(making, found);
}

function swapSteps({ model, readers }: Making, { standing }: Findings, run: ModelRun, also: readonly string[]): Step[] {
  const describe = describeBatches(model, run.holder).map((statements, index) => ({
    name: `describe-${index}`,
    statements,
  }));
  return [...describe, { name: 'swap', statements: [...swapStatements(model, run, readers, standing), ...also] }];
}

/** A table: built whole, every time. */
export const table: Strategy = {
  build: buildWhole,
  audited: ({ model }) => auditedAside(model),
  publish: publishWhole,
};
