import * as z from 'zod';
import type { Holder } from './statements/fence.ts';

/** An object of the lake that has not been loaded yet: pk `inbox#<lane>`, sk `<dataset>#<key>`. */
export const pendingObject = z.object({
  bucket: z.string(),
  key: z.string(),
  dataset: z.string(),
  sizeBytes: z.number(),
  /** Tells one content of the object from the next: only what was loaded is taken out of the inbox. */
  eTag: z.string(),
  /** When S3 created it, ISO-8601. */
  createdAt: z.string(),
  /** Loads that failed with it. */
  attempts: z.number().int(),
  /** The most objects that its next load may have: less, each time that a load was refused and nobody could say for what. */
  loadObjectsAtMost: z.number().int().positive().optional(),
});
export type PendingObject = z.infer<typeof pendingObject>;

/** What became of an object: its rows are in the warehouse, its good lines are in a new object, or it is in quarantine as a whole. */
export const settledOutcomes = ['loaded', 'mended', 'setAside'] as const;

/** An object that is done with: pk `settled#<dataset>`, sk its key. */
export const settledObject = z.object({
  eTag: z.string(),
  outcome: z.enum(settledOutcomes),
  loadId: z.string(),
  /** ISO-8601. */
  settledAt: z.string(),
  /** DynamoDB drops the item some time after; by then nobody tells of the object any more. Absent where it is to stay. */
  expiresAtSeconds: z.number().int().optional(),
});
export type SettledObject = z.infer<typeof settledObject>;

/** Longer than the queues keep a message: the dead letters, of which some are given to register again, keep theirs for 14 days. */
const settledDays = 30;

/**
 * What the ledger says of an object that was settled at an instant. What is mended or set aside stays in the lake and can never
 * be loaded: whoever reads the lake again, years later, must know.
 */
export function settledNow(
  settled: Omit<SettledObject, 'settledAt' | 'expiresAtSeconds'>,
  nowMilliseconds: number,
): SettledObject {
  const settledAt = new Date(nowMilliseconds).toISOString();
  if (settled.outcome !== 'loaded') return { ...settled, settledAt };
  return { ...settled, settledAt, expiresAtSeconds: Math.floor(nowMilliseconds / 1000) + settledDays * 24 * 3600 };
}

/** A lane: pk `lane#<lane>`, sk `lane`. Its generation names the run that has it, or the next one; it never goes back. */
export const laneState = z.object({
  generation: z.number().int(),
  /** Runs in a row that ended without settling. */
  deadRuns: z.number().int(),
  /** When the last of them was found, milliseconds since the epoch. */
  deadAtMilliseconds: z.number().int(),
});
export type LaneState = z.infer<typeof laneState>;

/** How a model stands: pk `database#<database>`, sk `model#<name>`. */
export const modelState = z.object({
  model: z.string(),
  /** The definition that was built last. */
  definition: z.string(),
  outcome: z.enum(['published', 'checkFailed', 'failed']),
  /** The file's own part of the definition that was published last, whatever came after; absent: none was. */
  published: z.string().optional(),
});
export type ModelState = z.infer<typeof modelState>;

/**
 * A dataset, or a model (`schema.table`), that was changed outside the lane's runs, so that the lane's models behind it must be built
 * anew; of a model of the lane itself: that it must. pk `lane#<lane>`, sk `touched#<source>`. The stamp tells one change from the next:
 * a run clears only what it has seen.
 */
export const touchedSource = z.object({ source: z.string(), stamp: z.string() });
export type TouchedSource = z.infer<typeof touchedSource>;

/** What the pipeline remembers. The keys are spelled here and nowhere else. */
export const stateKeys = {
  pending: (lane: string, object: { readonly dataset: string; readonly key: string }) => ({
    pk: `inbox#${lane}`,
    sk: `${object.dataset}#${object.key}`,
  }),
  settled: (object: { readonly dataset: string; readonly key: string }) => ({
    pk: `settled#${object.dataset}`,
    sk: object.key,
  }),
  lane: (lane: string) => ({ pk: `lane#${lane}`, sk: 'lane' }),
  touched: (lane: string, source: string) => ({ pk: `lane#${lane}`, sk: `touched#${source}` }),
  reload: ({
    operation,
    dataset,
    id,
  }: {
    readonly operation: string;
    readonly dataset: string;
    readonly id: string;
  }) => ({
    pk: `dataset#${dataset}`,
    sk: `${operation}#${id}`,
  }),
  prepared: (database: string) => ({ pk: `database#${database}`, sk: 'prepared' }),
  watermark: (dataset: string) => ({ pk: `dataset#${dataset}`, sk: 'watermark' }),
  /** Who fills the dataset. */
  fillLock: (dataset: string) => ({ pk: `dataset#${dataset}`, sk: 'fill' }),
  fill: (dataset: string, id: string) => ({ pk: `dataset#${dataset}`, sk: `fill#${id}` }),
  /** A file of a fill; padded, so that all of them come in order. */
  fillFile: (dataset: string, id: string, index: number) => ({
    pk: `dataset#${dataset}`,
    sk: `fill#${id}#${String(index).padStart(6, '0')}`,
  }),
  /** The repair of a dataset that runs, or ran last: there is one at a time. */
  repair: (dataset: string) => ({ pk: `dataset#${dataset}`, sk: 'repair#current' }),
  model: (database: string, model: string) => ({ pk: `database#${database}`, sk: `model#${model}` }),
} as const;

/** What the run of a generation is called. */
export function executionName(lane: string, generation: number): string {
  return `${lane}-${generation}`;
}

/** The lane and generation that an execution's name says, or undefined where it is not one of ours. */
export function generationOf(execution: string): { lane: string; generation: number } | undefined {
  const [, lane, generation] = /^([a-z][a-z0-9_]*)-(\d{1,15})$/.exec(execution) ?? [];
  return lane ? { lane, generation: Number(generation) } : undefined;
}

/**
 * The generation a lane begins with: the seconds of its first day, not 1. Execution names stay taken for 90 days and
 * `ops.loads` remembers generations for good, so a state table made anew must not count from where the old one began.
 */
export function firstGeneration(nowMilliseconds: number): number {
  return Math.floor(nowMilliseconds / 1000);
}

/** What names an object: the dataset is part of its key, and told beside it. */
export type ObjectName = Pick<PendingObject, 'dataset' | 'key'>;

/** A content of an object that no load is to take any more: what was good of it is in another object. */
export type WithdrawnObject = Pick<PendingObject, 'key' | 'eTag'>;

/** What register and the refresh ask of the state table. */
export interface InboxTable {
  /** Notes an object as pending; the same content again changes nothing. */
  addPending(lane: string, object: PendingObject): Promise<'added' | 'known'>;
  /** Pending objects of a dataset, in the order of their keys. */
  pending(lane: string, dataset: string, limit: number): Promise<PendingObject[]>;
  /** An object as the inbox has it, or undefined where it is not pending. */
  findPending(lane: string, object: ObjectName): Promise<PendingObject | undefined>;
  /** What the ledger says of an object, or undefined where it says nothing. */
  findSettled(object: ObjectName): Promise<SettledObject | undefined>;
  /** Objects of a dataset, between two keys and with these, that the ledger says were mended or set aside. */
  withdrawn(dataset: string, range: { readonly from: string; readonly to: string }): Promise<WithdrawnObject[]>;
  /** Notes in the ledger what became of an object, and then takes it out of the inbox, unless its content has changed since. */
  settle(lane: string, object: ObjectName, settled: SettledObject): Promise<void>;
  /** Says how many objects the next load with this one may have, if it is still pending. */
  limitLoad(lane: string, object: PendingObject, loadObjectsAtMost: number): Promise<void>;
  /** Notes that a load with the object failed, if it is still pending; nothing where the lane has gone on. */
  markFailed(holder: Holder, object: PendingObject, reason: string): Promise<void>;
  /** Notes that the lane's models behind a source must be built anew. */
  touch(lane: string, touched: TouchedSource): Promise<void>;
  /** The same of some sources, by a run; nothing where its own lane has gone on. */
  touchAll(holder: Holder, lane: string, touched: readonly TouchedSource[]): Promise<void>;
  touched(lane: string, limit: number): Promise<TouchedSource[]>;
  /** Forgets it, unless the source was touched again since; nothing where the lane has gone on. */
  clearTouched(holder: Holder, touched: TouchedSource): Promise<void>;
  readLane(lane: string): Promise<LaneState | undefined>;
  /** Makes the lane where there is none. */
  openLane(lane: string, generation: number): Promise<void>;
  /** Notes the run that has the lane; undefined where the lane has gone on to another generation. */
  takeLane(lane: string, generation: number): Promise<LaneState | undefined>;
  /** Goes on to the next generation; false where the lane is at another one than `from`. */
  advanceLane(lane: string, from: number, health: Omit<LaneState, 'generation'>): Promise<boolean>;
}

/** What the refresh remembers of a database. A holder that has lost the lane changes nothing. */
export interface DatabaseTable {
  preparedHash(database: string): Promise<string | undefined>;
  notePrepared(database: string, hash: string, holder: Holder): Promise<void>;
  models(database: string): Promise<ModelState[]>;
  noteModels(database: string, states: readonly ModelState[], holder: Holder): Promise<void>;
}

export type StateTable = InboxTable & DatabaseTable;
