import { MillraceError } from '../../lib/pipeline/error.ts';
import {
  latestTable,
  loadsTable,
  modelRunsTable,
  qualifiedName,
  rawTable,
  tombstonesTable,
} from '../../lib/pipeline/tables.ts';
import type { ResultRows } from '../../lib/pipeline/work.ts';
import type { Operator } from './operator.ts';
import type { Wanted } from './trace-find.ts';

/** An event as the warehouse has it. Instants are text, UTC. */
export interface LoadedEvent {
  readonly id: string;
  readonly operation: string;
  readonly key: string | null;
  readonly position: string;
  readonly at: string;
  readonly loadId: string;
  readonly loadedAt: string;
  /** Absent where `ops.loads` does not know the load. */
  readonly manifestKey: string | undefined;
  readonly execution: string | undefined;
}

/** A model, and when it was last published and last tried. */
export interface ModelRuns {
  readonly publishedAt: string | undefined;
  readonly outcome: string;
  readonly finishedAt: string;
}

/** More events of one key than anybody reads. */
export const eventsAtMost = 500;

/** Before the first load there is no table, and nothing in it. */
async function rowsOf(operator: Operator, sql: string, parameters: Record<string, string>): Promise<ResultRows> {
  try {
    return await operator.query(sql, parameters);
  } catch (error) {
    if (error instanceof MillraceError && /does not exist|not found/i.test(error.message)) return [];
    throw error;
  }
}

/** `"column" IN (:a0, :a1)`, and its parameters. */
function among(column: string, values: readonly string[]): { sql: string; parameters: Record<string, string> } {
  const names = values.map((_, n) => `wanted${n}`);
  const parameters = Object.fromEntries(values.map((value, n) => [`wanted${n}`, value]));
  return { sql: `${column} IN (${names.map((name) => `:${name}`).join(', ')})`, parameters };
}

const wantedIn = ({ ids, keys }: Wanted, table: string) =>
  ids.length > 0 ? among(`${table}."_id"`, ids) : among(`${table}."_key"`, keys);

/** Every event of what is wanted, in the order in which they were written. */
export async function loadedEvents(operator: Operator, dataset: string, wanted: Wanted): Promise<LoadedEvent[]> {
  const { sql, parameters } = wantedIn(wanted, '"event"');
  const rows = await rowsOf(
    operator,
    `SELECT "event"."_id", "event"."_op", "event"."_key", "event"."_position", "event"."_at", "event"."_load_id",
  "event"."_loaded_at", "load"."manifest_key", "load"."execution"
FROM ${qualifiedName(rawTable(dataset))} AS "event"
LEFT JOIN ${qualifiedName(loadsTable)} AS "load" ON "load"."load_id" = "event"."_load_id"
WHERE ${sql}
ORDER BY "event"."_position", "event"."_id"
LIMIT ${eventsAtMost}`,
    parameters,
  );
  return rows.map(([id, operation, key, position, at, loadId, loadedAt, manifestKey, execution]) => ({
    id: id ?? '',
    operation: operation ?? '',
    key: key ?? null,
    position: position ?? '',
    at: at ?? '',
    loadId: loadId ?? '',
    loadedAt: loadedAt ?? '',
    manifestKey: manifestKey ?? undefined,
    execution: execution ?? undefined,
  }));
}

/** Which event is the last write of a key, and whether it is a row of `latest` or a tombstone. */
export async function lastWrites(operator: Operator, dataset: string, keys: readonly string[]) {
  const { sql, parameters } = among('"_key"', keys);
  const idsIn = async (table: { schema: string; name: string }) =>
    (await rowsOf(operator, `SELECT "_id" FROM ${qualifiedName(table)} WHERE ${sql}`, parameters)).map(
      ([id]) => id ?? '',
    );
  return { latest: await idsIn(latestTable(dataset)), tombstones: await idsIn(tombstonesTable(dataset)) };
}

/** How each model stands, by its name. */
export async function modelRuns(operator: Operator): Promise<Map<string, ModelRuns>> {
  const rows = await rowsOf(
    operator,
    `SELECT "run"."model", "run"."outcome", "run"."finished_at", "published"."at"
FROM (
  SELECT "model", "outcome", "finished_at", ROW_NUMBER() OVER (PARTITION BY "model" ORDER BY "finished_at" DESC) AS "age"
  FROM ${qualifiedName(modelRunsTable)}
) AS "run"
LEFT JOIN (
  SELECT "model", MAX("finished_at") AS "at" FROM ${qualifiedName(modelRunsTable)}
  WHERE "outcome" = 'published' GROUP BY "model"
) AS "published" ON "published"."model" = "run"."model"
WHERE "run"."age" = 1`,
    {},
  );
  return new Map(
    rows.map(([model, outcome, finishedAt, publishedAt]) => [
      model ?? '',
      { outcome: outcome ?? '', finishedAt: finishedAt ?? '', publishedAt: publishedAt ?? undefined },
    ]),
  );
}
