import { MillraceError } from './error.ts';
import { audit } from './making/audit.ts';
import { history as kept } from './making/history.ts';
import { incremental } from './making/incremental.ts';
import type { Making, Strategy } from './making/making.ts';
import { materializedView } from './making/materialized-view.ts';
import { table } from './making/table.ts';
import { view } from './making/view.ts';
import { hashOf } from './models/definition.ts';
import type { CompiledModel, Materialization } from './models/model.ts';
import type { Surroundings } from './next.ts';
import { generationOf } from './state-items.ts';
import { type Holder, isFenced } from './statements/fence.ts';
import { grantees } from './statements/model/describe.ts';
import type { Readers } from './statements/prepare.ts';
import type { Attempt, Decision, ModelWork } from './work.ts';

const strategies: Readonly<Record<Materialization, Strategy>> = {
  table,
  view,
  incremental,
  history: kept,
  'materialized view': materializedView,
};

/** What a model's work does next: it is built aside, its checks run, and then it is published, or thrown away with a note. */
export function nextOfModel(piece: ModelWork, history: readonly Attempt[], surroundings: Surroundings): Decision {
  const { models, readers } = surroundings;
  const found = models.find(({ name }) => name === piece.model);
  if (!found) throw new MillraceError('UNKNOWN_MODEL', `${piece.model} is not among this stack's models`);
  if (history.some(({ error }) => isFenced(error ?? '')))
    return { kind: 'done', outcome: { kind: 'fenced', work: piece } };
  const holder = holderOf(piece);
  // What is built aside is named by the lane that builds it, which at the desk is another one than the model's own.
  const model = { ...withGrants(found, readers), lane: holder.lane };
  const making: Making = { piece, holder, history, readers, model, models };
  const strategy = strategies[found.materialization];
  const building = strategy.build(making);
  return building ?? audit(making, strategy.audited(making), (checked) => strategy.publish(making, checked));
}

function holderOf({ execution }: ModelWork): Holder {
  const holder = generationOf(execution);
  if (!holder)
    throw new MillraceError('NO_GENERATION', `${execution} has no generation in its name: it cannot be fenced`);
  return holder;
}

/** The definition as published: who may read it is part of it, so a new reader is granted by the next publish. */
export function withGrants(model: CompiledModel, readers: Readers): CompiledModel {
  return { ...model, definition: hashOf([model.definition, grantees(model, readers)]) };
}
