import * as z from 'zod';
import { reloadProgress, reloadRequest } from '../../lib/pipeline/reload.ts';
import { outcome, work } from '../../lib/pipeline/work.ts';

/** What comes next; every function of the reload says it. */
const turn = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('prepare') }),
  z.object({ kind: z.literal('load') }),
  z.object({ kind: z.literal('swap') }),
  z.object({ kind: z.literal('page') }),
  z.object({ kind: z.literal('wait'), waitSeconds: z.number().int() }),
  z.object({ kind: z.literal('handOver'), name: z.string(), input: reloadRequest }),
  /** All is loaded, or nothing more can be: `reason` says why. */
  z.object({ kind: z.literal('close'), reason: z.string().optional() }),
  /** Another execution has the reload. What this one had changed by then it has register asked for all the same. */
  z.object({
    kind: z.literal('superseded'),
    message: z.string().optional(),
    backoffSeconds: z.number().int().optional(),
  }),
  z.object({ kind: z.literal('done'), message: z.string(), backoffSeconds: z.number().int() }),
  z.object({
    kind: z.literal('failed'),
    message: z.string(),
    backoffSeconds: z.number().int(),
    error: z.string(),
    reason: z.string(),
  }),
]);

/** The state of the reload machine: its input, and what its functions add. */
export const reloadState = reloadRequest.extend({
  /** Absent until it is opened. */
  progress: reloadProgress.optional(),
  /** Pages that this execution has loaded. */
  pages: z.number().int().default(0),
  /** The pieces of work of the next loop, and the key up to which the lake is loaded after each. */
  works: z.array(z.object({ work, history: z.array(z.never()) })).default([]),
  ends: z.array(z.string()).default([]),
  /** What became of the works. */
  outcomes: z.array(outcome).default([]),
  turn: turn.optional(),
  /** There when it gives up. */
  trouble: z.object({ Error: z.string(), Cause: z.string().optional() }).optional(),
});
export type ReloadState = z.infer<typeof reloadState>;
