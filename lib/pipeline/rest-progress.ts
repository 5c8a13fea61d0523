import * as z from 'zod';
import type { PulledRecord } from './rest-record.ts';
import { pullSince, readWatermark } from './watermark.ts';

/** A chain of pages that is under way: it may take several invocations. */
const chain = z.object({
  /** The page to ask for next. */
  cursor: z.string(),
  /** The watermark the chain was asked with; undefined for the first pull of all. */
  since: z.string().optional(),
  /** Highest watermark on the chain's first page, and on all its pages. */
  firstHighest: z.string().optional(),
  highest: z.string().optional(),
  /** Whether every record so far came in the order of its watermark. */
  isAscending: z.boolean(),
  lastPosition: z.string(),
});

/** How far a REST dataset has been pulled: one item of the state table. */
export const restProgress = z.object({
  /** Everything up to here is in the lake. As the source spells it. */
  watermark: z.string().optional(),
  /** Counts the invocations that got further; guards the item against two at once. */
  pull: z.number().int().nonnegative(),
  /** `<position> <id>` of records the next pull will bring again, so that a quiet source writes no object and wakes nothing. */
  seen: z.array(z.string()),
  chain: chain.optional(),
});
export type RestProgress = z.infer<typeof restProgress>;
export type Chain = Omit<z.infer<typeof chain>, 'cursor'> & { readonly cursor: string | undefined };

/** An item of the state table holds 400 KB; more ties than this land again and are dropped in the warehouse by `_id`. */
const seenLimit = 2_000;
/** Sorts after every position: a record without a watermark comes again with every pull. */
const noPosition = '~';

export const nothingPulled: RestProgress = { pull: 0, seen: [] };

/** The chain to go on with, or a new one since the watermark. */
export function beginChain(progress: RestProgress, overlapSeconds: number): Chain {
  if (progress.chain) return progress.chain;
  const watermark = progress.watermark === undefined ? undefined : readWatermark(progress.watermark);
  const since = watermark && pullSince(watermark, overlapSeconds).text;
  return { cursor: undefined, ...(since !== undefined && { since }), isAscending: true, lastPosition: '' };
}

/** The chain after a page whose records are safe in the lake. */
export function afterPage(current: Chain, records: readonly PulledRecord[], cursor: string | undefined): Chain {
  let { highest, isAscending, lastPosition } = current;
  for (const { watermark } of records) {
    if (!watermark) continue;
    highest = higher(highest, watermark.text);
    isAscending &&= watermark.position >= lastPosition;
    lastPosition = watermark.position;
  }
  const isFirst = current.cursor === undefined;
  return {
    ...current,
    cursor,
    isAscending,
    lastPosition,
    ...defined({ highest, firstHighest: isFirst ? highest : current.firstHighest }),
  };
}

/**
 * The progress to save. The watermark moves only when the chain has ended, and only to what is surely complete: of pages in the
 * watermark's order, the highest; of pages in any other, the highest of the *first* page, since a row that changed while later
 * pages were read may have been passed by, and is newer than anything the first page knew.
 */
export function afterPull(
  progress: RestProgress,
  end: Chain,
  pulled: readonly PulledRecord[],
  overlapSeconds: number,
): RestProgress {
  const seen = [...new Set([...progress.seen, ...pulled.map(seenEntry)])].sort().reverse().slice(0, seenLimit);
  const pull = progress.pull + 1;
  if (end.cursor !== undefined) {
    return { ...defined({ watermark: progress.watermark }), pull, seen, chain: { ...end, cursor: end.cursor } };
  }
  const watermark = higher(progress.watermark, end.isAscending ? end.highest : end.firstHighest);
  const read = watermark === undefined ? undefined : readWatermark(watermark);
  const floor = read ? pullSince(read, overlapSeconds).position : '';
  return { ...defined({ watermark }), pull, seen: seen.filter((entry) => entry >= floor) };
}

/** The records that have not been here before; they are remembered in `seen` from now on. */
export function takeUnseen(seen: Set<string>, records: readonly PulledRecord[]): PulledRecord[] {
  return records.filter((record) => {
    const before = seen.size;
    return seen.add(seenEntry(record)).size > before;
  });
}

/** How a record is remembered. */
function seenEntry({ watermark, intake }: PulledRecord): string {
  return `${watermark?.position ?? noPosition} ${intake.id}`;
}

function higher(left: string | undefined, right: string | undefined): string | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return positionOf(right) > positionOf(left) ? right : left;
}

function positionOf(text: string): string {
  return readWatermark(text)?.position ?? '';
}

/** Without the members that are undefined: the state table stores JSON. */
function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}
