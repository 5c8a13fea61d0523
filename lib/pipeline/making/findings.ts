import { anomalousScore, judge, leastMeasurements } from '../checks/anomaly.ts';
import type { CompiledModel } from '../models/model.ts';
import { checkBatches, checkStepName } from '../statements/model/check.ts';
import { checkName } from '../statements/model/check-name.ts';
import {
  type AnomalyCheck,
  anomalyChecks,
  type Measured,
  measuredBefore,
  measuredOf,
} from '../statements/model/measure.ts';
import type { Standing } from '../statements/model/publish.ts';
import type { CheckResult } from '../statements/model/run.ts';
import { type Attempt, type ResultRows, settledAttempt } from '../work.ts';

/** What the check batches answered. */
export interface Findings {
  readonly rows: number;
  readonly checks: readonly CheckResult[];
  readonly measured: readonly Measured[];
  /** The definition published last, if any. */
  readonly published: string | undefined;
  /** What stands where the model is read. */
  readonly standing: Standing;
}

/** The rows come in any order: UNION ALL promises none. */
export function findings(history: readonly Attempt[], model: CompiledModel): Findings {
  const batches = checkBatches(model).map((_, index) => settledAttempt(history, checkStepName(index))?.results ?? []);
  const [, published = [], standing = [], values = [], before = []] = batches[0] ?? [];
  const counts = batches.flatMap(([rows = []]) => rows);
  const rowCount = counts.find(([, severity]) => severity === 'info');
  const measured = measuredOf(values);
  const anomalies = anomalyChecks(model).map((check) => anomaly(check, measured, before));
  return {
    rows: Number(rowCount?.[2] ?? 0),
    checks: [...counts.filter((row) => row !== rowCount).map(counted), ...anomalies],
    measured,
    published: published[0]?.[0] ?? undefined,
    standing: standing[0]?.[0] === 'r' ? 'table' : standing[0]?.[0] === 'v' ? 'view' : undefined,
  };
}

function counted([name, severity, failures, found]: ResultRows[number]): CheckResult {
  return {
    name: name ?? '',
    severity: severity === 'warn' ? 'warn' : 'error',
    failures: Number(failures),
    ...(typeof found === 'string' && { found }),
  };
}

function anomaly(check: AnomalyCheck, measured: readonly Measured[], before: ResultRows): CheckResult {
  const { measure, column = '', severity } = check;
  const value = measured.find((one) => one.measure === measure && one.column === column)?.value;
  const name = checkName(check);
  if (value === undefined) return { name, severity, failures: 0, found: 'nothing to measure' };
  const judgement = judge(value, measuredBefore(before, check), measure === 'null_share' ? 1 : 0);
  if (judgement.kind === 'tooFew') {
    const found = `${value}; ${judgement.measurements} of ${leastMeasurements} measurements that a judgement needs`;
    return { name, severity, failures: 0, found };
  }
  const { kind, usual, score } = judgement;
  const found = `${value}, usual is ${usual}; score ${score.toFixed(1)} of ${anomalousScore}`;
  return { name, severity, failures: kind === 'anomalous' ? 1 : 0, found };
}

/** How a check's result is told: what, how much of it, and where rows are to be seen. */
export function finding({ name, failures, found }: CheckResult): string {
  const what = name.length > 120 ? `${name.slice(0, 119)}…` : name;
  return found === undefined ? `${what} (${failures}; rows are in ops.check_failures)` : `${what} (found ${found})`;
}
