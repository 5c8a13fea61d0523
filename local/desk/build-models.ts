import type { BatchWarehouse } from '../../lambdas/aws/batch-warehouse.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { reach } from '../../lib/pipeline/models/selection.ts';
import type { Surroundings } from '../../lib/pipeline/next.ts';
import { modelsAtOnce } from '../../lib/pipeline/schedule.ts';
import { executionName } from '../../lib/pipeline/state-items.ts';
import type { ModelWork, Outcome } from '../../lib/pipeline/work.ts';
import { drive } from './drive.ts';

/** The lane of builds at the desk: they are fenced among themselves, and take nothing from the refresh's own lanes. */
export const deskLane = 'desk';

/** How the build of a model ended. */
export type Built = { readonly model: CompiledModel; readonly seconds: number } & (
  | { readonly kind: 'published'; readonly rows: number; readonly warnings: readonly string[] }
  | { readonly kind: 'checkFailed'; readonly failures: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string }
  /** A later build has written it. */
  | { readonly kind: 'fenced' }
  /** Something it reads was not built. */
  | { readonly kind: 'skipped'; readonly because: string }
);

export interface BuildPlan {
  /** What is built; in dependency order. */
  readonly models: readonly CompiledModel[];
  readonly surroundings: Surroundings;
  /** Tells builds apart: a later one fences an earlier. Milliseconds since the epoch do. */
  readonly generation: number;
  /** Incremental models and histories are built whole. */
  readonly full?: boolean;
}

export interface BuildEvents {
  /** A batch of a model's is about to be sent. */
  step?(model: CompiledModel, step: string): void;
  ended?(built: Built): void;
}

/** The name of a build's execution: what `ops` says of it. */
export const executionOf = ({ generation }: Pick<BuildPlan, 'generation'>): string =>
  executionName(deskLane, generation);

/** Builds models, each as soon as what it reads is built; behind one that fails nothing is. */
export async function buildModels(
  plan: BuildPlan,
  warehouse: BatchWarehouse,
  events: BuildEvents = {},
): Promise<Built[]> {
  const upstream = upstreamAmong(plan);
  const turns = new Turns(modelsAtOnce);
  const running = new Map<string, Promise<Built>>();
  for (const model of plan.models) {
    const before = (upstream.get(model.name) ?? []).flatMap((name) => running.get(name) ?? []);
    const building = Promise.all(before).then(async (others) => {
      const stopped = others.find(({ kind }) => kind !== 'published');
      const built: Built = stopped
        ? { model, seconds: 0, kind: 'skipped', because: stopped.model.name }
        : await turns.take(() => buildModel(model, plan, warehouse, events));
      events.ended?.(built);
      return built;
    });
    running.set(model.name, building);
  }
  return Promise.all(running.values());
}

/** The nearest models above each that are built as well, even where one between them is not. */
function upstreamAmong({ models, surroundings }: BuildPlan): Map<string, string[]> {
  const up = new Map(surroundings.models.map(({ name, dependsOn }) => [name, dependsOn]));
  const among = new Set(models.map(({ name }) => name));
  return new Map(
    models.map(({ name }) => [name, [...reach([name], up)].filter((one) => among.has(one) && one !== name)]),
  );
}

async function buildModel(
  model: CompiledModel,
  plan: BuildPlan,
  warehouse: BatchWarehouse,
  events: BuildEvents,
): Promise<Built> {
  const since = performance.now();
  const piece: ModelWork = {
    kind: 'model',
    execution: executionOf(plan),
    model: model.name,
    ...(plan.full && { full: true }),
  };
  const outcome = await drive(piece, plan.surroundings, warehouse, (name) => events.step?.(model, name));
  return { model, seconds: (performance.now() - since) / 1000, ...endingOf(outcome) };
}

type Ending =
  | Pick<Extract<Built, { kind: 'published' }>, 'kind' | 'rows' | 'warnings'>
  | Pick<Extract<Built, { kind: 'checkFailed' }>, 'kind' | 'failures'>
  | Pick<Extract<Built, { kind: 'failed' }>, 'kind' | 'reason'>
  | Pick<Extract<Built, { kind: 'fenced' }>, 'kind'>;

function endingOf(outcome: Outcome): Ending {
  switch (outcome.kind) {
    case 'published':
      return { kind: 'published', rows: outcome.rows, warnings: outcome.warnings };
    case 'checkFailed':
      return { kind: 'checkFailed', failures: outcome.failures };
    case 'fenced':
      return { kind: 'fenced' };
    case 'failed':
      return { kind: 'failed', reason: outcome.reason };
    default:
      return { kind: 'failed', reason: `it ended as ${outcome.kind}` };
  }
}

/** Lets so many work at once; the others wait in the order in which they came. */
class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const resume = this.#waiting.shift();
      if (resume) resume();
      else this.#free += 1;
    }
  }
}
