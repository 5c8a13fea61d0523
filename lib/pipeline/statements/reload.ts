import type { DatasetPlan } from '../environment.ts';
import { quoteIdentifier, quoteText } from '../names.ts';
import {
  asideTable,
  type Column,
  columnList,
  createTable,
  datasetChangesTable,
  datasetTables,
  latestTable,
  loadsTable,
  pipelineSchemas,
  qualifiedName,
  rawTable,
  type Table,
  tombstonesTable,
  writerTable,
} from '../tables.ts';
import type { OpenReloadWork, SwapWork } from '../work.ts';
import { isDeletion, isNoDeletion, loadResult, nextSequence, unlessDone } from './load.ts';
import { caseSensitivePaths } from './session.ts';

/** What a reload loads into, made where it is not there: somebody may have dropped it, and that be the reason to reload. */
export function openStatements({ aside, over }: OpenReloadWork, dataset: DatasetPlan): string[] {
  const tables = [loadsTable, datasetChangesTable, ...datasetTables(dataset)];
  return [
    ...pipelineSchemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`),
    ...tables.map(createTable),
    ...(over === undefined ? [] : [dropAside(dataset.name, over)]),
    ...(aside === undefined ? [] : [createTable(asideTable(dataset.name, aside))]),
  ];
}

export function dropAside(dataset: string, began: number): string {
  return `DROP TABLE IF EXISTS ${qualifiedName(asideTable(dataset, began))}`;
}

/**
 * The swap of a rebuild: one transaction under the lock that loads hold, which deletes and inserts and so locks no reader.
 * What the lake had takes the place of what has the same `_id`. What only the warehouse has stays: objects that have expired,
 * and what live loads brought meanwhile. Then `latest` and the tombstones are made of all there is. Run again, it changes
 * nothing; the last statement answers with its row of `ops.loads`, or with none where it was refused.
 */
export function swapStatements(swap: SwapWork, keyed: boolean): string[] {
  const raw = rawTable(swap.dataset);
  const aside = asideTable(swap.dataset, swap.aside);
  return [
    caseSensitivePaths,
    `LOCK ${qualifiedName(writerTable(swap.dataset))}`,
    createAllowed(swap, aside),
    `DELETE FROM ${qualifiedName(raw)}
WHERE "_id" IN (SELECT "rebuilt"."_id" FROM ${qualifiedName(aside)} AS "rebuilt" CROSS JOIN "allowed")`,
    copyRows(raw, qualifiedName(aside), '"allowed"'),
    ...(keyed ? currentStatements(swap.dataset) : []),
    insertRewriting(swap),
    insertSwap(swap),
    loadResult(swap.loadId),
  ];
}

/**
 * One row where the swap may go on, none where it may not: it has been done, a later generation has the rebuild, or the table
 * aside is not what the loads on the books made of it (somebody touched it).
 */
function createAllowed(swap: SwapWork, aside: Table): string {
  return `CREATE TEMP TABLE "allowed" AS
SELECT "counted"."rows"
FROM (SELECT COUNT(*) AS "rows" FROM ${qualifiedName(aside)}) AS "counted"
CROSS JOIN (
  SELECT COALESCE(SUM("rows_inserted"), 0) AS "rows" FROM ${qualifiedName(loadsTable)}
  WHERE "dataset" = ${quoteText(swap.dataset)} AND "lane" = ${quoteText(swap.lane)}
) AS "loaded"
WHERE "counted"."rows" = "loaded"."rows"
AND ${unlessDone(swap)}`;
}

/** Rows with all their columns, the load that brought them among these. */
function copyRows(into: Table, from: string, also: string): string {
  return `INSERT INTO ${qualifiedName(into)} (${columnList(into.columns)})
SELECT ${columnList(into.columns, 'moved')}
FROM ${from} AS "moved"
CROSS JOIN ${also}`;
}

function currentStatements(dataset: string): string[] {
  const latest = latestTable(dataset);
  const tombstones = tombstonesTable(dataset);
  const empty = (table: Table) => `DELETE FROM ${qualifiedName(table)}\nWHERE EXISTS (SELECT 1 FROM "allowed")`;
  return [
    createCurrent(dataset),
    empty(latest),
    empty(tombstones),
    `${copyRows(latest, '"current"', '"allowed"')}\nWHERE ${isNoDeletion}`,
    `${copyRows(tombstones, '"current"', '"allowed"')}\nWHERE ${isDeletion}`,
  ];
}

/**
 * The last write of each key in the event log. A row of `latest` or a tombstone whose event the log has no more, because
 * somebody cut the log, competes as what it is.
 */
function createCurrent(dataset: string): string {
  const { columns } = latestTable(dataset);
  const raw = qualifiedName(rawTable(dataset));
  const forgotten = (table: Table) => `SELECT ${valuesOf(table, columns)}
    FROM ${qualifiedName(table)} AS "kept"
    LEFT JOIN ${raw} AS "known" ON "known"."_id" = "kept"."_id"
    WHERE "known"."_id" IS NULL`;
  return `CREATE TEMP TABLE "current"
DISTSTYLE KEY DISTKEY ("_key")
AS
SELECT ${columnList(columns)}
FROM (
  SELECT ${columnList(columns)},
    ROW_NUMBER() OVER (PARTITION BY "_key" ORDER BY "_position" DESC, "_id" DESC) AS "age"
  FROM (
    SELECT ${columnList(columns)} FROM ${raw} WHERE "_key" IS NOT NULL
    UNION ALL
    ${forgotten(latestTable(dataset))}
    UNION ALL
    ${forgotten(tombstonesTable(dataset))}
  ) AS "written"
) AS "aged"
WHERE "age" = 1`;
}

/** What a tombstone does not hold, because every tombstone has the same. */
const untold: Readonly<Record<string, string>> = { payload: 'NULL::SUPER' };

function valuesOf(table: Table, columns: readonly Column[]): string {
  const has = new Set(table.columns.map(({ name }) => name));
  return columns
    .map(({ name }) =>
      has.has(name) ? `"kept".${quoteIdentifier(name)}` : `${untold[name]} AS ${quoteIdentifier(name)}`,
    )
    .join(', ');
}

/** Models that follow the dataset's changes cannot follow this one: what was there before is not kept. */
function insertRewriting({ dataset, loadId }: SwapWork): string {
  return `INSERT INTO ${qualifiedName(datasetChangesTable)} (${columnList(datasetChangesTable.columns)})
SELECT ${quoteText(dataset)}, "numbered"."sequence", ${quoteText(loadId)}, "allowed"."rows", FALSE, TRUE, SYSDATE
FROM "allowed"
CROSS JOIN ${nextSequence(dataset)}`;
}

function insertSwap(swap: SwapWork): string {
  const marks = [swap.loadId, swap.dataset, swap.lane].map(quoteText);
  const values = [...marks, swap.generation, quoteText(swap.execution), `''`, 0];
  return `INSERT INTO ${qualifiedName(loadsTable)} (${columnList(loadsTable.columns)})
SELECT ${values.join(', ')}, "rows", 0, "rows", NULL, NULL, SYSDATE
FROM "allowed"`;
}
