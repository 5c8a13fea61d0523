import type { Operation } from '../envelope.ts';
import type { WarehouseRow } from '../repair.ts';
import { columnBytes, latestTable, qualifiedName, type Table, tombstonesTable } from '../tables.ts';
import type { ResultRows } from '../work.ts';

/** A parameter becomes a VARCHAR, which holds 65,535 bytes; the text is escaped once more on its way. */
const parameterBytes = 30_000;
const keysAtMost = 500;
/** A row of the Data API's answer is 64 KB at most. */
const payloadBytes = 40_000;

/** Without colons: in a statement with parameters a colon begins the name of one. */
const instantFormat = 'YYYYMMDDHH24MISSUS';

/** Asks what `latest` and the tombstones have of some keys; `:keys` is a JSON array of them. */
export function presentStatement(dataset: string): string {
  return `WITH "wanted" AS (
  SELECT CAST("item" AS VARCHAR(${columnBytes._key})) AS "_key"
  FROM (SELECT JSON_PARSE(:keys) AS "list") AS "given", "given"."list" AS "item"
)
${presentIn(latestTable(dataset), readablePayload)}
UNION ALL
${presentIn(tombstonesTable(dataset), 'NULL')}`;
}

const readablePayload = `CASE WHEN JSON_SIZE("present"."payload") <= ${payloadBytes} THEN JSON_SERIALIZE("present"."payload") END`;

function presentIn(table: Table, payload: string): string {
  return `SELECT "present"."_key", "present"."_position",
  TO_CHAR("present"."_at" AT TIME ZONE 'UTC', '${instantFormat}'), "present"."_op",
  ${payload}
FROM "wanted"
JOIN ${qualifiedName(table)} AS "present" ON "present"."_key" = "wanted"."_key"`;
}

export function presentRows(rows: ResultRows): WarehouseRow[] {
  return rows.map(([key, position, at, op, payload]) => ({
    key: key ?? '',
    position: position ?? '',
    at: instantOfDigits(at ?? ''),
    op: op as Operation,
    payload: payload ?? null,
  }));
}

/** `20261120120000123456` → `2026-11-20T12:00:00.123456Z`. */
function instantOfDigits(digits: string): string {
  return digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{6})$/, '$1-$2-$3T$4:$5:$6.$7Z');
}

/** Splits rows so that the keys of each page fit into one parameter. */
export function pagesOf<Row extends { readonly key: string }>(rows: readonly Row[]): Row[][] {
  const pages: Row[][] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = Buffer.byteLength(JSON.stringify(row.key)) + 1;
    const page = pages.at(-1);
    if (page && page.length < keysAtMost && bytes + size <= parameterBytes) {
      page.push(row);
      bytes += size;
    } else {
      pages.push([row]);
      bytes = size;
    }
  }
  return pages;
}
