import { copyIntoStage, createStage, type LoadBatch } from './load.ts';

/** The most that MAXERROR takes: as many bad lines are named before COPY gives up. */
const errorsAtMost = 100_000;
/** Findings that are read. Where there are more, mending these leaves a load that is refused again, and mended again. */
const findingsAtMost = 10_000;

/**
 * Asks the warehouse which lines of a load it refuses: the same COPY into a stage of its own, which no statement reads. A load
 * itself always has zero tolerance, so that nothing is ever dropped in silence. The last statement answers with file, line,
 * code and message; of a file's name the system view keeps the first 256 characters.
 */
export function diagnoseStatements(load: LoadBatch): string[] {
  return [
    createStage,
    `${copyIntoStage(load)}\nMAXERROR ${errorsAtMost}`,
    `SELECT TRIM("file_name"), "line_number", "error_code", TRIM("error_message")
FROM "sys_load_error_detail"
WHERE "query_id" = PG_LAST_COPY_ID()
ORDER BY 1, 2
LIMIT ${findingsAtMost}`,
  ];
}
