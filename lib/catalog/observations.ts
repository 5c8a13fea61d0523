import * as z from 'zod';
import type { Statement } from '../pipeline/statements/drift.ts';
import { checkResultsTable, loadsTable, modelRunsTable, qualifiedName } from '../pipeline/tables.ts';
import type { ResultRows } from '../pipeline/work.ts';

/** Runs of a model that are told one by one. */
const keptRuns = 20;
/** Days that a history goes back. */
const keptDays = 60;
/** What is read again each time: a transaction commits later than the instant that it notes, and clocks differ. */
const overlapSeconds = 3600;
const daySeconds = 86_400;

const seconds = z.number().int().nonnegative();
/** A day (days since 1970, UTC) and a number of rows. */
const dayCount = z.tuple([z.number().int(), z.number()]);

const modelRun = z.strictObject({
  id: z.string(),
  outcome: z.string(),
  rows: z.number().optional(),
  reason: z.string().optional(),
  atSeconds: seconds,
});
export type ObservedRun = z.infer<typeof modelRun>;

const checkFinding = z.strictObject({ name: z.string(), severity: z.string(), failures: z.number() });

const modelObservation = z.strictObject({
  name: z.string(),
  /** Newest first. */
  runs: z.array(modelRun),
  /** The last one that readers see. */
  published: modelRun.optional(),
  /** Rows that readers saw at the end of each day, oldest first. */
  days: z.array(dayCount),
  /** Of the last run that got as far as its checks. */
  checked: z.strictObject({ atSeconds: seconds, findings: z.array(checkFinding) }).optional(),
});
export type ModelObservation = z.infer<typeof modelObservation>;

const datasetObservation = z.strictObject({
  name: z.string(),
  loadedAtSeconds: seconds,
  lastEventAtSeconds: seconds.optional(),
  /** From the oldest event of the last load to when it could be queried. */
  lagSeconds: z.number().optional(),
  /** Rows that came in on each day, oldest first. */
  days: z.array(dayCount),
});
export type DatasetObservation = z.infer<typeof datasetObservation>;

/** What `ops` tells of a project's models and datasets. Names are values, never keys: they come from users. */
export const observations = z.strictObject({
  /** Of the newest row that was read; absent before the first. */
  untilSeconds: seconds.optional(),
  models: z.array(modelObservation),
  datasets: z.array(datasetObservation),
});
export type Observations = z.infer<typeof observations>;

export const nothingObserved: Observations = { models: [], datasets: [] };

/** What the statements of `observingStatements` answer, in their order. */
export interface ObservedRows {
  readonly runs: ResultRows;
  readonly checks: ResultRows;
  readonly loads: ResultRows;
}

const epoch = (column: string): string => `EXTRACT(EPOCH FROM ${column})::BIGINT`;
const day = (column: string): string => `FLOOR(EXTRACT(EPOCH FROM ${column}) / ${daySeconds})::INTEGER`;

/**
 * What is asked of the warehouse: what is new since the last time, so that the work grows with what happened and not with what
 * ever did. `ops` is written in the order of its instants, so old blocks are not even read.
 */
export function observingStatements({ untilSeconds }: Observations): Record<keyof ObservedRows, Statement> {
  const sinceSeconds = Math.max(0, (untilSeconds ?? 0) - overlapSeconds);
  // Days are counted anew from their beginning, because counts of the same load must not be added twice.
  const sinceDaySeconds = sinceSeconds - (sinceSeconds % daySeconds);
  const since = (column: string, from: number) =>
    from === 0 ? '' : `WHERE ${column} >= TIMESTAMPTZ '${new Date(from * 1000).toISOString()}'`;
  return {
    runs: { sql: runsStatement(since('"finished_at"', sinceSeconds)), parameters: {} },
    checks: { sql: checksStatement(since('"checked_at"', sinceSeconds)), parameters: {} },
    loads: { sql: loadsStatement(since('"loaded_at"', sinceDaySeconds)), parameters: {} },
  };
}

const runsStatement = (where: string): string => `SELECT "run_id", "model", "outcome", "row_count", "reason", "at"
FROM (
  SELECT "run_id", "model", "outcome", "row_count", "reason", ${epoch('"finished_at"')} AS "at",
    ROW_NUMBER() OVER (PARTITION BY "model" ORDER BY "finished_at" DESC, "run_id") AS "recent",
    ROW_NUMBER() OVER (PARTITION BY "model", "outcome", ${day('"finished_at"')} ORDER BY "finished_at" DESC, "run_id") AS "of_day"
  FROM ${qualifiedName(modelRunsTable)}
  ${where}
) AS "runs"
WHERE "recent" <= ${keptRuns} OR ("of_day" = 1 AND "outcome" = 'published')`;

const checksStatement = (where: string): string => `SELECT "model", "at", "check_name", "severity", "failures"
FROM (
  SELECT "model", ${epoch('"checked_at"')} AS "at", "check_name", "severity", "failures",
    RANK() OVER (PARTITION BY "model" ORDER BY "checked_at" DESC, "run_id") AS "recent"
  FROM ${qualifiedName(checkResultsTable)}
  ${where}
) AS "results"
WHERE "recent" = 1`;

/** A reload, whose lane bears its name, takes in old events: how late those are says nothing of the pipeline. */
const loadsStatement = (
  where: string,
): string => `SELECT "dataset", "day", SUM("rows_inserted"), MAX("at"), MAX("last_event"),
  MAX(CASE WHEN "recent" = 1 THEN "lag" END)
FROM (
  SELECT "dataset", ${day('"loaded_at"')} AS "day", "rows_inserted", ${epoch('"loaded_at"')} AS "at",
    ${epoch('"last_event_at"')} AS "last_event",
    CASE WHEN "lane" NOT LIKE 'reload%' THEN DATEDIFF(second, "first_event_at", "loaded_at") END AS "lag",
    ROW_NUMBER() OVER (PARTITION BY "dataset", ${day('"loaded_at"')} ORDER BY "loaded_at" DESC, "load_id") AS "recent"
  FROM ${qualifiedName(loadsTable)}
  ${where}
) AS "loads"
GROUP BY "dataset", "day"`;

/** What was known and what was read, as one; reading the same twice changes nothing. */
export function observed(before: Observations, rows: ObservedRows): Observations {
  const runs = Map.groupBy(rows.runs, ([, model]) => model ?? '');
  const checks = Map.groupBy(rows.checks, ([model]) => model ?? '');
  const loads = Map.groupBy(rows.loads, ([dataset]) => dataset ?? '');
  const names = (known: readonly { name: string }[], ...read: Iterable<string>[]) =>
    [...new Set([...known.map(({ name }) => name), ...read.flatMap((one) => [...one])])].toSorted();
  const byName = <T extends { name: string }>(all: readonly T[]) => new Map(all.map((one) => [one.name, one]));
  const [knownModels, knownDatasets] = [byName(before.models), byName(before.datasets)];
  const models = names(before.models, runs.keys(), checks.keys()).map((name) =>
    observedModel(name, knownModels.get(name), runs.get(name) ?? [], checks.get(name) ?? []),
  );
  const datasets = names(before.datasets, loads.keys()).map((name) =>
    observedDataset(name, knownDatasets.get(name), loads.get(name) ?? []),
  );
  const instants = [...models.flatMap((one) => one.runs[0]?.atSeconds ?? 0), ...datasets.map((d) => d.loadedAtSeconds)];
  const untilSeconds = Math.max(before.untilSeconds ?? 0, ...instants);
  return { ...(untilSeconds > 0 && { untilSeconds }), models, datasets };
}

function observedModel(
  name: string,
  before: ModelObservation | undefined,
  rows: ResultRows,
  checkRows: ResultRows,
): ModelObservation {
  const byId = new Map([...(before?.runs ?? []), ...rows.map(readRun)].map((run) => [run.id, run]));
  const runs = [...byId.values()].toSorted((a, b) => b.atSeconds - a.atSeconds || (a.id < b.id ? -1 : 1));
  const seen = runs.filter(({ outcome }) => outcome === 'published');
  const published = seen[0] ?? before?.published;
  const days = new Map(before?.days);
  for (const { atSeconds, rows: count } of seen.toReversed()) {
    if (count !== undefined) days.set(Math.floor(atSeconds / daySeconds), count);
  }
  const checked = newestChecks(before?.checked, checkRows);
  return {
    name,
    runs: runs.slice(0, keptRuns),
    ...(published && { published }),
    days: lastDays(days),
    ...(checked && { checked }),
  };
}

function newestChecks(before: ModelObservation['checked'], rows: ResultRows): ModelObservation['checked'] {
  const atSeconds = Number(rows[0]?.[1] ?? 0);
  if (rows.length === 0 || atSeconds < (before?.atSeconds ?? 0)) return before;
  const findings = rows.map(([, , name, severity, failures]) => ({
    name: name ?? '',
    severity: severity ?? '',
    failures: Number(failures),
  }));
  return { atSeconds, findings: findings.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

function observedDataset(name: string, before: DatasetObservation | undefined, rows: ResultRows): DatasetObservation {
  const days = new Map(before?.days);
  let found: DatasetObservation = before ?? { name, loadedAtSeconds: 0, days: [] };
  for (const [, dayText, inserted, at, lastEvent, lag] of rows) {
    days.set(Number(dayText), Number(inserted));
    if (Number(at) < found.loadedAtSeconds) continue;
    const lastEventAtSeconds = Math.max(Number(lastEvent ?? 0), found.lastEventAtSeconds ?? 0);
    const lagSeconds = lag === null || lag === undefined ? found.lagSeconds : Number(lag);
    found = {
      name,
      loadedAtSeconds: Number(at),
      ...(lastEventAtSeconds > 0 && { lastEventAtSeconds }),
      ...(lagSeconds !== undefined && { lagSeconds }),
      days: [],
    };
  }
  return { ...found, days: lastDays(days) };
}

function readRun([id, , outcome, rows, reason, at]: (string | null)[]): ObservedRun {
  return {
    id: id ?? '',
    outcome: outcome ?? '',
    ...(rows !== null && rows !== undefined && { rows: Number(rows) }),
    ...(reason && { reason }),
    atSeconds: Number(at),
  };
}

function lastDays(days: ReadonlyMap<number, number>): [number, number][] {
  return [...days].toSorted(([a], [b]) => a - b).slice(-keptDays);
}
