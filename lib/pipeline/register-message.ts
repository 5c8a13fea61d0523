import * as z from 'zod';
import { datasetOfRawKey } from './names.ts';
import { generationOf, type PendingObject } from './state-items.ts';

/** What register understands of its queue. */
export type RegisterMessage =
  | { readonly kind: 'objectCreated'; readonly object: PendingObject }
  | { readonly kind: 'runDied'; readonly lane: string; readonly generation: number }
  | { readonly kind: 'laneNotEmpty'; readonly lane: string }
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

const message = z.union([objectCreated, runEnded, laneNotEmpty]);

/** The message that asks register for another run. */
export function laneNotEmptyMessage(lane: string): string {
  return JSON.stringify({ kind: 'laneNotEmpty', lane });
}

/** Reads the body of a message; whatever it is, it is understood or ignored, never thrown at. */
export function readRegisterMessage(body: string, datasets: ReadonlySet<string>, lane: string): RegisterMessage {
  const parsed = message.safeParse(jsonOf(body));
  if (!parsed.success) return { kind: 'ignored', reason: 'not an event that register knows' };
  if ('kind' in parsed.data) return parsed.data;
  return parsed.data.source === 'aws.s3' ? created(parsed.data, datasets) : ended(parsed.data, lane);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function created({ time, detail }: z.infer<typeof objectCreated>, datasets: ReadonlySet<string>): RegisterMessage {
  const { key, size, etag } = detail.object;
  const dataset = datasetOfRawKey(key);
  if (!dataset) return { kind: 'ignored', reason: `${key} is not an object that ingest writes` };
  if (!datasets.has(dataset)) return { kind: 'ignored', reason: `${dataset} is not a dataset of this stack` };
  const { name: bucket } = detail.bucket;
  const object = { bucket, key, dataset, sizeBytes: size, eTag: etag, createdAt: time, attempts: 0 };
  return { kind: 'objectCreated', object };
}

function ended({ detail }: z.infer<typeof runEnded>, lane: string): RegisterMessage {
  const run = generationOf(detail.name);
  if (run?.lane !== lane) return { kind: 'ignored', reason: `${detail.name} is not a run of ${lane}` };
  if (!deadStatuses.includes(detail.status)) {
    return { kind: 'ignored', reason: `${detail.name} is ${detail.status}, which settles itself` };
  }
  return { kind: 'runDied', ...run };
}
