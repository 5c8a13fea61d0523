import type { Check } from '../models/model.ts';
import { checkBatches, checkStepName, checkSteps, probeStep } from '../statements/model/check.ts';
import { checkName } from '../statements/model/check-name.ts';
import type { Audited } from '../statements/model/failing.ts';
import { discardStatements } from '../statements/model/publish.ts';
import type { CheckResult } from '../statements/model/run.ts';
import { sampleStatements } from '../statements/model/sample.ts';
import { type Decision, settledAttempt, submit } from '../work.ts';
import { type Findings, finding, findings } from './findings.ts';
import { discard, type Making, runOf } from './making.ts';

/** Asks the checks about what stands aside; once they have passed, `publish` says what is next. */
export function audit(making: Making, audited: Audited, publish: (found: Findings) => Decision): Decision {
  const { piece, history, model } = making;
  for (const [batch, step] of checkSteps(model, audited).entries()) {
    const last = settledAttempt(history, step.name);
    if (!last) return submit(piece, step, history);
    if (last.outcome === 'failed') return unanswered(making, audited, batch);
  }
  const found = findings(history, model);
  const next = sample(making, audited, found.checks);
  if (next) return next;
  const broken = found.checks.filter(({ severity, failures }) => severity === 'error' && failures > 0);
  return broken.length > 0 ? rejected(making, found, broken) : publish(found);
}

/** Which check the warehouse cannot answer: of those whose batch failed, the half that fails is halved again. */
function unanswered(making: Making, audited: Audited, batch: number): Decision {
  const { piece, history, model } = making;
  const error = settledAttempt(history, checkStepName(batch))?.error;
  let suspects: readonly Check[] = checkBatches(model)[batch] ?? [];
  while (suspects.length > 0) {
    const half = suspects.slice(0, Math.ceil(suspects.length / 2));
    const step = probeStep(`probe-${model.checks.indexOf(half[0] as Check)}-${half.length}`, half, model, audited);
    const last = settledAttempt(history, step.name);
    if (!last) return submit(piece, step, history);
    const [check] = half;
    if (last.outcome === 'failed' && half.length === 1 && check) {
      return discard(making, `check ${checkName(check)}: ${last.error}`);
    }
    suspects = last.outcome === 'failed' ? half : suspects.slice(half.length);
  }
  return discard(making, error);
}

/**
 * Keeps some rows that failed, before what stands aside is published or thrown away. A batch of its own, so that rows that
 * cannot be shown keep nobody from publishing.
 */
function sample(making: Making, audited: Audited, checks: readonly CheckResult[]): Decision | undefined {
  const { piece, holder, model, history } = making;
  const statements = sampleStatements(model, audited, runOf(piece, { holder, outcome: 'failed', checks }));
  if (statements.length === 0 || settledAttempt(history, 'sample')) return undefined;
  return submit(piece, { name: 'sample', statements }, history);
}

function rejected(making: Making, found: Findings, broken: readonly CheckResult[]): Decision {
  const { piece, holder, model, history } = making;
  const failures = broken.map(finding);
  if (!settledAttempt(history, 'reject')) {
    const reason = failures.join('; ').slice(0, 1000);
    const run = runOf(piece, { holder, outcome: 'check_failed', rows: found.rows, reason, checks: found.checks });
    return submit(piece, { name: 'reject', statements: discardStatements(model, run) }, history);
  }
  return { kind: 'done', outcome: { kind: 'checkFailed', work: piece, failures: failures.slice(0, 20) } };
}
