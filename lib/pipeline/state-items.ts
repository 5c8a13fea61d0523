import * as z from 'zod';

/** The lane that every dataset runs in. */
export const mainLane = 'main';

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
});
export type PendingObject = z.infer<typeof pendingObject>;

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
});
export type ModelState = z.infer<typeof modelState>;

/** What the pipeline remembers. The keys are spelled here and nowhere else. */
export const stateKeys = {
  pending: (lane: string, object: { readonly dataset: string; readonly key: string }) => ({
    pk: `inbox#${lane}`,
    sk: `${object.dataset}#${object.key}`,
  }),
  lane: (lane: string) => ({ pk: `lane#${lane}`, sk: 'lane' }),
  prepared: (database: string) => ({ pk: `database#${database}`, sk: 'prepared' }),
  watermark: (dataset: string) => ({ pk: `dataset#${dataset}`, sk: 'watermark' }),
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

/** What register and the refresh ask of the state table. */
export interface InboxTable {
  /** Notes an object as pending; the same content again changes nothing. */
  addPending(lane: string, object: PendingObject): Promise<'added' | 'known'>;
  /** Pending objects of a dataset, in the order of their keys. */
  pending(lane: string, dataset: string, limit: number): Promise<PendingObject[]>;
  /** Takes an object out of the inbox, unless its content has changed since. */
  removePending(lane: string, object: PendingObject): Promise<void>;
  /** Notes that a load with the object failed, if it is still pending. */
  markFailed(lane: string, object: PendingObject, reason: string): Promise<void>;
  readLane(lane: string): Promise<LaneState | undefined>;
  /** Makes the lane where there is none. */
  openLane(lane: string, generation: number): Promise<void>;
  /** Notes the run that has the lane; undefined where the lane has gone on to another generation. */
  takeLane(lane: string, generation: number): Promise<LaneState | undefined>;
  /** Goes on to the next generation; false where the lane is at another one than `from`. */
  advanceLane(lane: string, from: number, health: Omit<LaneState, 'generation'>): Promise<boolean>;
}

/** What the refresh remembers of a database. */
export interface DatabaseTable {
  preparedHash(database: string): Promise<string | undefined>;
  notePrepared(database: string, hash: string): Promise<void>;
  models(database: string): Promise<ModelState[]>;
  noteModel(database: string, state: ModelState): Promise<void>;
}

export type StateTable = InboxTable & DatabaseTable;
