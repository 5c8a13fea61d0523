import * as z from 'zod';
import { datasetNamePattern } from './names.ts';

/** Identities that one request names: with a mended record of 4 MB it stays below the 6 MB that Lambda takes. */
export const idsAtMost = 5_000;
/** Bytes of a mended record: no line that lands is longer. */
export const mendedBytesAtMost = 4_000_000;

/** What somebody decided about records of one object: of the quarantine, or a batch that Lambda gave up. */
export const replayRequest = z.strictObject({
  action: z.enum(['replay', 'drop']),
  dataset: z.string().regex(datasetNamePattern),
  objectKey: z.string().min(1),
  /** Absent: every record of the object. A batch that was given up is taken whole. */
  ids: z.array(z.string()).max(idsAtMost).optional(),
  /** The mended bytes of the one record that is named, base64. */
  mended: z.string().optional(),
});
export type ReplayRequest = z.infer<typeof replayRequest>;

const record = z.object({ id: z.string(), code: z.string(), reason: z.string() });

/** What became of them. What is neither in `done` nor in `still` was not there any more: somebody else dealt with it. */
export const replayAnswer = z.object({
  /** Identities of what has left the quarantine. */
  done: z.array(z.string()),
  /** What is still bad, and stays. */
  still: z.array(record),
});
export type ReplayAnswer = z.infer<typeof replayAnswer>;
