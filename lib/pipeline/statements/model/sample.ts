import type { Check, CompiledModel, OutputColumn } from '../../models/model.ts';
import { quoteIdentifier, quoteText } from '../../names.ts';
import { checkFailuresTable, columnList, qualifiedName } from '../../tables.ts';
import { fenceStatements } from '../fence.ts';
import { caseSensitivePaths } from '../session.ts';
import { checkName } from './check-name.ts';
import { type Audited, copies, failingRows, findsRows, type RowCheck } from './failing.ts';
import type { ModelRun } from './run.ts';

/** Rows that are kept of a check that failed. */
const rowsAtMost = 10;
/** Checks of a run of which rows are kept, errors first. */
const checksAtMost = 20;
/** A function of Redshift takes 100 arguments: as many columns as surely fit, those that the check names first. */
const columnsAtMost = 50;
const textCharacters = 500;
const superBytes = 2000;
const blackened = "'***'::VARCHAR";

/** Rows of the checks that failed, for whoever mends them; nothing where no check has rows to show. */
export function sampleStatements(
  model: CompiledModel,
  audited: Audited,
  run: Pick<ModelRun, 'runId' | 'holder' | 'checks'>,
) {
  const failing = new Set(run.checks.filter(({ failures }) => failures > 0).map(({ name }) => name));
  const shown = model.checks
    .filter(findsRows)
    .filter((check) => failing.has(checkName(check)))
    .toSorted((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'))
    .slice(0, checksAtMost);
  if (shown.length === 0) return [];
  const samples = withinBytes(shown.map((check) => sampleOf(check, model, audited, run.runId)));
  // Once, should the batch be sent again: the run's id is its own.
  const isNew = `NOT EXISTS (SELECT 1 FROM ${qualifiedName(checkFailuresTable)} WHERE "run_id" = ${quoteText(run.runId)})`;
  const insert = `INSERT INTO ${qualifiedName(checkFailuresTable)} (${columnList(checkFailuresTable.columns)})
SELECT * FROM (
${samples.join('\nUNION ALL\n')}
) AS "samples"
WHERE ${isNew}`;
  return [caseSensitivePaths, ...fenceStatements(model, run.holder), insert];
}

/** The state of Step Functions holds the statement: what would be too long for it is not shown. */
function withinBytes(samples: readonly string[]): string[] {
  let bytes = 0;
  return samples.filter((sample, index) => {
    bytes += Buffer.byteLength(sample);
    return index === 0 || bytes < 60_000;
  });
}

function sampleOf(check: RowCheck, model: CompiledModel, audited: Audited, runId: string): string {
  const noted = [runId, model.name, checkName(check), check.severity].map(
    (text) => `${quoteText(text)}::VARCHAR(1024)`,
  );
  const values = [...noted, rowObject(check, model), 'SYSDATE::TIMESTAMPTZ'];
  const named = values.map(
    (value, index) => `${value} AS ${quoteIdentifier(checkFailuresTable.columns[index]?.name ?? '')}`,
  );
  return `(SELECT ${named.join(', ')} FROM ${failingRows(check, model, audited)} LIMIT ${rowsAtMost})`;
}

function rowObject(check: RowCheck, model: CompiledModel): string {
  const named = namedColumns(check);
  const columns = columnsOf(check, model).toSorted(
    (a, b) => Number(named.includes(b.name)) - Number(named.includes(a.name)),
  );
  const isPrivate = privacy(check, model);
  const pairs = columns.slice(0, columnsAtMost).map((column) => {
    const value = isPrivate(column) ? blackened : shownValue(column);
    return `${quoteText(column.name)}, ${value}`;
  });
  return `OBJECT(${pairs.join(', ')})`;
}

function namedColumns(check: Check): string[] {
  return 'column' in check && check.column !== undefined
    ? [check.column]
    : check.kind === 'unique'
      ? check.columns
      : [];
}

/** What a found row holds. Where nobody has analysed the query, what the check names and the key is known of it. */
function columnsOf(check: RowCheck, { output, key }: CompiledModel): OutputColumn[] {
  const unknown = (names: readonly string[]) => [...new Set(names)].map((name) => ({ name, type: 'unknown' }));
  if (check.kind === 'query') return check.output ?? [];
  if (check.kind === 'unique') {
    const columns = check.columns.map((name) => output.find((one) => one.name === name) ?? { name, type: 'unknown' });
    return [...columns, { name: copies, type: 'bigint' }];
  }
  return output.length > 0 ? [...output] : unknown([...namedColumns(check), ...key]);
}

const plainType = /^(smallint|integer|bigint|numeric|decimal|real|double|boolean)/;

/**
 * What is not copied: what a note says is about a person. A query of `sql/checks` may call a column anything and read other tables:
 * of it only numbers and the model's own columns are.
 */
function privacy(check: RowCheck, { columns, output }: CompiledModel): (column: OutputColumn) => boolean {
  const notes = new Map(columns.map((note) => [note.name, note.personalData]));
  const own = new Set(output.map(({ name }) => name));
  return ({ name, type }) => {
    const personal = notes.get(name);
    if (personal === 'personal' || personal === 'sensitive') return true;
    return check.kind === 'query' && !own.has(name) && !plainType.test(type);
  };
}

/** OBJECT takes every type but dates and times; a long value is shown by its beginning. */
function shownValue({ name, type }: OutputColumn): string {
  const column = quoteIdentifier(name);
  if (plainType.test(type)) return column;
  if (type === 'super') return `CASE WHEN JSON_SIZE(${column}) <= ${superBytes} THEN ${column} END`;
  if (type.startsWith('binary varying') || type.startsWith('varbyte'))
    return `LEFT(TO_HEX(${column}), ${textCharacters})`;
  return type.startsWith('character') ? `LEFT(${column}, ${textCharacters})` : `${column}::VARCHAR`;
}

/** Asks for some of the rows that break a check, as JSON, with what says something about a person blackened. */
export function sampleQuery(check: RowCheck, model: CompiledModel, audited: Audited, rows: number): string {
  return `SELECT JSON_SERIALIZE(${rowObject(check, model)}) FROM ${failingRows(check, model, audited)} LIMIT ${rows}`;
}
