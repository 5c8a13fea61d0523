import * as z from 'zod';
import type { EnvelopeHead } from './envelope.ts';
import { admit, type Intake } from './intake.ts';
import { madeObjects } from './names.ts';
import { type Correction, type Difference, examplesOf } from './reconcile.ts';
import { idOfRepair } from './repair.ts';
import { instantOf } from './snapshot-position.ts';

/** How far a repair has come: the item of its dataset in the state table, as JSON. */
export const repairProgress = z.object({
  /** The execution that works on it. */
  execution: z.string(),
  /** The execution that began it: another goes on with one that was cut off. It names the objects. */
  origin: z.string(),
  dataset: z.string(),
  dryRun: z.boolean(),
  status: z.enum(['running', 'finished', 'failed']),
  /** First the whole source against the warehouse, then the keys of `latest` against the source. */
  phase: z.enum(['source', 'latest', 'done']),
  /** Where the next page of the phase begins; empty at its beginning. */
  cursor: z.string(),
  /** Pages so far. Each write asks for the number before: of two that work on the same page, one wins. */
  page: z.number().int(),
  /** When the next page is taken to be read, microseconds: noted before it is, so that a repeated page is the same page. */
  readAtMicroseconds: z.string(),
  startedAtMilliseconds: z.number().int(),
  /** Last sign of life. */
  touchedAtMilliseconds: z.number().int(),
  sourceRows: z.number().int(),
  latestKeys: z.number().int(),
  /** Items that the warehouse does not take; they were set aside when they came. */
  refused: z.number().int(),
  /** Rows with a payload that is too long to be compared; they are left as they are. */
  incomparable: z.number().int(),
  missing: z.number().int(),
  different: z.number().int(),
  extra: z.number().int(),
  examples: z.array(z.string()),
});
export type RepairProgress = z.infer<typeof repairProgress>;

/** Who asks to repair. */
export interface RepairRequest {
  readonly execution: string;
  readonly dataset: string;
  readonly dryRun: boolean;
}

/** Longer than a page takes: who gave no sign of life for so long is dead. */
const deadAfterMilliseconds = 15 * 60_000;
/** What was read earlier than this is read again: too much may have changed since. */
const resumableMilliseconds = 24 * 3_600_000;

export type Begin =
  | { readonly kind: 'begin' | 'resume' | 'hold'; readonly progress: RepairProgress }
  | { readonly kind: 'refused'; readonly message: string };

/** Whether a repair may work: it begins, goes on with one that was cut off, has the dataset already, or must not. */
export function beginRepair(request: RepairRequest, last: RepairProgress | undefined, nowMilliseconds: number): Begin {
  if (last?.execution === request.execution) return { kind: 'hold', progress: last };
  const isAlive = last?.status === 'running' && nowMilliseconds - last.touchedAtMilliseconds < deadAfterMilliseconds;
  if (isAlive) {
    const message = `a repair of ${last.dataset} is running already: ${last.execution}; wait for it, or stop it and wait ${deadAfterMilliseconds / 60_000} minutes`;
    return { kind: 'refused', message };
  }
  const isRecent = last !== undefined && nowMilliseconds - last.startedAtMilliseconds < resumableMilliseconds;
  if (isRecent && last.status !== 'finished' && last.dryRun === request.dryRun) {
    const taken = { execution: request.execution, status: 'running', touchedAtMilliseconds: nowMilliseconds } as const;
    return { kind: 'resume', progress: { ...last, ...taken } };
  }
  return { kind: 'begin', progress: newProgress(request, nowMilliseconds) };
}

function newProgress(request: RepairRequest, nowMilliseconds: number): RepairProgress {
  return {
    ...request,
    origin: request.execution,
    status: 'running',
    phase: 'source',
    cursor: '',
    page: 0,
    readAtMicroseconds: microsecondsText(nowMilliseconds),
    startedAtMilliseconds: nowMilliseconds,
    touchedAtMilliseconds: nowMilliseconds,
    sourceRows: 0,
    latestKeys: 0,
    refused: 0,
    incomparable: 0,
    missing: 0,
    different: 0,
    extra: 0,
    examples: [],
  };
}

const microsecondsText = (milliseconds: number): string => String(BigInt(milliseconds) * 1000n);

/** A correction as a record of its dataset; a delete carries its key, as a stream without old images does. */
export function intakeOfCorrection({ dataset, origin }: RepairProgress, correction: Correction): Intake {
  const { row, position, difference } = correction;
  const payload = Buffer.from(row.payload ?? row.key);
  const head: EnvelopeHead = {
    _id: idOfRepair(dataset, correction),
    _op: row.payload === undefined ? 'delete' : 'snapshot',
    _key: row.key,
    _position: position,
    _at: instantOf(row.asOfMicroseconds),
  };
  return admit(head, payload, { source: { repair: origin, difference }, received: () => payload });
}

/** The name of a page's object: the same page, the same name. */
export function repairObjectName({ origin, page }: RepairProgress): string {
  return `${madeObjects.repair}${origin.replace(/[^\w.-]/g, '_')}-${String(page).padStart(9, '0')}`;
}

/** What a page has done. */
export interface PageResult extends Pick<RepairProgress, 'phase' | 'cursor'> {
  readonly read: Partial<Pick<RepairProgress, 'sourceRows' | 'latestKeys' | 'refused' | 'incomparable'>>;
  readonly corrections: readonly Correction[];
}

/** The progress after a page. */
export function afterPage(before: RepairProgress, result: PageResult, nowMilliseconds: number): RepairProgress {
  const { phase, cursor, read, corrections } = result;
  const ofKind = (difference: Difference) => corrections.filter((one) => one.difference === difference).length;
  return {
    ...before,
    phase,
    cursor,
    page: before.page + 1,
    status: phase === 'done' ? 'finished' : 'running',
    readAtMicroseconds: microsecondsText(nowMilliseconds),
    touchedAtMilliseconds: nowMilliseconds,
    sourceRows: before.sourceRows + (read.sourceRows ?? 0),
    latestKeys: before.latestKeys + (read.latestKeys ?? 0),
    refused: before.refused + (read.refused ?? 0),
    incomparable: before.incomparable + (read.incomparable ?? 0),
    missing: before.missing + ofKind('missing'),
    different: before.different + ofKind('different'),
    extra: before.extra + ofKind('extra'),
    examples: examplesOf(
      corrections.map(({ row }) => row.key),
      before.examples,
    ),
  };
}
