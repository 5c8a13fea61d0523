import * as z from 'zod';
import { lakePrefixes } from './names.ts';
import { readyModels, type ScheduledModel, type Selected, type Standing, skippedModels } from './schedule.ts';
import { modelState } from './state-items.ts';
import { attempt, type Outcome } from './work.ts';

/** A model that the run has built or tried to. */
export const builtModel = modelState.extend({
  /** Fenced: a later run has written it, so this run has nothing to say of it. */
  outcome: z.enum([...modelState.shape.outcome.options, 'fenced']),
  /** How many rows were published. */
  rows: z.number().optional(),
  /** Why it was not published, shortened. */
  reason: z.string().optional(),
});
export type BuiltModel = z.infer<typeof builtModel>;

/** A model that the run has begun. */
const modelUnderWay = z.object({
  model: z.string(),
  /** As they were when it began: a deployment may come in between. */
  definition: z.string(),
  compiled: z.string(),
  history: z.array(attempt),
  /** The batch that was sent and has not been seen to end. */
  submitted: z
    .object({
      step: z.string(),
      number: z.number().int(),
      reads: z.array(z.number().int()),
      resultsKey: z.string().optional(),
      statementId: z.string(),
    })
    .optional(),
  /** What is next is not to be sent before so long. */
  holdSeconds: z.number().int(),
  /** How often a service has refused, one time after the other, what is next for it. */
  refusals: z.number().int(),
});
export type ModelUnderWay = z.infer<typeof modelUnderWay>;

/**
 * What a run remembers of its models from call to call: an object of the lake, because 500 models do not fit into the state of the
 * machine. It can be lost: begun anew, the run decides the same, and the client tokens find what it has sent.
 */
export const modelRun = z.object({
  /** Calls so far. */
  looks: z.number().int(),
  /** Calls in a row in which nothing moved. */
  still: z.number().int(),
  /** How long the machine was told to wait before the next call. */
  waitSeconds: z.number().int(),
  /** Wanted and not begun, in dependency order. */
  waiting: z.array(z.string()),
  underWay: z.array(modelUnderWay),
  built: z.array(builtModel),
  /** Behind one that was not published. */
  skipped: z.array(z.object({ model: z.string(), behind: z.string() })),
  /** Behind what another lane has yet to publish. */
  held: z.array(z.string()),
});
export type ModelRun = z.infer<typeof modelRun>;

/** Where the memory of a run lies. */
export function modelRunKey(execution: string): string {
  return `${lakePrefixes.manifests}runs/${execution}.json`;
}

export function begunRun({ wanted, held }: Selected): ModelRun {
  const nothing = { looks: 0, still: 0, waitSeconds: 0, underWay: [], built: [], skipped: [] };
  return { ...nothing, waiting: [...wanted], held: [...held] };
}

export function begunModel({ name, definition, compiled }: ScheduledModel): ModelUnderWay {
  return { model: name, definition, compiled, history: [], holdSeconds: 0, refusals: 0 };
}

/** A model's outcome as the run remembers it. */
export function builtOf({ model, definition, compiled }: ModelUnderWay, outcome: Outcome): BuiltModel {
  const told = { model, definition };
  if (outcome.kind === 'published') return { ...told, outcome: 'published', published: compiled, rows: outcome.rows };
  if (outcome.kind === 'checkFailed')
    return { ...told, outcome: 'checkFailed', reason: short(outcome.failures.join('; ')) };
  if (outcome.kind === 'fenced') return { ...told, outcome: 'fenced' };
  return { ...told, outcome: 'failed', reason: short(outcome.kind === 'failed' ? outcome.reason : outcome.kind) };
}

export const short = (reason: string): string => reason.slice(0, 200);

function standing({ waiting, underWay, built, skipped }: ModelRun): Standing {
  const named = (isMeant: (one: BuiltModel) => boolean) => built.filter(isMeant).map(({ model }) => model);
  return {
    waiting,
    building: underWay.map(({ model }) => model),
    published: named(({ outcome }) => outcome === 'published'),
    stopped: [...named(({ outcome }) => outcome !== 'published'), ...skipped.map(({ model }) => model)],
  };
}

/** The run without the models that are behind one that was not published. */
export function withoutSkipped(run: ModelRun, models: readonly ScheduledModel[]): ModelRun {
  const skipped = skippedModels(models, standing(run));
  const names = new Set(skipped.map(({ model }) => model));
  const waiting = run.waiting.filter((model) => !names.has(model));
  return { ...run, waiting, skipped: [...run.skipped, ...skipped] };
}

/** The run with the models under way that can begin, as many as there are places for. */
export function withBegun(run: ModelRun, models: readonly ScheduledModel[], places: number): ModelRun {
  const byName = new Map(models.map((model) => [model.name, model]));
  const begun = readyModels(models, standing(run))
    .slice(0, Math.max(0, places))
    .flatMap((name) => byName.get(name) ?? []);
  const names = new Set(begun.map(({ name }) => name));
  return {
    ...run,
    waiting: run.waiting.filter((model) => !names.has(model)),
    underWay: [...run.underWay, ...begun.map(begunModel)],
  };
}

const longestWaitSeconds = 60;
/** With each look the least wait is half a percent longer. */
const growth = 1.005;

/**
 * How long the machine waits before it looks again: a second while things move, a second more with each look at which nothing has
 * moved, a minute at most. A look takes nine events (five of the task, two of the choice, two of the wait) of the 25,000 that an
 * execution may have, so looks get rarer with their number too: after n of them a wait is at least 1.005ⁿ s. 1,050 looks then
 * take more than the six hours that a run has, 9,450 events; half of all are the lease's, and the rest is for the loads.
 */
export function pauseSeconds({ looks, still, underWay }: Pick<ModelRun, 'looks' | 'still' | 'underWay'>): number {
  const least = Math.min(longestWaitSeconds, Math.floor(growth ** looks));
  const holds = underWay.map(({ holdSeconds }) => holdSeconds).filter((seconds) => seconds > 0);
  return Math.max(least, Math.min(1 + still, longestWaitSeconds, ...holds));
}

/** What the machine's state says of the models, so that somebody who opens the execution sees how far it is. */
export interface ModelProgress {
  readonly key: string;
  readonly done: boolean;
  readonly waitSeconds: number;
  readonly building: number;
  readonly published: number;
  readonly failed: number;
  readonly skipped: number;
  readonly held: number;
  readonly left: number;
  /** The first of those under way, each with its step, and the first that failed, each with its reason. */
  readonly underWay: readonly string[];
  readonly failures: readonly string[];
}

/** However many models there are, the state stays below a few kilobytes. */
const namedAtMost = 10;
const textCharacters = 300;

export function progressOf(key: string, run: ModelRun): ModelProgress {
  const { waiting, underWay, built, skipped, held, waitSeconds } = run;
  const cut = (lines: readonly string[]) => lines.slice(0, namedAtMost).map((line) => line.slice(0, textCharacters));
  const failures = built.filter(({ outcome }) => outcome !== 'published');
  return {
    key,
    done: waiting.length === 0 && underWay.length === 0,
    waitSeconds,
    building: underWay.length,
    published: built.length - failures.length,
    failed: failures.length,
    skipped: skipped.length,
    held: held.length,
    left: waiting.length,
    underWay: cut(underWay.map(({ model, submitted }) => `${model}: ${submitted?.step ?? 'waits'}`)),
    failures: cut(failures.map(({ model, outcome, reason }) => `${model}: ${reason ?? outcome}`)),
  };
}
