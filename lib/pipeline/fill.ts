import * as z from 'zod';
import { datasetNamePattern } from './names.ts';

/** Ways to fill a dataset from its table: all of it, or what was written in a window. */
export const fillKinds = ['full', 'incremental'] as const;
export type FillKind = (typeof fillKinds)[number];

/** Input of the machine. The same id again takes the same fill up where it ended. */
export const fillInput = z.object({
  dataset: z.string().regex(datasetNamePattern),
  /** Goes into names of objects, tokens and executions. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  kind: z.enum(fillKinds),
  /** Of an incremental fill: the window, whole seconds since the epoch; the end is not part of it. */
  fromSeconds: z.number().int().optional(),
  toSeconds: z.number().int().optional(),
});
export type FillInput = z.infer<typeof fillInput>;

/** How a fill stands: pk `dataset#<dataset>`, sk `fill#<id>`. */
export const fillState = z.object({
  status: z.enum(['exporting', 'converting', 'done', 'failed']),
  kind: z.enum(fillKinds),
  exportArn: z.string(),
  /** JSON: the names of the key's attributes. */
  keyNames: z.string(),
  startedAt: z.string(),
  /** Known once the export is there. */
  files: z.number().int().optional(),
  items: z.number().int().optional(),
  /** Why it failed. */
  reason: z.string().optional(),
  finishedAt: z.string().optional(),
});
export type FillState = z.infer<typeof fillState>;

/** What became of one file of a fill. */
export const fillFile = z.object({
  items: z.number().int(),
  landed: z.number().int(),
  quarantined: z.number().int(),
  /** Items of an incremental export of which the warehouse has the same or something later. */
  known: z.number().int(),
});
export type FillFile = z.infer<typeof fillFile>;

export interface FillProgress extends FillFile {
  readonly files: number;
}

export function progressOf(files: readonly FillFile[]): FillProgress {
  const total = (name: keyof FillFile) => files.reduce((sum, file) => sum + file[name], 0);
  return {
    files: files.length,
    items: total('items'),
    landed: total('landed'),
    quarantined: total('quarantined'),
    known: total('known'),
  };
}

/** Files of an export that are converted one after the other; the end is not part of it. */
export interface FileGroup {
  readonly from: number;
  readonly to: number;
}

/** An execution has 25,000 events at most, so what grows with the table is the groups' size, not their number. */
const groupsAtMost = 40;

export function groupsOf(fileCount: number): FileGroup[] {
  const groups = Math.min(fileCount, groupsAtMost);
  const edge = (group: number) => Math.floor((group * fileCount) / groups);
  return Array.from({ length: groups }, (_none, group) => ({ from: edge(group), to: edge(group + 1) }));
}

/** Windows that DynamoDB exports. Source: Developer Guide, "Requesting a table export", incremental export. */
const windowSeconds = { least: 15 * 60, most: 24 * 60 * 60 } as const;

/** What is wrong with the window of a fill, or undefined where nothing is. */
export function windowTrouble({ kind, fromSeconds, toSeconds }: FillInput, nowSeconds: number): string | undefined {
  if (kind === 'full')
    return fromSeconds === undefined && toSeconds === undefined
      ? undefined
      : 'a full fill takes the table as it is: only an incremental one has a window';
  if (fromSeconds === undefined || toSeconds === undefined) return 'an incremental fill needs the window: from and to';
  const length = toSeconds - fromSeconds;
  if (length < windowSeconds.least) return 'the window is shorter than 15 minutes, the least that DynamoDB exports';
  if (length > windowSeconds.most)
    return 'the window is longer than 24 hours, the most that DynamoDB exports: fill one day after the other';
  return toSeconds > nowSeconds ? 'the window ends in the future' : undefined;
}
