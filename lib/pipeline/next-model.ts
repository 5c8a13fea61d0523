import { createHash } from 'node:crypto';
import { MillraceError } from './error.ts';
import { history } from './making/history.ts';
import { incremental } from './making/incremental.ts';
import { discard, type Findings, finding, findings, type Making, runOf, type Strategy } from './making/making.ts';
import { table } from './making/table.ts';
import { view } from './making/view.ts';
import type { CompiledModel, Materialization } from './models/model.ts';
import type { Surroundings } from './next.ts';
import { generationOf } from './state-items.ts';
import { type Holder, isFenced } from './statements/fence.ts';
import { checkResultIndexes, checkStatements } from './statements/model/check.ts';
import { discardStatements, grantees } from './statements/model/publish.ts';
import type { CheckResult } from './statements/model/run.ts';
import type { Readers } from './statements/prepare.ts';
import { type Attempt, type Decision, type ModelWork, settledAttempt, submit } from './work.ts';

const strategies: Readonly<Record<Materialization, Strategy>> = {
  table,
  view,
  incremental,
  history,
  // Until it has a way of its own: its rows are the same.
  'materialized view': table,
};

/** What a model's work does next: it is built aside, its checks run, and then it is published, or thrown away with a note. */
export function nextOfModel(piece: ModelWork, attempts: readonly Attempt[], surroundings: Surroundings): Decision {
  const found = surroundings.models.find(({ name }) => name === piece.model);
  if (!found) throw new MillraceError('UNKNOWN_MODEL', `${piece.model} is not among this stack's models`);
  if (attempts.some(({ error }) => isFenced(error ?? '')))
    return { kind: 'done', outcome: { kind: 'fenced', work: piece } };
  const { readers, models } = surroundings;
  const model = withGrants(found, readers);
  const making: Making = { piece, holder: holderOf(piece), history: attempts, readers, models, model };
  const strategy = strategies[found.materialization];
  return strategy.build(making) ?? checkAndPublish(making, strategy);
}

function checkAndPublish(making: Making, strategy: Strategy): Decision {
  const { piece, history } = making;
  const last = settledAttempt(history, 'check');
  if (!last) {
    const statements = checkStatements(making.model, strategy.audited(making));
    return submit(piece, { name: 'check', statements, reads: checkResultIndexes }, history);
  }
  if (last.outcome === 'failed') return discard(making, last.error);
  const found = findings(last);
  const broken = found.checks.filter(({ severity, failures }) => severity === 'error' && failures > 0);
  return broken.length > 0 ? rejected(making, found, broken) : strategy.publish(making, found);
}

function holderOf({ execution }: ModelWork): Holder {
  const holder = generationOf(execution);
  if (!holder)
    throw new MillraceError('NO_GENERATION', `${execution} has no generation in its name: it cannot be fenced`);
  return holder;
}

/** The definition as published: who may read it is part of it, so a new reader is granted by the next publish. */
export function withGrants(model: CompiledModel, readers: Readers): CompiledModel {
  const parts = JSON.stringify([model.definition, grantees(model, readers)]);
  return { ...model, definition: createHash('sha256').update(parts).digest('hex').slice(0, 32) };
}

function rejected(
  { piece, holder, model, history }: Making,
  found: Findings,
  broken: readonly CheckResult[],
): Decision {
  const run = runOf(piece, { holder, outcome: 'check_failed', rows: found.rows, checks: found.checks });
  if (!settledAttempt(history, 'reject')) {
    return submit(piece, { name: 'reject', statements: discardStatements(model, run) }, history);
  }
  return { kind: 'done', outcome: { kind: 'checkFailed', work: piece, failures: broken.map(finding).slice(0, 20) } };
}
