import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbStateTable } from '../../lambdas/aws/state-table.ts';
import type { Config, Dataset } from '../../lib/config/config.ts';
import { mainLane } from '../../lib/pipeline/lane.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { stackOutputs } from '../../lib/pipeline/outputs.ts';
import { replaySourcesOf } from '../../lib/stages/replay.ts';
import { millisecondsOf } from './instants.ts';
import type { Operator } from './operator.ts';
import { eachAtOnce, type LakeView, lakePlaceOf, withLake } from './operator-lake.ts';
import { droppedIds, type HeldRecord, heldRecords } from './quarantine-held.ts';
import { heldKey, type LakeLine, LineFinder, lineOfEvent, type Wanted } from './trace-find.ts';
import { type LoadedEvent, lastWrites, loadedEvents, modelRuns } from './trace-warehouse.ts';

/** An event, where it lies in the lake, and what it is for its key today. */
export type TracedEvent = LoadedEvent & {
  readonly place: { readonly found?: LakeLine; readonly missing?: string };
  /** The last write of its key is a row of `latest`, or a tombstone; every other event is history. */
  readonly standing: 'latest' | 'tombstone' | 'history';
};

/** What waits in the inbox. */
export interface TracedPending {
  /** Objects of the dataset that no load has taken yet. */
  readonly objects: number;
  /** Where what is wanted was found among them. */
  readonly found: readonly LakeLine[];
  /** Objects that were not looked into, because there are too many. */
  readonly unread: number;
}

/** A model that reads the dataset, itself or through others. */
export interface TracedModel {
  readonly model: string;
  readonly materialization: CompiledModel['materialization'];
  readonly publishedAt: string | undefined;
  readonly outcome: string | undefined;
  /** Published after the last of the events was loaded. */
  readonly hasIt: boolean;
}

export interface Trace {
  readonly dataset: string;
  readonly wanted: Wanted;
  readonly events: readonly TracedEvent[];
  readonly held: readonly HeldRecord[];
  /** Identities, of those asked for, that somebody dropped. */
  readonly dropped: readonly string[];
  readonly pending: TracedPending;
  readonly models: readonly TracedModel[];
}

/** Follows what is wanted through every place where it can be. */
export async function collectTrace(
  operator: Operator,
  project: { readonly config: Config; readonly models: readonly CompiledModel[] },
  dataset: string,
  wanted: Wanted,
): Promise<Trace> {
  const loaded = await loadedEvents(operator, dataset, wanted);
  return withLake(lakePlaceOf(operator), async (lake) => {
    const finder = new LineFinder(lake);
    const held = await heldRecords(lakePlaceOf(operator), dataset);
    const source = replaySourcesOf(project.config)[dataset];
    const isWanted = (record: HeldRecord): boolean =>
      wanted.ids.includes(record.id) || (source !== undefined && wanted.keys.includes(heldKey(record, source) ?? ''));
    return {
      dataset,
      wanted,
      events: await placed(operator, lake, finder, { dataset, of: project.config.datasets[dataset], loaded }),
      held: held.filter(isWanted),
      dropped: await droppedAmong(operator, dataset, wanted.ids),
      pending: await pendingOf(operator, finder, dataset, wanted),
      models: loaded.length > 0 ? await modelsOf(operator, project.models, dataset, loaded) : [],
    };
  });
}

/** What was dropped is remembered by its identity: keys were part of what somebody wanted gone. */
async function droppedAmong(operator: Operator, dataset: string, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const dropped = await droppedIds(lakePlaceOf(operator), dataset);
  return ids.filter((id) => dropped.has(id));
}

async function placed(
  operator: Operator,
  lake: LakeView,
  finder: LineFinder,
  { dataset, of, loaded }: { dataset: string; of: Dataset | undefined; loaded: readonly LoadedEvent[] },
): Promise<TracedEvent[]> {
  const keys = [...new Set(loaded.flatMap(({ key }) => key ?? []))];
  const isKeyed = keys.length > 0 && of?.source.kind !== 'kinesis';
  const { latest, tombstones } = isKeyed
    ? await lastWrites(operator, dataset, keys)
    : { latest: [] as string[], tombstones: [] as string[] };
  const events: TracedEvent[] = [];
  for (const event of loaded) {
    const { id, position, manifestKey } = event;
    const place =
      manifestKey === undefined
        ? { missing: 'ops.loads does not know the load' }
        : await lineOfEvent(lake, finder, { id, position, manifestKey });
    const standing = latest.includes(id) ? 'latest' : tombstones.includes(id) ? 'tombstone' : 'history';
    events.push({ ...event, place, standing });
  }
  return events;
}

/** Objects in the inbox that are looked into. */
const readObjects = 200;
const listedObjects = 10_000;

async function pendingOf(
  operator: Operator,
  finder: LineFinder,
  dataset: string,
  wanted: Wanted,
): Promise<TracedPending> {
  const client = new DynamoDBClient(operator.clientOptions);
  try {
    const state = dynamodbStateTable(operator.output(stackOutputs.stateTableName), client);
    const objects = await state.pending(mainLane, dataset, listedObjects);
    const found = await eachAtOnce(objects.slice(0, readObjects), ({ key }) => finder.find(key, wanted));
    return {
      objects: objects.length,
      found: found.filter((one) => one !== undefined && one !== 'gone'),
      unread: Math.max(0, objects.length - readObjects),
    };
  } finally {
    client.destroy();
  }
}

async function modelsOf(
  operator: Operator,
  models: readonly CompiledModel[],
  dataset: string,
  loaded: readonly LoadedEvent[],
): Promise<TracedModel[]> {
  const runs = await modelRuns(operator);
  const loadedAt = Math.max(...loaded.map((event) => millisecondsOf(event.loadedAt)));
  return readersOf(models, dataset).map(({ name, materialization }) => {
    const run = runs.get(name);
    const isAfter = run?.publishedAt !== undefined && millisecondsOf(run.publishedAt) >= loadedAt;
    // A view holds nothing of its own: once it is there, it shows what it reads.
    const hasIt = materialization === 'view' ? run?.publishedAt !== undefined : isAfter;
    return { model: name, materialization, publishedAt: run?.publishedAt, outcome: run?.outcome, hasIt };
  });
}

/** Models that read a dataset, itself or through others; dependencies come first, as they do in the compiled models. */
export function readersOf(models: readonly CompiledModel[], dataset: string): CompiledModel[] {
  const readers = new Set<string>();
  for (const { name, datasets, dependsOn } of models) {
    if (datasets.includes(dataset) || dependsOn.some((one) => readers.has(one))) readers.add(name);
  }
  return models.filter(({ name }) => readers.has(name));
}
