import * as z from 'zod';
import { mainLane } from './lane.ts';
import { datasetOfRawKey } from './names.ts';
import { isReloadExecution } from './reload.ts';
import { generationOf, type PendingObject } from './state-items.ts';

/** What register understands of its queue. */
export type RegisterMessage =
  | { readonly kind: 'objectCreated'; readonly object: PendingObject }
  | { readonly kind: 'runDied'; readonly lane: string; readonly generation: number }
  | { readonly kind: 'laneNotEmpty'; readonly lane: string }
  /** Whoever put the object says so itself, late enough that the event of it has come: if it has not, it is lost. */
  | { readonly kind: 'landed'; readonly object: PendingObject }
  /** Nothing of ours: counted, and left alone. */
  | { readonly kind: 'ignored'; readonly reason: string };

/** How runs end that could not settle their lane. */
export const deadStatuses: readonly string[] = ['FAILED', 'TIMED_OUT', 'ABORTED'];

const objectCreated = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.literal('Object Created'),
  time: z.string(),
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({ key: z.string(), size: z.number(), etag: z.string() }),
  }),
});

const runEnded = z.object({
  source: z.literal('aws.states'),
  'detail-type': z.literal('Step Functions Execution Status Change'),
  detail: z.object({ name: z.string(), status: z.string() }),
});

const laneNotEmpty = z.object({ kind: z.literal('laneNotEmpty'), lane: z.string() });

const landed = z.object({
  kind: z.literal('landed'),
  bucket: z.string(),
  key: z.string(),
  sizeBytes: z.number(),
  eTag: z.string(),
  putAt: z.string(),
});

const message = z.union([objectCreated, runEnded, laneNotEmpty, landed]);

/** The longest that SQS holds a message back; S3 tells of an object within a minute or so. */
export const landedDelaySeconds = 900;

/** The message by which the writer of an object confirms it. */
export function landedMessage(object: Omit<z.infer<typeof landed>, 'kind'>): string {
  return JSON.stringify({ kind: 'landed', ...object });
}

/** The message that asks register for another run. */
export function laneNotEmptyMessage(lane: string): string {
  return JSON.stringify({ kind: 'laneNotEmpty', lane });
}

/** What register knows of its stack. */
export interface Known {
  readonly datasets: ReadonlySet<string>;
  readonly lanes: ReadonlySet<string>;
}

/** Reads the body of a message; whatever it is, it is understood or ignored, never thrown at. */
export function readRegisterMessage(body: string, { datasets, lanes }: Known): RegisterMessage {
  const parsed = message.safeParse(jsonOf(body));
  if (!parsed.success) return { kind: 'ignored', reason: 'not an event that register knows' };
  if (!('kind' in parsed.data)) {
    return parsed.data.source === 'aws.s3' ? created(parsed.data, datasets) : ended(parsed.data, lanes);
  }
  if (parsed.data.kind === 'laneNotEmpty') {
    const { lane } = parsed.data;
    return lanes.has(lane) ? parsed.data : { kind: 'ignored', reason: `${lane} is not a lane of this stack` };
  }
  const { putAt, ...object } = parsed.data;
  return aboutObject('landed', { ...object, createdAt: putAt }, datasets);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function created({ time, detail }: z.infer<typeof objectCreated>, datasets: ReadonlySet<string>): RegisterMessage {
  const { key, size: sizeBytes, etag: eTag } = detail.object;
  return aboutObject('objectCreated', { bucket: detail.bucket.name, key, sizeBytes, eTag, createdAt: time }, datasets);
}

function aboutObject(
  kind: 'objectCreated' | 'landed',
  { bucket, key, sizeBytes, eTag, createdAt }: Omit<PendingObject, 'dataset' | 'attempts'>,
  datasets: ReadonlySet<string>,
): RegisterMessage {
  const dataset = datasetOfRawKey(key);
  if (!dataset) return { kind: 'ignored', reason: `${key} is not an object that ingest writes` };
  if (!datasets.has(dataset)) return { kind: 'ignored', reason: `${dataset} is not a dataset of this stack` };
  return { kind, object: { bucket, key, dataset, sizeBytes, eTag, createdAt, attempts: 0 } };
}

function ended({ detail }: z.infer<typeof runEnded>, lanes: ReadonlySet<string>): RegisterMessage {
  if (!deadStatuses.includes(detail.status)) {
    return { kind: 'ignored', reason: `${detail.name} is ${detail.status}, which settles itself` };
  }
  const run = generationOf(detail.name);
  if (run && lanes.has(run.lane)) return { kind: 'runDied', ...run };
  // A reload that died may have changed a dataset and told nobody.
  if (isReloadExecution(detail.name)) return { kind: 'laneNotEmpty', lane: mainLane };
  return { kind: 'ignored', reason: `${detail.name} is not a run of a lane of this stack` };
}
