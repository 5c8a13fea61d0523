import fc from 'fast-check';
import { lanesOf } from '../../lib/pipeline/lane.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { LanesWorld } from '../factories/lanes-world.ts';
import { aModel } from '../factories/pipeline.ts';

interface Drawn {
  readonly reads: readonly number[];
  readonly dataset: string | undefined;
  readonly lane: string;
}

/** Models that read datasets and models drawn before them, in any of the lanes. */
function modelsOf(drawn: readonly Drawn[], version = 'first'): CompiledModel[] {
  return drawn.map(({ reads, dataset, lane }, n) => {
    const dependsOn = n === 0 ? [] : [...new Set(reads.map((read) => `mart.m${read % n}`))];
    const own = dataset ?? (dependsOn.length === 0 ? 'brackets' : undefined);
    const table = `m${n}`;
    return aModel({
      table,
      lane,
      dependsOn,
      datasets: own ? [own] : [],
      columns: [],
      definition: `${version} ${table}`,
    });
  });
}

const graph = fc.array(
  fc.record({
    reads: fc.array(fc.nat(), { maxLength: 2 }),
    dataset: fc.constantFrom(undefined, 'brackets', 'app_logs'),
    lane: fc.constantFrom('main', 'main', 'slow', 'reports'),
  }),
  { minLength: 1, maxLength: 7 },
);

type Event =
  | { readonly kind: 'arrives'; readonly dataset: string }
  | { readonly kind: 'steps'; readonly runs: readonly number[] }
  | { readonly kind: 'dies'; readonly run: number }
  | { readonly kind: 'fails'; readonly model: number };

const arrival = fc.record({ kind: fc.constant('arrives' as const), dataset: fc.constantFrom('brackets', 'app_logs') });
const steps = fc.record({ kind: fc.constant('steps' as const), runs: fc.array(fc.nat(), { maxLength: 25 }) });
const death = fc.record({ kind: fc.constant('dies' as const), run: fc.nat() });
const failure = fc.record({ kind: fc.constant('fails' as const), model: fc.nat() });

async function happens(world: LanesWorld, event: Event): Promise<void> {
  if (event.kind === 'arrives') await world.arrive(event.dataset);
  if (event.kind === 'steps') for (const run of event.runs) await world.step(run);
  if (event.kind === 'dies') await world.step(event.run, true);
  if (event.kind === 'fails') world.failing.add(`mart.m${event.model % world.models.length}`);
}

/** More steps than the runs of a property take; without an end they would ask each other for ever. */
const stepsAtMost = 4000;

async function untilQuiet(world: LanesWorld): Promise<void> {
  for (let step = 0; !world.isQuiet; step += 1) {
    if (step > stepsAtMost) throw new Error('the lanes do not come to rest');
    await world.step(step);
  }
}

const readsOf = ({ datasets, dependsOn }: CompiledModel) => new Set([...datasets, ...dependsOn]);

/** Models whose last build was sent before something they read had changed for the last time. */
function staleModels(world: LanesWorld): string[] {
  const stale = world.models.filter((model) => {
    const built = world.builds.findLast((one) => one.model === model.name)?.at ?? -1;
    return world.changes.some(({ source, at }) => readsOf(model).has(source) && at > built);
  });
  return stale.map(({ name }) => name);
}

/** Failed last time, or behind such a model. */
function failedModels(world: LanesWorld): Set<string> {
  const failed = new Set<string>();
  for (const { name, dependsOn } of world.models) {
    const hasFailed = (world.table.modelStates.get(name)?.outcome ?? 'failed') !== 'published';
    if (hasFailed || dependsOn.some((one) => failed.has(one))) failed.add(name);
  }
  return failed;
}

describe('models in several lanes', () => {
  it('are built, in the end, after the last change of everything they read, whatever comes in between', async () => {
    const events = fc.array(fc.oneof(arrival, steps, death, failure), { maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(graph, events, fc.boolean(), async (drawn, all, isDeployed) => {
        const world = new LanesWorld(modelsOf(drawn));
        for (const event of all) await happens(world, event);
        if (isDeployed) world.models = modelsOf(drawn, 'second');
        await world.arrive('brackets');
        await untilQuiet(world);

        const failed = failedModels(world);
        expect(staleModels(world).filter((model) => !failed.has(model))).toEqual([]);
        expect(world.table.touches.size).toBe(0);
        if (world.failing.size > 0 || all.some(({ kind }) => kind === 'fails')) return;
        expect([...failed]).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('are not built where nothing has changed that they read', async () => {
    const events = fc.array(fc.oneof(arrival, steps), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(graph, events, async (drawn, all) => {
        const world = new LanesWorld(modelsOf(drawn));
        for (const event of all) await happens(world, event);
        await untilQuiet(world);

        // A change may have been seen before it was told, and then it is told in vain: but no change is told twice.
        for (const model of world.models) {
          const builds = world.builds.filter((one) => one.model === model.name);
          for (const [n, { at }] of builds.entries()) {
            const changes = world.changes.filter((one) => readsOf(model).has(one.source) && one.at <= at);
            expect(n).toBeLessThanOrEqual(changes.length);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('do not keep main waiting: its run ends and begins anew while the other lane is at its first model', async () => {
    const model = (table: string, lane: string) => aModel({ table, lane, columns: [], definition: table });
    const world = new LanesWorld([model('quick', 'main'), model('long', 'slow')]);
    const slow = () => [...world.table.lanes.keys()].indexOf('slow');
    await world.arrive('brackets');
    for (let step = 0; step < 60 && slow() < 0; step += 1) await world.step(0);
    expect(lanesOf(world.models)).toEqual(['main', 'slow']);
    expect(slow()).toBe(1);

    for (let round = 0; round < 3; round += 1) {
      await world.arrive('brackets');
      // The slow run is the first under way, and nobody lets it take a step.
      for (let step = 0; step < 60 && world.table.objects.size > 0; step += 1) await world.step(1);
    }
    expect(world.builds.filter(({ model: name }) => name === 'mart.quick')).toHaveLength(4);
    expect(world.builds.filter(({ model: name }) => name === 'mart.long')).toHaveLength(0);

    await untilQuiet(world);
    expect(staleModels(world)).toEqual([]);
  });
});
