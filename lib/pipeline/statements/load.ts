import { deletions } from '../envelope.ts';
import type { Codec } from '../names.ts';
import { quoteIdentifier, quoteText } from '../names.ts';
import type { Column, Table } from '../tables.ts';
import {
  asideTable,
  columnDefinitions,
  columnList,
  datasetChangesTable,
  envelopeColumns,
  latestTable,
  loadsTable,
  qualifiedName,
  rawTable,
  replacedDays,
  replacedTable,
  tombstonesTable,
  writerTable,
} from '../tables.ts';
import { caseSensitivePaths } from './session.ts';

/** One load: the objects of one manifest into one dataset. */
export interface LoadBatch {
  readonly loadId: string;
  readonly dataset: string;
  readonly keyed: boolean;
  readonly keepsReplaced?: boolean | undefined;
  readonly lane: string;
  /** Fencing token: a load of an older generation than one that has loaded does nothing. */
  readonly generation: number;
  readonly execution: string;
  readonly bucket: string;
  readonly manifestKey: string;
  readonly objectCount: number;
  readonly codec: Codec;
  readonly copyRoleArn: string;
  /** There where it goes into the table aside of the rebuild that began with this generation, and not into the live tables. */
  readonly aside?: number | undefined;
}

/**
 * The statements of a load: one Data API batch, so one transaction. Run again, they change nothing.
 * The last one answers with the row of `ops.loads`, or none where the load was fenced off.
 */
export function loadStatements(load: LoadBatch): string[] {
  const { log, writer } = targetOf(load);
  return [
    caseSensitivePaths,
    // First of all: the transaction's snapshot is taken by the next statement, so it sees what the writer before committed.
    `LOCK ${qualifiedName(writer)}`,
    createStage,
    copyIntoStage(load),
    createFresh(load, log),
    insertFrom('fresh', log, load),
    ...(load.keyed && load.aside === undefined ? latestStatements(load) : []),
    ...(load.aside === undefined ? [insertChange(load)] : []),
    insertLoad(load),
    loadResult(load.loadId),
  ];
}

/** Where its events go, and whose lock it holds meanwhile. Aside there is no `latest`: the swap makes it of all there is then. */
function targetOf({ dataset, aside }: LoadBatch): { readonly log: Table; readonly writer: Table } {
  if (aside === undefined) return { log: rawTable(dataset), writer: writerTable(dataset) };
  const log = asideTable(dataset, aside);
  return { log, writer: log };
}

/** The position, among the statements of a load, of the one that answers; counted from 1 as the Data API does. */
export const loadResultIndex = (statements: readonly string[]): number => statements.length;

export const createStage = `CREATE TEMP TABLE "stage" (
${columnDefinitions(envelopeColumns)}
)
DISTSTYLE KEY DISTKEY ("_id")`;

export function copyIntoStage(load: Pick<LoadBatch, 'bucket' | 'manifestKey' | 'copyRoleArn' | 'codec'>): string {
  return `COPY "stage"
FROM ${quoteText(`s3://${load.bucket}/${load.manifestKey}`)}
IAM_ROLE ${quoteText(load.copyRoleArn)}
MANIFEST
FORMAT JSON 'auto'
${load.codec.toUpperCase()}
TIMEFORMAT 'auto'
COMPUPDATE OFF
STATUPDATE OFF`;
}

/** False once this load, or one of a later generation of its lane, is on the books: a batch cannot branch. */
export function unlessDone(load: Pick<LoadBatch, 'loadId' | 'dataset' | 'lane' | 'generation'>): string {
  return `NOT EXISTS (
  SELECT 1 FROM ${qualifiedName(loadsTable)}
  WHERE "load_id" = ${quoteText(load.loadId)}
    OR ("dataset" = ${quoteText(load.dataset)} AND "lane" = ${quoteText(load.lane)} AND "generation" > ${load.generation})
)`;
}

/** What the stage has and the event log has not, each event once. */
function createFresh(load: LoadBatch, log: Table): string {
  return `CREATE TEMP TABLE "fresh"
DISTSTYLE KEY DISTKEY ("_id")
AS
SELECT ${columnList(envelopeColumns, 'staged')}
FROM (
  SELECT ${columnList(envelopeColumns)},
    ROW_NUMBER() OVER (PARTITION BY "_id" ORDER BY "_position" DESC) AS "delivery"
  FROM "stage"
) AS "staged"
LEFT JOIN ${qualifiedName(log)} AS "known" ON "known"."_id" = "staged"."_id"
WHERE "staged"."delivery" = 1
AND "known"."_id" IS NULL
AND ${unlessDone(load)}`;
}

/** The last write of a key decides where the key is noted: its deletes make a tombstone, all else a row. */
const deleted = deletions.map(quoteText).join(', ');
export const isDeletion = `"_op" IN (${deleted})`;
export const isNoDeletion = `"_op" NOT IN (${deleted})`;

/** Current state: drop what is older than what is there, then delete and insert; one path for writes and deletes. */
function latestStatements(load: LoadBatch): string[] {
  const latest = latestTable(load.dataset);
  const tombstones = tombstonesTable(load.dataset);
  return [
    createNewest(latest, tombstones),
    ...(load.keepsReplaced ? keepReplaced(load.dataset) : []),
    deleteNewest(latest),
    deleteNewest(tombstones),
    `${insertFrom('newest', latest, load)}\nWHERE ${isNoDeletion}`,
    `${insertFrom('newest', tombstones, load)}\nWHERE ${isDeletion}`,
  ];
}

/**
 * The last write of each key, where nothing later is noted of it. `_id` breaks ties, so order of arrival never matters. What is
 * noted is only looked for, never joined to what is written: a key that somebody has put there twice must not write itself twice.
 */
function createNewest(latest: Table, tombstones: Table): string {
  return `CREATE TEMP TABLE "newest"
DISTSTYLE KEY DISTKEY ("_key")
AS
SELECT ${columnList(envelopeColumns, 'written')}
FROM (
  SELECT ${columnList(envelopeColumns)},
    ROW_NUMBER() OVER (PARTITION BY "_key" ORDER BY "_position" DESC, "_id" DESC) AS "age"
  FROM "fresh"
  WHERE "_key" IS NOT NULL
) AS "written"
LEFT JOIN ${qualifiedName(latest)} AS "present" ON ${noEarlierThanWritten('present')}
LEFT JOIN ${qualifiedName(tombstones)} AS "deleted" ON ${noEarlierThanWritten('deleted')}
WHERE "written"."age" = 1
AND "present"."_key" IS NULL
AND "deleted"."_key" IS NULL`;
}

function noEarlierThanWritten(other: string): string {
  const name = quoteIdentifier(other);
  return `${name}."_key" = "written"."_key" AND (
  ${name}."_position" > "written"."_position"
  OR (${name}."_position" = "written"."_position" AND ${name}."_id" >= "written"."_id")
)`;
}

/** Moves what the newest writes take the place of aside, and forgets what nobody will ask for any more. */
function keepReplaced(dataset: string): string[] {
  const replaced = replacedTable(dataset);
  const { columns } = latestTable(dataset);
  return [
    `DELETE FROM ${qualifiedName(replaced)}\nWHERE "_replaced_at" < DATEADD(day, -${replacedDays}, SYSDATE)`,
    `INSERT INTO ${qualifiedName(replaced)} (${columnList(replaced.columns)})
SELECT ${columnList(columns, 'present')}, "numbered"."sequence", SYSDATE
FROM ${qualifiedName(latestTable(dataset))} AS "present"
CROSS JOIN ${nextSequence(dataset)}
WHERE "present"."_key" IN (SELECT "_key" FROM "newest")`,
  ];
}

/** The number of the change that this transaction makes. Nobody else numbers meanwhile: the dataset's writer holds its lock. */
export function nextSequence(dataset: string): string {
  return `(
  SELECT COALESCE(MAX("sequence"), 0) + 1 AS "sequence" FROM ${qualifiedName(datasetChangesTable)}
  WHERE "dataset" = ${quoteText(dataset)}
) AS "numbered"`;
}

/** Puts the change on the books that models follow; a load that brought nothing new is none. */
function insertChange(load: LoadBatch): string {
  return `INSERT INTO ${qualifiedName(datasetChangesTable)} (${columnList(datasetChangesTable.columns)})
SELECT ${quoteText(load.dataset)}, "numbered"."sequence", ${quoteText(load.loadId)}, "fresh_rows"."count",
  ${load.keepsReplaced === true}, FALSE, SYSDATE
FROM (SELECT COUNT(*) AS "count" FROM "fresh") AS "fresh_rows"
CROSS JOIN ${nextSequence(load.dataset)}
WHERE "fresh_rows"."count" > 0`;
}

function deleteNewest(table: Table): string {
  return `DELETE FROM ${qualifiedName(table)}\nWHERE "_key" IN (SELECT "_key" FROM "newest")`;
}

/** Copies the columns a table shares with a temporary one, and marks the rows with the load. */
function insertFrom(source: string, table: Table, load: LoadBatch): string {
  const marks: Record<string, string> = { _load_id: quoteText(load.loadId), _loaded_at: 'SYSDATE' };
  const value = ({ name }: Column) => marks[name] ?? quoteIdentifier(name);
  return `INSERT INTO ${qualifiedName(table)} (${columnList(table.columns)})
SELECT ${table.columns.map(value).join(', ')}
FROM ${quoteIdentifier(source)}`;
}

function insertLoad(load: LoadBatch): string {
  const values = [
    quoteText(load.loadId),
    quoteText(load.dataset),
    quoteText(load.lane),
    load.generation,
    quoteText(load.execution),
    quoteText(load.manifestKey),
    load.objectCount,
  ];
  return `INSERT INTO ${qualifiedName(loadsTable)} (${columnList(loadsTable.columns)})
SELECT ${values.join(', ')},
  "counted"."staged", "inserted"."fresh", "counted"."staged" - "inserted"."fresh",
  "inserted"."first_at", "inserted"."last_at", SYSDATE
FROM (SELECT COUNT(*) AS "staged" FROM "stage") AS "counted"
CROSS JOIN (
  SELECT COUNT(*) AS "fresh", MIN("_at") AS "first_at", MAX("_at") AS "last_at" FROM "fresh"
) AS "inserted"
WHERE ${unlessDone(load)}`;
}

export function loadResult(loadId: string): string {
  return `SELECT "rows_staged", "rows_inserted", "rows_duplicate", "first_event_at", "last_event_at"
FROM ${qualifiedName(loadsTable)}
WHERE "load_id" = ${quoteText(loadId)}`;
}
