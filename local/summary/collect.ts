import fs from 'node:fs';
import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type pg from 'pg';
import { dynamodbStateTable } from '../../lambdas/aws/state-table.ts';
import type { Config } from '../../lib/config/config.ts';
import { mainLane } from '../../lib/pipeline/lane.ts';
import { isMadeObject, quoteIdentifier, quoteText } from '../../lib/pipeline/names.ts';
import { madeIdPrefixes } from '../../lib/pipeline/snapshot-position.ts';
import type { InboxTable } from '../../lib/pipeline/state-items.ts';
import { checkResultsTable, loadsTable, modelRunsTable, qualifiedName, rawTable } from '../../lib/pipeline/tables.ts';
import { query } from '../commands/sql.ts';
import type { ClientOptions } from '../front-door.ts';
import { recordsInObject, setAsideOf } from './quarantined.ts';
import type { DatasetSummary, FailedModel, MartSummary, Summary } from './summary.ts';

/** Where a summary is read from: the same doors that a user has. */
export interface SummarySources {
  readonly config: Config;
  readonly clientOptions: ClientOptions;
  readonly lakeBucket: string;
  readonly stateTable: string;
  readonly warehouse: pg.Client;
  /** Records that a dataset's source delivered, counted at the source; undefined where only somebody else could. */
  received(dataset: string): Promise<number | undefined>;
}

/** Objects of a dataset that are looked at to say how much is pending. */
const countedObjects = 10_000;

/** Undefined table or schema: before the first load there is nothing to read. */
const missingRelation = new Set(['42P01', '3F000']);

/** The rows of a statement; none where what it reads is not there yet. */
export async function rowsOf(warehouse: pg.Client, sql: string): Promise<(string | null)[][]> {
  try {
    const [answer] = await query(warehouse, sql);
    return (answer?.rows ?? []).map((row) => [...row]);
  } catch (error) {
    if (missingRelation.has((error as { code?: string }).code ?? '')) return [];
    throw error;
  }
}

const isMade = Object.values(madeIdPrefixes)
  .map((prefix) => `"_id" LIKE ${quoteText(`${prefix}%`)}`)
  .join(' OR ');

/** Loaded rows, how many of them no source delivered, and the lag of the others from event to queryable. */
async function loadedOf(
  warehouse: pg.Client,
  dataset: string,
): Promise<Pick<DatasetSummary, 'loaded' | 'made' | 'lag'>> {
  const lag = `CASE WHEN NOT (${isMade}) THEN DATEDIFF(millisecond, "_at", "_loaded_at") END`;
  const [row] = await rowsOf(
    warehouse,
    `SELECT COUNT(*), COUNT(CASE WHEN ${isMade} THEN 1 END), MEDIAN(${lag}), MAX(${lag}) FROM ${qualifiedName(rawTable(dataset))}`,
  );
  const [count, made, median, worst] = row ?? [];
  const counts = { loaded: Number(count ?? 0), made: Number(made ?? 0) };
  if (!median || !worst) return counts;
  return { ...counts, lag: { medianSeconds: Number(median) / 1000, worstSeconds: Number(worst) / 1000 } };
}

/** What was delivered twice; what a reload finds there already was not. */
async function duplicatesByDataset(warehouse: pg.Client): Promise<Map<string, number>> {
  const sql = `SELECT "dataset", SUM("rows_duplicate") FROM ${qualifiedName(loadsTable)} WHERE "lane" = ${quoteText(mainLane)} GROUP BY "dataset"`;
  return new Map((await rowsOf(warehouse, sql)).map(([dataset, count]) => [dataset ?? '', Number(count)]));
}

/** Records in the objects of a dataset that no load has taken yet, and how many of them no source delivered. */
async function pendingOf(
  state: InboxTable,
  s3: S3Client,
  dataset: string,
): Promise<Pick<DatasetSummary, 'pending' | 'made'>> {
  let [pending, made] = [0, 0];
  for (const { bucket, key } of await state.pending(mainLane, dataset, countedObjects)) {
    const records = await recordsInObject(s3, bucket, key);
    pending += records;
    if (isMadeObject(key)) made += records;
  }
  return { pending, made };
}

const shownRows = 5;

async function martOf(warehouse: pg.Client, model: string): Promise<MartSummary> {
  const name = model.split('.').map(quoteIdentifier).join('.');
  const [counted] = await rowsOf(warehouse, `SELECT COUNT(*) FROM ${name}`);
  const [first] = await query(warehouse, `SELECT * FROM ${name} ORDER BY 1 LIMIT ${shownRows}`);
  return { name: model, rowCount: Number(counted?.[0] ?? 0), columns: first?.columns ?? [], rows: first?.rows ?? [] };
}

/** What readers find: what only other models read, only the catalog tells of. */
async function martsOf(warehouse: pg.Client, readers: Config['readers']): Promise<MartSummary[]> {
  const schemas = new Set(Object.values(readers).flatMap((reader) => reader.schemas));
  const published = `SELECT DISTINCT "model" FROM ${qualifiedName(modelRunsTable)} WHERE "outcome" = 'published' ORDER BY 1`;
  const marts: MartSummary[] = [];
  for (const [model] of await rowsOf(warehouse, published))
    if (model && schemas.has(model.split('.')[0] ?? '')) marts.push(await martOf(warehouse, model));
  return marts;
}

/** Models that are still there: one that was deleted fails nobody any more. */
function knownModels(): Set<string> {
  const root = path.join(import.meta.dirname, '../../sql/models');
  return new Set(
    fs.globSync('*/*.sql', { cwd: root }).map((file) => file.slice(0, -'.sql'.length).replace(path.sep, '.')),
  );
}

/** The checks that kept a model from being published, and how many rows fail each. */
async function failedChecks(warehouse: pg.Client, runId: string): Promise<string> {
  const failed = `SELECT "check_name", "failures" FROM ${qualifiedName(checkResultsTable)} WHERE "run_id" = ${quoteText(runId)} AND "severity" = 'error' AND "failures" > 0 ORDER BY 1`;
  const rows = await rowsOf(warehouse, failed);
  return rows.map(([check, failures]) => `the check "${check}" fails for ${failures} rows`).join('; ');
}

async function failedModelsOf(warehouse: pg.Client): Promise<FailedModel[]> {
  const numbered = `SELECT "model", "run_id", "outcome", "reason", ROW_NUMBER() OVER (PARTITION BY "model" ORDER BY "finished_at" DESC) AS "age" FROM ${qualifiedName(modelRunsTable)}`;
  const failed = `SELECT "model", "run_id", COALESCE("reason", "outcome") FROM (${numbered}) WHERE "age" = 1 AND "outcome" <> 'published' ORDER BY 1`;
  const known = knownModels();
  const models: FailedModel[] = [];
  for (const [model, runId, reason] of await rowsOf(warehouse, failed)) {
    if (!model || !known.has(model)) continue;
    models.push({ model, reason: (await failedChecks(warehouse, runId ?? '')) || (reason ?? '') });
  }
  return models;
}

/** Counts everything anew. */
export async function collectSummary(sources: SummarySources): Promise<Summary> {
  const s3 = new S3Client({ ...sources.clientOptions, forcePathStyle: true });
  const lake = { bucket: sources.lakeBucket, clientOptions: sources.clientOptions };
  const duplicates = await duplicatesByDataset(sources.warehouse);
  const dynamodb = new DynamoDBClient(sources.clientOptions);
  const state = dynamodbStateTable(sources.stateTable, dynamodb);
  const datasets: DatasetSummary[] = [];
  for (const [dataset, { owner, freshnessSeconds }] of Object.entries(sources.config.datasets)) {
    const loaded = await loadedOf(sources.warehouse, dataset);
    const setAside = await setAsideOf(lake, (sql) => rowsOf(sources.warehouse, sql), dataset);
    const pending = await pendingOf(state, s3, dataset);
    datasets.push({
      ...{ dataset, owner, freshnessSeconds, ...loaded, ...setAside, ...pending },
      received: await sources.received(dataset),
      made: loaded.made + setAside.made + pending.made,
      duplicates: duplicates.get(dataset) ?? 0,
    });
  }
  s3.destroy();
  dynamodb.destroy();
  return {
    datasets,
    marts: await martsOf(sources.warehouse, sources.config.readers),
    failedModels: await failedModelsOf(sources.warehouse),
  };
}
