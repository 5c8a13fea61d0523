import type { CompiledModel } from '../models/model.ts';
import { fenceStatements } from '../statements/fence.ts';
import {
  changesResultIndexes,
  changesStatements,
  forgetMarks,
  type InputChange,
  inputChanges,
  noteMarks,
} from '../statements/incremental/changes.ts';
import { type KeysFound, keysFound, keysStatements } from '../statements/incremental/keys.ts';
import {
  auditedSlice,
  countShared,
  mergeStatements,
  noRows,
  ofChangedKeys,
  rowsStatements,
} from '../statements/incremental/rows.ts';
import { auditedAside } from '../statements/model/check.ts';
import { caseSensitivePaths } from '../statements/session.ts';
import { type Attempt, type Decision, type Step, settledAttempt, submit } from '../work.ts';
import { discard, type Findings, type Making, published, publishedRun, type Strategy, takeSteps } from './making.ts';
import {
  inputsOf,
  keySelects,
  keySpans,
  planSlice,
  rangeIn,
  restrictedSelect,
  rowByRow,
  type SlicePlan,
} from './slice.ts';
import { buildWhole, publishWhole } from './table.ts';

/** What is made of the rows of a model's query before they are its own. */
export interface Shaping {
  readonly select: (model: CompiledModel, rows: string) => string;
  /** Rows of one key have nothing to do with one another. */
  readonly isPlain: boolean;
}

/** A way to make a model whose table is kept, and brought up to date where a change reaches it. */
export function keptUpToDate(shaping: Shaping): Strategy {
  return {
    build: (making) => build(making, shaping),
    audited: (making) => {
      const keys = mergeable(making, shaping);
      return keys ? auditedSlice(making.model, keys) : auditedAside(making.model);
    },
    publish: (making, found) => publish(making, found, shaping),
  };
}

/** Only what a change reaches is computed again, and it is as if all was. */
export const incremental: Strategy = keptUpToDate({ select: (_, rows) => rows, isPlain: true });

function build(making: Making, shaping: Shaping): Decision | undefined {
  const { piece, history, model } = making;
  const inputs = inputsOf(model, making.models);
  const ask = { name: 'changes', statements: changesStatements(model, inputs), reads: changesResultIndexes };
  const asked = takeSteps(making, [ask]);
  if (asked) return asked;
  for (const step of sliceSteps(making, shaping)) {
    const last = settledAttempt(history, step.name);
    if (!last) return submit(piece, step, history);
  }
  if (mergeable(making, shaping)) return undefined;
  return buildWhole({ ...making, model: { ...model, sql: shaping.select(model, model.sql) } });
}

/** How far the inputs are, as it was before anything was built of them. */
function changesOf({ model, models, history }: Making): InputChange[] {
  return inputChanges(inputsOf(model, models), settledAttempt(history, 'changes')?.results ?? []);
}

/** The state of Step Functions holds a batch twice, and has 256 KiB. */
const longestBatchBytes = 60_000;

const isTooLong = (step: Step): boolean => Buffer.byteLength(step.statements.join('')) > longestBatchBytes;

/** The steps up to the next one whose answer is not there; none where the model is built whole. */
function sliceSteps(making: Making, shaping: Shaping): Step[] {
  const { history, piece } = making;
  if (piece.full) return [];
  const plan = planSlice(making.model, changesOf(making));
  const keys = plan.kind === 'slice' ? keysStep(making, plan) : undefined;
  if (plan.kind === 'whole' || !keys || isTooLong(keys)) return [];
  const found = foundIn(making, plan);
  if (!found) return settledAttempt(history, 'keys') ? [] : [keys];
  const steps = rowsSteps(making, { plan, found, shaping });
  const failed = (step: Step) => settledAttempt(history, step.name)?.outcome === 'failed';
  return steps.some((step) => isTooLong(step) || failed(step)) ? [] : [keys, ...steps];
}

type Slice = Extract<SlicePlan, { kind: 'slice' }>;

function keysStep({ model, holder }: Making, plan: Slice): Step {
  const asked = { selects: keySelects(model, plan), spans: keySpans(model, plan) };
  const statements = keysStatements(model, holder, asked);
  return { name: 'keys', statements, reads: [statements.length] };
}

/** The keys that the change reaches; undefined where that is not known yet, did not work, or some of them are NULL. */
function foundIn({ model, history }: Making, plan: Slice): KeysFound | undefined {
  const last = settledAttempt(history, 'keys');
  if (last?.outcome !== 'finished') return undefined;
  const found = keysFound(model, keySpans(model, plan), last.results[0] ?? []);
  return found.nulls > 0 ? undefined : found;
}

interface Rows {
  readonly plan: Slice;
  readonly found: KeysFound;
  readonly shaping: Shaping;
}

/** First by the changed rows alone, if the model goes row by row; if others make rows of the same keys, by the keys. */
function rowsSteps({ model, holder, history }: Making, { plan, found, shaping }: Rows): Step[] {
  const select = (text: string): Step => ({ name: 'rows', statements: rowsStatements(model, holder, text) });
  if (found.count === 0) return [select(noRows(model))];
  const ofKeys = ofChangedKeys(model, restrictedSelect(model, plan, rangeIn(found)));
  const byKey = select(shaping.select(model, ofKeys));
  const alone = shaping.isPlain ? rowByRow(plan) : undefined;
  if (!alone) return [byKey];
  const statements = [...rowsStatements(model, holder, alone.now), countShared(model, found, alone.before)];
  const first: Step = { name: 'changed-rows', statements, reads: [statements.length] };
  return isShared(settledAttempt(history, first.name)) ? [first, byKey] : [first];
}

const isShared = (last: Attempt | undefined): boolean => last !== undefined && last.results[0]?.[0]?.[0] !== '0';

/** The keys of the change, once all that it reaches stands aside. */
function mergeable(making: Making, shaping: Shaping): KeysFound | undefined {
  const steps = sliceSteps(making, shaping);
  const isDone =
    steps.length > 1 && steps.every(({ name }) => settledAttempt(making.history, name)?.outcome === 'finished');
  const plan = planSlice(making.model, changesOf(making));
  return isDone && plan.kind === 'slice' ? foundIn(making, plan) : undefined;
}

function publish(making: Making, found: Findings, shaping: Shaping): Decision {
  const { model, piece } = making;
  const marks = noteMarks(model, changesOf(making));
  const keys = mergeable(making, shaping);
  if (!keys) return publishWhole(making, found, marks);
  const run = publishedRun(making, found);
  const last = settledAttempt(making.history, 'merge');
  if (!last) {
    return submit(
      piece,
      { name: 'merge', statements: [...mergeStatements(model, run, keys), ...marks] },
      making.history,
    );
  }
  return last.outcome === 'finished' ? published(piece, found) : forget(making, last.error);
}

/** Where a merge fails, somebody has touched the table, or another lane has put another definition there: the next run builds it whole. */
function forget(making: Making, error: string | undefined): Decision {
  const { piece, history, model, holder } = making;
  const statements = [caseSensitivePaths, ...fenceStatements(model, holder), forgetMarks(model)];
  if (!settledAttempt(history, 'forget')) return submit(piece, { name: 'forget', statements }, history);
  return discard(making, error);
}
