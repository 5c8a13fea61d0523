import fc from 'fast-check';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { type BuiltModel, nextWave } from '../../lib/pipeline/select.ts';
import type { ModelState } from '../../lib/pipeline/state-items.ts';
import { aModel } from '../factories/pipeline.ts';

type Verdict = BuiltModel['outcome'];

/** Builds wave after wave; every model named ends as told, the others are published. */
function buildAll(models: CompiledModel[], states: ModelState[], loaded: string[], ends: Record<string, Verdict> = {}) {
  const built: BuiltModel[] = [];
  const waves: string[][] = [];
  for (;;) {
    const wave = nextWave({ models, states, loaded: new Set(loaded), built });
    if (wave.length === 0) return waves;
    waves.push(wave);
    for (const model of wave) built.push({ model, definition: 'd', outcome: ends[model] ?? 'published' });
  }
}

const model = (table: string, dependsOn: string[], datasets: string[] = []) =>
  aModel({ table, dependsOn: dependsOn.map((one) => `mart.${one}`), datasets, definition: 'd' });
const published = (models: CompiledModel[]): ModelState[] =>
  models.map(({ name }) => ({ model: name, definition: 'd', outcome: 'published' }));

describe('the models a refresh builds', () => {
  const models = [
    model('a', [], ['brackets']),
    model('b', ['a']),
    model('c', [], ['app_logs']),
    model('d', ['b', 'c']),
  ];

  it('are those behind what loaded, wave by wave', () => {
    expect(buildAll(models, published(models), ['brackets'])).toEqual([['mart.a'], ['mart.b'], ['mart.d']]);
    expect(buildAll(models, published(models), ['app_logs'])).toEqual([['mart.c'], ['mart.d']]);
    expect(buildAll(models, published(models), [])).toEqual([]);
  });

  it('are all of them the first time, and those that changed or failed at any time', () => {
    expect(buildAll(models, [], [])).toEqual([['mart.a', 'mart.c'], ['mart.b'], ['mart.d']]);
    const states = published(models).map((state) =>
      state.model === 'mart.b' ? { ...state, definition: 'old' } : state,
    );
    expect(buildAll(models, states, [])).toEqual([['mart.b'], ['mart.d']]);
  });

  it('stop behind one that failed, and nowhere else', () => {
    expect(buildAll(models, [], [], { 'mart.a': 'checkFailed' })).toEqual([['mart.a', 'mart.c']]);
  });

  it('come after all they read, once, in any graph', () => {
    const graph = fc
      .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 25 })
      .map((edges) =>
        edges.map((reads, n) =>
          model(`m${n}`, n === 0 ? [] : [...new Set(reads.map((read) => `m${read % n}`))], ['brackets']),
        ),
      );
    fc.assert(
      fc.property(graph, fc.array(fc.nat({ max: 24 })), (all, failing) => {
        const ends = Object.fromEntries(failing.map((n) => [`mart.m${n}`, 'failed' as const]));
        const waves = buildAll(all, [], ['brackets'], ends);
        const waveOf = new Map(waves.flatMap((wave, n) => wave.map((name) => [name, n] as const)));
        expect(waves.flat().length).toBe(waveOf.size);
        for (const { name, dependsOn } of all) {
          const isBuildable = dependsOn.every((one) => waveOf.has(one) && !ends[one]);
          expect(waveOf.has(name)).toBe(isBuildable);
          for (const one of dependsOn) if (isBuildable) expect(waveOf.get(name)).toBeGreaterThan(waveOf.get(one) ?? 99);
        }
      }),
    );
  });
});
