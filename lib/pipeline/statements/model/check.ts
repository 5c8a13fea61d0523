import type { Check, CompiledModel } from '../../models/model.ts';
import { quoteIdentifier, quoteText } from '../../names.ts';
import { modelRunsTable, qualifiedName } from '../../tables.ts';
import type { Step } from '../../work.ts';
import { caseSensitivePaths } from '../session.ts';
import { checkName } from './check-name.ts';
import { type Audited, countOfRows, failingRows, findsRows } from './failing.ts';
import { anomalyChecks, measuredBeforeStatement, measureStatement } from './measure.ts';
import { asideOf, targetOf } from './place.ts';

/**
 * Bytes of the checks of one batch. The Data API takes 200 KB a statement; the state of Step Functions holds a batch twice in
 * 256 KiB, with its quotes escaped.
 */
const batchBytes = 50_000;

/** A model that is built whole: all of its rows are new. */
export function auditedAside(model: CompiledModel): Audited {
  const aside = qualifiedName(asideOf(model));
  return { rows: aside, whole: aside };
}

/** The questions about a model that stands aside; nearly always one batch. `findings` reads what they answer. */
export function checkSteps(model: CompiledModel, audited: Audited): Step[] {
  const [first, ...others] = checkBatches(model);
  const measured = anomalyChecks(model);
  const about = [
    countStatement(first ?? [], model, audited, true),
    publishedStatement(model),
    standingStatement(model),
    ...(measured.length > 0 ? [measureStatement(measured, audited), measuredBeforeStatement(model)] : []),
  ];
  return [
    { name: checkStepName(0), ...answering(about) },
    ...others.map((checks, index) => ({
      name: checkStepName(index + 1),
      ...answering([countStatement(checks, model, audited, false)]),
    })),
  ];
}

export const checkStepName = (batch: number): string => (batch === 0 ? 'check' : `check-${batch}`);

/** The checks of each batch. */
export function checkBatches({ checks }: Pick<CompiledModel, 'checks'>): Check[][] {
  const batches: Check[][] = [[]];
  let bytes = 0;
  for (const check of checks) {
    const size = Buffer.byteLength(JSON.stringify(check)) + 400;
    if (bytes > 0 && bytes + size > batchBytes) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(check);
    bytes += size;
  }
  return batches;
}

/** Asks some checks alone: to find the one that the warehouse cannot answer. */
export function probeStep(name: string, checks: readonly Check[], model: CompiledModel, audited: Audited): Step {
  const measured = checks.filter((check) => check.kind === 'anomaly');
  const statements = [
    countStatement(checks, model, audited, true),
    ...(measured.length > 0 ? [measureStatement(measured, audited)] : []),
  ];
  return { name, statements: [caseSensitivePaths, ...statements] };
}

const answering = (statements: readonly string[]): Pick<Step, 'statements' | 'reads'> => ({
  statements: [caseSensitivePaths, ...statements],
  reads: statements.map((_, index) => index + 2),
});

/** Counts what is wrong, one row a check: its name, severity, how much is wrong, and what is there instead. */
function countStatement(checks: readonly Check[], model: CompiledModel, audited: Audited, isFirst: boolean): string {
  const rows = `SELECT 'row_count' AS "check_name", 'info' AS "severity", "rows" AS "failures", NULL::VARCHAR AS "found" FROM (${countOfRows(audited)}) AS "counted"`;
  const counts = checks.flatMap((check) => (check.kind === 'anomaly' ? [] : [countOf(check, model, audited)]));
  return [...(isFirst ? [rows] : []), ...counts].join('\nUNION ALL\n');
}

function countOf(check: Exclude<Check, { kind: 'anomaly' }>, model: CompiledModel, audited: Audited): string {
  const named = `SELECT ${quoteText(checkName(check))}, ${quoteText(check.severity)}`;
  if (findsRows(check)) return `${named}, COUNT(*), NULL::VARCHAR FROM ${failingRows(check, model, audited)}`;
  if (check.kind === 'row_count') {
    return `${named}, CASE WHEN ${outOfBounds(check)} THEN 1 ELSE 0 END, "rows"::VARCHAR FROM (${countOfRows(audited)}) AS "counted"`;
  }
  const whole = `${audited.whole} AS ${quoteIdentifier(model.table)}`;
  const newest = `MAX(${quoteIdentifier(check.column)})`;
  const fresh = `${newest}::TIMESTAMPTZ >= DATEADD(second, -${check.maxAgeSeconds}, SYSDATE)::TIMESTAMPTZ`;
  // Where there is no row, nothing is fresh.
  return `${named}, CASE WHEN ${fresh} THEN 0 ELSE 1 END, ${newest}::VARCHAR FROM ${whole}`;
}

function outOfBounds({ minimum, maximum }: Extract<Check, { kind: 'row_count' }>): string {
  const bounds = [
    ...(minimum === undefined ? [] : [`"rows" < ${minimum}`]),
    ...(maximum === undefined ? [] : [`"rows" > ${maximum}`]),
  ];
  return bounds.length > 0 ? bounds.join(' OR ') : 'FALSE';
}

/** What definition was published last. */
export function publishedStatement(model: CompiledModel): string {
  return `SELECT "definition"
FROM ${qualifiedName(modelRunsTable)}
WHERE "model" = ${quoteText(model.name)} AND "outcome" = 'published'
ORDER BY "finished_at" DESC
LIMIT 1`;
}

/** What stands where the model is read: `r` a table, `v` a view. The catalog is on the leader node: it is not joined with tables. */
function standingStatement(model: CompiledModel): string {
  const { schema, name } = targetOf(model);
  return `SELECT "c"."relkind"
FROM "pg_catalog"."pg_class" AS "c"
JOIN "pg_catalog"."pg_namespace" AS "n" ON "n"."oid" = "c"."relnamespace"
WHERE "n"."nspname" = ${quoteText(schema)} AND "c"."relname" = ${quoteText(name)}`;
}
