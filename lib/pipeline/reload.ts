import { createHash } from 'node:crypto';
import * as z from 'zod';
import { datasetNamePattern } from './names.ts';
import { executionName } from './state-items.ts';

/** Backfill: a range of the lake into the tables that are there. Rebuild: the whole lake into a table aside, then swapped in. */
export const reloadOperations = ['backfill', 'rebuild'] as const;
export type ReloadOperation = (typeof reloadOperations)[number];

/** What an execution of the reload machine is started with. */
export const reloadRequest = z.object({
  operation: z.enum(reloadOperations),
  dataset: z.string().regex(datasetNamePattern),
  /** Names the range among the dataset's reloads; the same range has the same id. */
  id: z.string(),
  /** Keys of the lake before which nothing is listed, and from which on nothing is; empty: from the first, to the last. */
  after: z.string(),
  before: z.string(),
  /** Fencing token: of two executions of one id the one with the higher number goes on, the other stops. */
  generation: z.number().int(),
  /** An execution hands over to a successor before its history is full; counted from 1. */
  part: z.number().int(),
});
export type ReloadRequest = z.infer<typeof reloadRequest>;

/** How far a reload has come: pk `dataset#<dataset>`, sk `<operation>#<id>`. What a cut-off one is resumed from. */
export const reloadProgress = z.object({
  operation: z.enum(reloadOperations),
  dataset: z.string(),
  id: z.string(),
  status: z.enum(['running', 'done', 'failed']),
  generation: z.number().int(),
  /** The generation that began it, whoever has resumed it since: it names the loads and the table aside. */
  began: z.number().int(),
  /** The execution that has it, for those who ask whether it lives. */
  execution: z.string(),
  /** The last key that is loaded; empty where none is. */
  cursor: z.string(),
  /** Times in a row that the next objects failed to load. */
  attempts: z.number().int(),
  objects: z.number().int(),
  rowsStaged: z.number().int(),
  rowsInserted: z.number().int(),
  rowsDuplicate: z.number().int(),
  /** Why it failed; empty where it has not. */
  reason: z.string(),
  /** 1 where the table aside is not what its loads made of it, so that it cannot be resumed. */
  spoilt: z.number().int(),
  startedAt: z.string(),
  updatedAt: z.string(),
});
export type ReloadProgress = z.infer<typeof reloadProgress>;

/** What the reload asks of the state table. */
export interface ReloadTable {
  readReload(of: Pick<ReloadProgress, 'operation' | 'dataset' | 'id'>): Promise<ReloadProgress | undefined>;
  /** Keeps the progress; false where a later generation has the reload, and nothing is changed. */
  noteReload(progress: ReloadProgress): Promise<boolean>;
}

/** The lane of a reload in `ops.loads`: each has its own, so that one backfill never fences off another that overlaps. */
export function reloadLane({ operation, id, began }: Pick<ReloadProgress, 'operation' | 'id' | 'began'>): string {
  return `${operation}_${operation === 'rebuild' ? began : id}`;
}

/** Step Functions: a name has at most 80 characters; the number of the part comes after this. */
const longestName = 74;

/** What the execution of a part is called: long names of datasets are cut, and told apart by their hash. */
export function reloadExecution({ operation, dataset, id, generation, part }: ReloadRequest): string {
  const run = executionName(`${operation}_${id}`, generation);
  const room = longestName - run.length - 1;
  const hash = createHash('sha256').update(dataset).digest('hex').slice(0, 8);
  const name = dataset.length <= room ? dataset : `${dataset.slice(0, room - hash.length - 1)}-${hash}`;
  return `${run}-${name}-${part}`;
}

/** Whether an execution's name is one of a reload's. */
export function isReloadExecution(name: string): boolean {
  return reloadOperations.some((operation) => name.startsWith(`${operation}_`));
}

/**
 * What is done when an execution opens the reload: a reload that is not over goes on where it stands; one that is over, or
 * whose table aside is spoilt, begins anew.
 */
export function openedProgress(
  request: ReloadRequest,
  before: ReloadProgress | undefined,
  now: string,
): ReloadProgress | 'superseded' {
  const { operation, dataset, id, generation } = request;
  if (before && before.generation > generation) return 'superseded';
  const execution = reloadExecution(request);
  const isOver = before?.generation !== generation && before?.status === 'done';
  if (before && !isOver && !before.spoilt) {
    const attempts = before.generation === generation ? before.attempts : 0;
    const status = before.status === 'done' ? ('done' as const) : ('running' as const);
    return { ...before, status, generation, execution, attempts, reason: '', updatedAt: now };
  }
  const nothing = { attempts: 0, objects: 0, rowsStaged: 0, rowsInserted: 0, rowsDuplicate: 0, spoilt: 0 };
  const begins = { generation, began: generation, execution, cursor: '', reason: '', startedAt: now, updatedAt: now };
  return { operation, dataset, id, status: 'running', ...nothing, ...begins };
}
