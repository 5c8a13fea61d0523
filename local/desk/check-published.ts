import { randomUUID } from 'node:crypto';
import type { BatchWarehouse } from '../../lambdas/aws/batch-warehouse.ts';
import { type Findings, findings } from '../../lib/pipeline/making/findings.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { checkSteps } from '../../lib/pipeline/statements/model/check.ts';
import { checkName } from '../../lib/pipeline/statements/model/check-name.ts';
import { type Audited, findsRows } from '../../lib/pipeline/statements/model/failing.ts';
import { targetOf } from '../../lib/pipeline/statements/model/place.ts';
import type { CheckResult } from '../../lib/pipeline/statements/model/run.ts';
import { sampleQuery } from '../../lib/pipeline/statements/model/sample.ts';
import { caseSensitivePaths } from '../../lib/pipeline/statements/session.ts';
import { qualifiedName } from '../../lib/pipeline/tables.ts';
import type { Attempt, Step } from '../../lib/pipeline/work.ts';

/** What a check found, and some of the rows, as JSON. */
export interface FoundByCheck extends CheckResult {
  readonly sample: readonly string[];
}
export type Checked = { readonly model: CompiledModel } & (
  | { readonly kind: 'checked'; readonly rows: number; readonly checks: readonly FoundByCheck[] }
  /** The warehouse could not answer: most often the model has never been published. */
  | { readonly kind: 'unanswered'; readonly reason: string }
);

const sampledRows = 3;

/** Asks a model's checks of what readers see now; nothing is written. */
export async function checkPublished(model: CompiledModel, warehouse: BatchWarehouse): Promise<Checked> {
  const target = qualifiedName(targetOf(model));
  const audited: Audited = { rows: target, whole: target };
  const history: Attempt[] = [];
  for (const step of checkSteps(model, audited)) {
    const ending = await warehouse.run(batchOf(step, model));
    if (ending.outcome === 'failed') return { model, kind: 'unanswered', reason: ending.error };
    history.push({ step: step.name, number: 1, outcome: 'finished', results: ending.results });
  }
  const found = findings(history, model);
  return { model, kind: 'checked', rows: found.rows, checks: await sampled(found, model, audited, warehouse) };
}

async function sampled(
  { checks }: Findings,
  model: CompiledModel,
  audited: Audited,
  warehouse: BatchWarehouse,
): Promise<FoundByCheck[]> {
  const failing = new Set(checks.filter(({ failures }) => failures > 0).map(({ name }) => name));
  const shown = model.checks.filter(findsRows).filter((check) => failing.has(checkName(check)));
  const statements = shown.map((check) => sampleQuery(check, model, audited, sampledRows));
  const step = {
    name: 'sample',
    statements: [caseSensitivePaths, ...statements],
    reads: statements.map((_, n) => n + 2),
  };
  const ending = statements.length > 0 ? await warehouse.run(batchOf(step, model)) : undefined;
  const results = ending?.outcome === 'finished' ? ending.results : [];
  const rows = new Map(shown.map((check, n) => [checkName(check), (results[n] ?? []).map(([row]) => row ?? '')]));
  return checks.map((check) => ({ ...check, sample: rows.get(check.name) ?? [] }));
}

const batchOf = ({ name, statements, reads = [] }: Step, model: CompiledModel) => ({
  statements,
  reads,
  clientToken: randomUUID(),
  statementName: `desk ${name} ${model.name}`.slice(0, 500),
});

/** Whether readers see something that an error-severity check refuses, or nothing that can be checked. */
export const isSound = (checked: Checked): boolean =>
  checked.kind === 'checked' && checked.checks.every(({ severity, failures }) => severity === 'warn' || failures === 0);
