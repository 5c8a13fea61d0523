import { createHash } from 'node:crypto';
import * as z from 'zod';
import { codecs } from './names.ts';
import { isFenced } from './statements/fence.ts';

const loadWork = z.object({
  kind: z.literal('load'),
  execution: z.string(),
  lane: z.string(),
  generation: z.number().int(),
  loadId: z.string(),
  dataset: z.string(),
  codec: z.enum(codecs),
  manifestKey: z.string(),
  objectCount: z.number().int(),
  /** There where it goes into the table aside of the rebuild that began with this generation. */
  aside: z.number().int().optional(),
  /** The page of a reload's execution: the same load in a later page is another submission, not the failed one again. */
  page: z.number().int().optional(),
});

/** A piece of work of a refresh, small enough to travel in the state machine's state. */
export const work = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('prepare'), execution: z.string(), hash: z.string() }),
  loadWork,
  z.object({
    kind: z.literal('openReload'),
    execution: z.string(),
    dataset: z.string(),
    /** Of a rebuild: the generation it began with, which names its table aside. */
    aside: z.number().int().optional(),
    /** A rebuild of the dataset that is over: its table aside is dropped, if it is still there. */
    over: z.number().int().optional(),
  }),
  z.object({
    kind: z.literal('swap'),
    execution: z.string(),
    lane: z.string(),
    generation: z.number().int(),
    loadId: z.string(),
    dataset: z.string(),
    aside: z.number().int(),
  }),
  z.object({
    kind: z.literal('model'),
    execution: z.string(),
    model: z.string(),
    /** All of it is built anew, also where a change could be followed. */
    full: z.boolean().optional(),
  }),
]);
export type Work = z.infer<typeof work>;
export type LoadWork = Extract<Work, { kind: 'load' }>;
export type OpenReloadWork = Extract<Work, { kind: 'openReload' }>;
export type SwapWork = Extract<Work, { kind: 'swap' }>;
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
      /** The object of the lake that the rows go into, where they may be too many for the state. */
      readonly resultsKey?: string;
      readonly delaySeconds: number;
      readonly clientToken: string;
      readonly statementName: string;
    }
  | { readonly kind: 'done'; readonly outcome: Outcome };

const reason = z.string();
/** What was done about a load that the warehouse refused. */
export const remedies = [
  /** Bad objects or lines were set aside; what was good of them is in new objects. */
  'mended',
  /** Nobody can say what is bad: the next loads are smaller. */
  'split',
  /** There was nothing to do: another run has been at it, or what is left has to be tried without what was written again since. */
  'none',
] as const;
/** The warehouse refuses what is in a load, and will each time: its objects must be mended. */
export const refusedLoad = z.object({
  kind: z.literal('refused'),
  work: loadWork,
  reason,
  /** Where the lines are that the warehouse named. */
  findingsKey: z.string().optional(),
  remedy: z.enum(remedies).optional(),
});
export type RefusedLoad = z.infer<typeof refusedLoad>;
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
  refusedLoad,
  /** A later run has loaded this dataset or written this model: this one's fencing token is stale, and it changed nothing. */
  z.object({ kind: z.literal('fenced'), work }),
  z.object({ kind: z.literal('swapped'), work, rows: z.number() }),
  z.object({ kind: z.literal('published'), work, rows: z.number(), warnings: z.array(z.string()) }),
  z.object({ kind: z.literal('checkFailed'), work, failures: z.array(z.string()) }),
]);
export type Outcome = z.infer<typeof outcome>;

/** A step of some work: its name and, if it is the one to take, its batch. */
export interface Step {
  readonly name: string;
  readonly statements: readonly string[];
  readonly reads?: readonly number[];
  readonly resultsKey?: string;
}

/** The seconds before each new try of a batch whose failure may pass. */
const backoffSeconds = [5, 20, 60];

/** What Redshift and the Data API say when trying again may help: conflicts, lost connections, a warehouse on the move. */
const passing =
  /\b(1018|1020|1023)\b|[Ss]erializable isolation|conflict|deadlock|[Cc]onnection|terminat|restart|resiz|paus|resum|Too many|Throttl|ActiveStatementsExceeded|InternalServer|ServiceUnavailable|[Tt]imed? ?out|ABORTED/;

export function mayPass(error: string): boolean {
  return !isFenced(error) && passing.test(error);
}

/** What is said when it is not for the content: rights, secrets, what is not there, what is full. People must see to it. */
const surroundings =
  /[Dd]enied|[Nn]ot authorized|[Uu]nauthorized|[Cc]redential|[Ee]xpired|[Aa]ssume ?[Rr]ole|permission|password|must be owner|"[^"]*" does not exist|[Dd]isk [Ff]ull|[Oo]ut of memory|KMS|ValidationException|ResourceNotFound|Problem reading manifest/;

/** Whether an error blames what is loaded: it does not pass, and no right or resource is missing. */
export function blamesContent(error: string): boolean {
  return !mayPass(error) && !surroundings.test(error);
}

/** Where a role may not list a bucket, S3 says of an object that is not there that it is forbidden. */
export function mayMeanMissing(error: string): boolean {
  return /S3ServiceException.*(Access Denied|403)/s.test(error);
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
    ...(step.resultsKey !== undefined && { resultsKey: step.resultsKey }),
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
    case 'swap':
      return piece.loadId;
    case 'openReload':
      return piece.dataset;
    case 'model':
      return piece.model;
  }
}

/** 64 characters, the most that the Data API takes: the same submission has the same token, whoever repeats it. */
function clientToken(piece: Work, step: string, number: number): string {
  const page = piece.kind === 'load' && piece.page !== undefined ? [piece.page] : [];
  const parts = [piece.execution, piece.kind, workName(piece), step, number, ...page];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * The longest reason that travels in the state machine; the whole is in the statement's own record. In bytes, as Step Functions
 * counts its 256 KiB: an error may quote data in any script, and a run has many loads.
 */
const reasonBytes = 500;

export function failed(piece: Work, error: string | undefined): Decision {
  return { kind: 'done', outcome: { kind: 'failed', work: piece, reason: reasonOf(error) } };
}

export function refused(piece: LoadWork, error: string | undefined, findingsKey: string | undefined): Decision {
  return { kind: 'done', outcome: { kind: 'refused', work: piece, reason: reasonOf(error), findingsKey } };
}

function reasonOf(error: string | undefined): string {
  const bytes = Buffer.from(error ?? 'no reason was given').subarray(0, reasonBytes);
  // Without the half of a character at the cut.
  return bytes.toString('utf8').replace(/\uFFFD$/, '');
}
