import type { Check, CompiledModel } from '../models/model.ts';
import { quoteIdentifier, quoteText } from '../names.ts';
import { checkResultsTable, columnList, modelRunsTable, qualifiedName, type Table } from '../tables.ts';
import { fenceStatements, type Holder, notedOutcome, noteOutcome, unlessNoted } from './fence.ts';
import type { Readers } from './prepare.ts';
import { caseSensitivePaths, inBatches } from './session.ts';

/** What a check found. */
export interface CheckResult {
  readonly name: string;
  readonly severity: Check['severity'];
  readonly failures: number;
}

/** What `ops.model_runs` and `ops.check_results` say of a run. */
export interface ModelRun {
  readonly runId: string;
  readonly execution: string;
  /** The lane and generation of the execution: each batch is fenced by them. */
  readonly holder: Holder;
  readonly outcome: 'published' | 'check_failed' | 'failed';
  readonly rows?: number;
  readonly reason?: string;
  readonly checks: readonly CheckResult[];
}

const asideOf = (model: CompiledModel) => ({ schema: model.schema, name: `${model.table}__next` });
const targetOf = (model: CompiledModel) => ({ schema: model.schema, name: model.table });

/** Builds the model where nobody looks. */
export function buildStatements(model: CompiledModel, holder: Holder): string[] {
  return [caseSensitivePaths, ...fenceStatements(model, holder), dropAside(model), createAs(model, asideOf(model))];
}

function createAs(model: CompiledModel, target: { schema: string; name: string }): string {
  // On its own line: the model may end in a comment.
  return model.materialization === 'view'
    ? `CREATE VIEW ${qualifiedName(target)} AS\n${model.sql}\nWITH NO SCHEMA BINDING`
    : `CREATE TABLE ${qualifiedName(target)} AS\n${model.sql}`;
}

function drop(model: CompiledModel, target: { schema: string; name: string }): string {
  return `DROP ${model.materialization === 'view' ? 'VIEW' : 'TABLE'} IF EXISTS ${qualifiedName(target)}`;
}

const dropAside = (model: CompiledModel): string => drop(model, asideOf(model));

/** The statements, counted from 1, of a check batch that answer: the rows found, then the definition last published. */
export const checkResultIndexes = [2, 3] as const;

/** Counts what is wrong with the model built aside, one row a check, and asks what definition was published last. */
export function checkStatements(model: CompiledModel): string[] {
  const aside = qualifiedName(asideOf(model));
  const counts = [
    `SELECT 'row_count' AS "check_name", 'info' AS "severity", COUNT(*) AS "failures" FROM ${aside}`,
    ...model.checks.map((check) => checkSelect(check, aside)),
  ];
  const published = `SELECT "definition"
FROM ${qualifiedName(modelRunsTable)}
WHERE "model" = ${quoteText(model.name)} AND "outcome" = 'published'
ORDER BY "finished_at" DESC
LIMIT 1`;
  return [caseSensitivePaths, counts.join('\nUNION ALL\n'), published];
}

/** How a check is called in results and messages. */
export function checkName(check: Check): string {
  if (check.kind === 'expression') return `expression: ${check.sql}`;
  return `${check.kind}: ${check.kind === 'unique' ? check.columns.join(', ') : check.column}`;
}

function checkSelect(check: Check, aside: string): string {
  return `SELECT ${quoteText(checkName(check))}, ${quoteText(check.severity)}, COUNT(*) FROM ${failing(check, aside)}`;
}

function failing(check: Check, aside: string): string {
  switch (check.kind) {
    case 'not_null':
      return `${aside} WHERE ${quoteIdentifier(check.column)} IS NULL`;
    case 'expression':
      return `${aside} WHERE NOT (${check.sql})`;
    case 'unique': {
      const columns = check.columns.map(quoteIdentifier).join(', ');
      return `(SELECT ${columns} FROM ${aside} GROUP BY ${columns} HAVING COUNT(*) > 1) AS "repeated"`;
    }
  }
}

/**
 * Publishes by new rows in the same table: readers wait for nothing, and grants, comments and views stay.
 * Only for a model whose definition is the one published last, because then the columns are the same.
 */
export function replaceStatements(model: CompiledModel, run: ModelRun): string[] {
  const target = qualifiedName(targetOf(model));
  return [
    caseSensitivePaths,
    ...fenceStatements(model, run.holder),
    `DELETE FROM ${target}`,
    `INSERT INTO ${target}\nSELECT * FROM ${qualifiedName(asideOf(model))}`,
    dropAside(model),
    ...recordRun(model, run),
  ];
}

/**
 * Publishes by putting the new table in the place of the old: the first time, and when the definition has changed.
 * An ordinary view on the old one makes it fail, aloud, and keeps the old; late-binding views do not notice.
 */
export function swapStatements(model: CompiledModel, run: ModelRun, readers: Readers): string[] {
  const exchange =
    model.materialization === 'view'
      ? [dropAside(model), drop(model, targetOf(model)), createAs(model, targetOf(model))]
      : [
          drop(model, targetOf(model)),
          `ALTER TABLE ${qualifiedName(asideOf(model))} RENAME TO ${quoteIdentifier(model.table)}`,
        ];
  return [
    caseSensitivePaths,
    ...fenceStatements(model, run.holder),
    ...exchange,
    ...grantees(model, readers).map((role) => grantSelect(model, role)),
    comment(model),
    ...recordRun(model, run),
  ];
}

/** Everyone who may read the model: by its schema, or because its header says so. */
export function grantees(model: Pick<CompiledModel, 'schema' | 'grants'>, readers: Readers): string[] {
  const bySchema = Object.keys(readers).filter((role) => readers[role]?.schemas.includes(model.schema));
  return [...new Set([...bySchema, ...model.grants])];
}

function grantSelect(model: CompiledModel, role: string): string {
  return `GRANT SELECT ON ${qualifiedName(targetOf(model))} TO ROLE ${quoteIdentifier(role)}`;
}

function comment(model: CompiledModel): string {
  const kind = model.materialization === 'view' ? 'VIEW' : 'TABLE';
  return `COMMENT ON ${kind} ${qualifiedName(targetOf(model))} IS ${quoteText(model.description)}`;
}

/** What the columns mean, told to the table built aside, which keeps it under its later name; in batches the Data API takes. */
export function describeBatches(model: CompiledModel, holder: Holder): string[][] {
  if (model.materialization === 'view') return [];
  const aside = qualifiedName(asideOf(model));
  return inBatches(
    model.columns.map(
      ({ name, description }) => `COMMENT ON COLUMN ${aside}.${quoteIdentifier(name)} IS ${quoteText(description)}`,
    ),
    fenceStatements(model, holder),
  );
}

/**
 * Keeps the old: throws away what was built aside and notes why. The last statement answers how the run ended: a publish whose
 * answer was lost is on the books already, and stays.
 */
export function discardStatements(model: CompiledModel, run: ModelRun): string[] {
  return [
    caseSensitivePaths,
    ...fenceStatements(model, run.holder),
    dropAside(model),
    ...recordRun(model, run),
    notedOutcome(model, run.holder),
  ];
}

function recordRun(model: CompiledModel, run: ModelRun): string[] {
  const unless = unlessNoted(model, run.holder);
  return [
    insertRows(modelRunsTable, [runRow(model, run)], unless),
    ...checkRows(model, run, unless),
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

/** A check may be a long expression; in UTF-8 so many characters always fit the column. */
const checkNameCharacters = 256;

function checkRows(model: CompiledModel, run: ModelRun, unless: string): string[] {
  const rows = run.checks.map(({ name, severity, failures }) =>
    [
      quoteText(run.runId),
      quoteText(model.name),
      quoteText(name.slice(0, checkNameCharacters)),
      quoteText(severity),
      failures,
      'SYSDATE',
    ].join(', '),
  );
  return rows.length > 0 ? [insertRows(checkResultsTable, rows, unless)] : [];
}

/**
 * Rows are only added, in the transaction of what they tell: models of a wave are published side by side, and a DELETE in a
 * table that another transaction writes to is a conflict. That they are there already is asked of the model's own books, which
 * nobody else writes. A batch that fails takes its rows back with it.
 */
function insertRows(table: Table, rows: readonly string[], unless: string): string {
  const selects = rows.map((row) => `SELECT ${row} WHERE ${unless}`);
  return `INSERT INTO ${qualifiedName(table)} (${columnList(table.columns)})\n${selects.join('\nUNION ALL\n')}`;
}
