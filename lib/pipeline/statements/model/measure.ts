import { comparedMeasurements } from '../../checks/anomaly.ts';
import type { Check, CompiledModel } from '../../models/model.ts';
import { quoteIdentifier, quoteText } from '../../names.ts';
import { measuresTable, qualifiedName } from '../../tables.ts';
import type { ResultRows } from '../../work.ts';
import { type Audited, countOfRows } from './failing.ts';

export type AnomalyCheck = Extract<Check, { kind: 'anomaly' }>;

/** What was measured of a model's rows. */
export interface Measured {
  readonly measure: string;
  /** Empty for a measure of the whole. */
  readonly column: string;
  readonly value: number;
}

export const anomalyChecks = (model: Pick<CompiledModel, 'checks'>): AnomalyCheck[] =>
  model.checks.filter((check) => check.kind === 'anomaly');

/** Measures one row a check; NULL where there is nothing to measure. */
export function measureStatement(checks: readonly AnomalyCheck[], audited: Audited): string {
  const selects = checks.map((check) => {
    const from = check.measure === 'row_count' ? `(${countOfRows(audited)})` : audited.whole;
    return `SELECT ${quoteText(check.measure)}, ${quoteText(check.column ?? '')}, (${expression(check)})::DOUBLE PRECISION FROM ${from} AS "measured"`;
  });
  return [...new Set(selects)].join('\nUNION ALL\n');
}

/** DOUBLE PRECISION holds 15 digits: enough to tell what is usual, and a sum never overflows. */
function expression({ measure, column }: AnomalyCheck): string {
  const name = column === undefined ? '*' : quoteIdentifier(column);
  switch (measure) {
    case 'row_count':
      return '"rows"';
    case 'mean':
      return `AVG(${name}::DOUBLE PRECISION)`;
    case 'null_share':
      return `AVG(CASE WHEN ${name} IS NULL THEN 1::DOUBLE PRECISION ELSE 0::DOUBLE PRECISION END)`;
    case 'distinct_count':
      return `COUNT(DISTINCT ${name})`;
    case 'sum':
      return `SUM(${name}::DOUBLE PRECISION)`;
    case 'minimum':
      return `MIN(${name}::DOUBLE PRECISION)`;
    case 'maximum':
      return `MAX(${name}::DOUBLE PRECISION)`;
  }
}

/** What the last publishes measured, the newest first: one row a measure, its values in one text, so that the answer stays small. */
export function measuredBeforeStatement(model: CompiledModel): string {
  return `SELECT "measure", "column_name", LISTAGG("value"::VARCHAR, ' ') WITHIN GROUP (ORDER BY "age")
FROM (
  SELECT "measure", "column_name", "value", ROW_NUMBER() OVER (PARTITION BY "measure", "column_name" ORDER BY "measured_at" DESC) AS "age"
  FROM ${qualifiedName(measuresTable)}
  WHERE "model" = ${quoteText(model.name)}
) AS "past"
WHERE "age" <= ${comparedMeasurements}
GROUP BY "measure", "column_name"`;
}

export function measuredOf(rows: ResultRows): Measured[] {
  return rows.flatMap(([measure, column, value]) =>
    value === null || value === undefined
      ? []
      : [{ measure: measure ?? '', column: column ?? '', value: Number(value) }],
  );
}

/** The values of one measure as the last publishes had them. */
export function measuredBefore(rows: ResultRows, { measure, column = '' }: AnomalyCheck): number[] {
  const row = rows.find((one) => one[0] === measure && one[1] === column);
  return (row?.[2] ?? '').split(' ').filter(Boolean).map(Number);
}
