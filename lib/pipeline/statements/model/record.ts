import type { CompiledModel } from '../../models/model.ts';
import { quoteText } from '../../names.ts';
import {
  checkResultsTable,
  columnList,
  measuresTable,
  modelRunsTable,
  qualifiedName,
  type Table,
} from '../../tables.ts';
import { noteOutcome, unlessNoted } from '../fence.ts';
import type { ModelRun } from './run.ts';

/** The books of a run: how it ended, and what its checks found; told once, however often a batch is sent. */
export function recordRun(model: CompiledModel, run: ModelRun): string[] {
  const unless = unlessNoted(model, run.holder);
  return [
    insertRows(modelRunsTable, [runRow(model, run)], unless),
    ...checkRows(model, run, unless),
    ...measureRows(model, run, unless),
    noteOutcome(model, run.holder, run.outcome),
  ];
}

function runRow(model: CompiledModel, run: ModelRun): string {
  return [
    quoteText(run.runId),
    quoteText(model.name),
    quoteText(run.execution),
    quoteText(model.definition),
    quoteText(run.outcome),
    run.rows ?? 'NULL',
    run.reason === undefined ? 'NULL' : quoteText(run.reason),
    'SYSDATE',
  ].join(', ');
}

/** As a model may have hundreds of checks, what they have in common is said once. */
function checkRows(model: CompiledModel, run: ModelRun, unless: string): string[] {
  if (run.checks.length === 0) return [];
  const rows = run.checks.map(
    ({ name, severity, failures }) =>
      `SELECT ${quoteText(name)}::VARCHAR(1024) AS "check_name", ${quoteText(severity)}::VARCHAR AS "severity", ${failures} AS "failures"`,
  );
  const about = `${quoteText(run.runId)}, ${quoteText(model.name)}, "check_name", "severity", "failures", SYSDATE`;
  return [
    `INSERT INTO ${qualifiedName(checkResultsTable)} (${columnList(checkResultsTable.columns)})
SELECT ${about}
FROM (
${rows.join('\nUNION ALL\n')}
) AS "found"
WHERE ${unless}`,
  ];
}

function measureRows(model: CompiledModel, run: ModelRun, unless: string): string[] {
  const kept = run.outcome === 'published' ? (run.measured ?? []) : [];
  const rows = kept.map(({ measure, column, value }) =>
    [quoteText(run.runId), quoteText(model.name), quoteText(measure), quoteText(column), value, 'SYSDATE'].join(', '),
  );
  return rows.length > 0 ? [insertRows(measuresTable, rows, unless)] : [];
}

/**
 * Rows are only added, in the transaction of what they tell: models are published side by side, and a DELETE in a
 * table that another transaction writes to is a conflict. That they are there already is asked of the model's own books, which
 * nobody else writes. A batch that fails takes its rows back with it.
 */
export function insertRows(table: Table, rows: readonly string[], unless: string): string {
  const selects = rows.map((row) => `SELECT ${row} WHERE ${unless}`);
  return `INSERT INTO ${qualifiedName(table)} (${columnList(table.columns)})\n${selects.join('\nUNION ALL\n')}`;
}
