import { auditedAside } from '../statements/model/check.ts';
import { confirmStatements, showStatements, viewItself } from '../statements/model/publish.ts';
import { type Decision, settledAttempt } from '../work.ts';
import { type Findings, type Making, published, publishedRun, type Strategy, takeSteps, tidied } from './making.ts';
import { buildWhole } from './table.ts';

/** The view is put where it is read; in vain, where its columns have changed: then it is made anew. */
export function show(making: Making, found: Findings, view: readonly string[]): Decision | undefined {
  const { model, readers, history } = making;
  const run = publishedRun(making, found);
  const step = (name: string, anew: boolean) => ({
    name,
    statements: showStatements(model, run, readers, { view, standing: found.standing, anew }),
  });
  const isRefused = found.standing === 'view' && settledAttempt(history, 'swap')?.outcome === 'failed';
  return takeSteps(making, [isRefused ? step('remake', true) : step('swap', false)]);
}

/** A view: it holds no rows, so it is shown when its definition has changed, and else only checked. */
export const view: Strategy = {
  build: buildWhole,
  audited: ({ model }) => auditedAside(model),
  publish: (making, found) => {
    const { piece, model } = making;
    if (found.published === model.definition && found.standing === 'view') {
      const statements = confirmStatements(model, publishedRun(making, found));
      return takeSteps(making, [{ name: 'replace', statements }]) ?? published(piece, found);
    }
    return show(making, found, viewItself(model)) ?? tidied(making, found);
  },
};
