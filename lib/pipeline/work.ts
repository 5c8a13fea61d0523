import { createHash } from 'node:crypto';
import * as z from 'zod';
import { codecs } from './names.ts';
import { isFenced } from './statements/fence.ts';

/** A piece of work of a refresh, small enough to travel in the state machine's state. */
export const work = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('prepare'), execution: z.string(), hash: z.string() }),
  z.object({
    kind: z.literal('load'),
    execution: z.string(),
    lane: z.string(),
    generation: z.number().int(),
    loadId: z.string(),
    dataset: z.string(),
    codec: z.enum(codecs),
    manifestKey: z.string(),
    objectCount: z.number().int(),
  }),
  z.object({ kind: z.literal('model'), execution: z.string(), model: z.string() }),
]);
export type Work = z.infer<typeof work>;
export type LoadWork = Extract<Work, { kind: 'load' }>;
export type ModelWork = Extract<Work, { kind: 'model' }>;

/** A batch that has ended, and what its answering statements said. */
export const attempt = z.object({
  step: z.string(),
  number: z.number().int(),
  outcome: z.enum(['finished', 'failed']),
  error: z.string().optional(),
  /** One result a statement that answers: rows of text, null for NULL. */
  results: z.array(z.array(z.array(z.string().nullable()))).default([]),
});
export type Attempt = z.infer<typeof attempt>;
export type ResultRows = Attempt['results'][number];

/** What to do now: send a batch to the warehouse, or stop with an outcome. */
export type Decision =
  | {
      readonly kind: 'submit';
      readonly step: string;
      readonly number: number;
      readonly statements: readonly string[];
      /** The statements, counted from 1, whose rows the next decision needs. */
      readonly reads: readonly number[];
      readonly delaySeconds: number;
      readonly clientToken: string;
      readonly statementName: string;
    }
  | { readonly kind: 'done'; readonly outcome: Outcome };

const reason = z.string();
/** How a piece of work ended. Expected, every one of them: exceptions are for bugs and infrastructure. */
export const outcome = z.union([
  z.object({ kind: z.literal('failed'), work, reason }),
  z.object({ kind: z.literal('prepared'), work }),
  z.object({
    kind: z.literal('loaded'),
    work,
    rowsStaged: z.number(),
    rowsInserted: z.number(),
    rowsDuplicate: z.number(),
    /** Age of the oldest event among the new rows when the load had ended; absent where nothing was new. */
    freshnessSeconds: z.number().optional(),
  }),
  /** A later run has loaded this dataset or written this model: this one's fencing token is stale, and it changed nothing. */
  z.object({ kind: z.literal('fenced'), work }),
  z.object({ kind: z.literal('published'), work, rows: z.number(), warnings: z.array(z.string()) }),
  z.object({ kind: z.literal('checkFailed'), work, failures: z.array(z.string()) }),
]);
export type Outcome = z.infer<typeof outcome>;

/** A step of some work: its name and, if it is the one to take, its batch. */
export interface Step {
  readonly name: string;
  readonly statements: readonly string[];
  readonly reads?: readonly number[];
}

/** The seconds before each new try of a batch whose failure may pass. */
const backoffSeconds = [5, 20, 60];

/** What Redshift and the Data API say when trying again may help: conflicts, lost connections, a warehouse on the move. */
const passing =
  /\b(1018|1020|1023)\b|[Ss]erializable isolation|conflict|deadlock|[Cc]onnection|terminat|restart|resiz|paus|resum|Too many|Throttl|ActiveStatementsExceeded|InternalServer|ServiceUnavailable|[Tt]imed? ?out|ABORTED/;

export function mayPass(error: string): boolean {
  return !isFenced(error) && passing.test(error);
}

/** The last attempt of a step, unless it failed in a way that is worth another try. */
export function settledAttempt(history: readonly Attempt[], step: string): Attempt | undefined {
  const last = history.findLast((one) => one.step === step);
  return last && !retryDelay(last) ? last : undefined;
}

function retryDelay({ outcome: ended, error, number }: Attempt): number | undefined {
  return ended === 'failed' && mayPass(error ?? '') ? backoffSeconds[number - 1] : undefined;
}

/** Sends a step's batch: at once the first time, later with a pause and a new token, because the old one has its answer. */
export function submit(piece: Work, step: Step, history: readonly Attempt[]): Decision {
  const last = history.findLast((one) => one.step === step.name);
  const number = (last?.number ?? 0) + 1;
  return {
    kind: 'submit',
    step: step.name,
    number,
    statements: step.statements,
    reads: step.reads ?? [],
    delaySeconds: (last && retryDelay(last)) ?? 0,
    clientToken: clientToken(piece, step.name, number),
    statementName: `${piece.execution} ${step.name} ${workName(piece)}`.slice(0, 500),
  };
}

/** What names a piece of work within its execution. */
export function workName(piece: Work): string {
  switch (piece.kind) {
    case 'prepare':
      return piece.hash;
    case 'load':
      return piece.loadId;
    case 'model':
      return piece.model;
  }
}

/** 64 characters, the most that the Data API takes: the same submission has the same token, whoever repeats it. */
function clientToken(piece: Work, step: string, number: number): string {
  const parts = [piece.execution, piece.kind, workName(piece), step, number];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * The longest reason that travels in the state machine; the whole is in the statement's own record. In bytes, as Step Functions
 * counts its 256 KiB: an error may quote data in any script, and a run has many loads.
 */
const reasonBytes = 500;

export function failed(piece: Work, error: string | undefined): Decision {
  const bytes = Buffer.from(error ?? 'no reason was given').subarray(0, reasonBytes);
  // Without the half of a character at the cut.
  const text = bytes.toString('utf8').replace(/\uFFFD$/, '');
  return { kind: 'done', outcome: { kind: 'failed', work: piece, reason: text } };
}
