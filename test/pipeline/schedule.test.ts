import fc from 'fast-check';
import {
  type BuiltModel,
  begunRun,
  type ModelRun,
  modelRunKey,
  pauseSeconds,
  progressOf,
  withBegun,
  withoutSkipped,
} from '../../lib/pipeline/model-run.ts';
import { changesForOthers, type ScheduledModel, selectModels } from '../../lib/pipeline/schedule.ts';
import type { ModelState } from '../../lib/pipeline/state-items.ts';

type Verdict = BuiltModel['outcome'];

const model = (table: string, dependsOn: string[], datasets: string[] = [], lane = 'main'): ScheduledModel => ({
  name: `mart.${table}`,
  lane,
  dependsOn: dependsOn.map((one) => `mart.${one}`),
  datasets,
  definition: 'd',
  compiled: 'c',
});
const published = (models: readonly ScheduledModel[]): ModelState[] =>
  models.map(({ name }) => ({ model: name, definition: 'd', outcome: 'published', published: 'c' }));

interface Given {
  readonly models: readonly ScheduledModel[];
  readonly states?: readonly ModelState[];
  readonly changed?: readonly string[];
  readonly ends?: Readonly<Record<string, Verdict>>;
}

/** Builds as much at a time as can be; every model named ends as told, the others are published. */
function buildAll({ models, states = [], changed = [], ends = {} }: Given): { rounds: string[][]; run: ModelRun } {
  let run = begunRun(selectModels({ models, states, changed: new Set(changed), lane: 'main' }));
  const rounds: string[][] = [];
  for (;;) {
    run = withBegun(withoutSkipped(run, models), models, models.length);
    if (run.underWay.length === 0) return { rounds, run };
    rounds.push(run.underWay.map((one) => one.model));
    const built = run.underWay.map(({ model: name }) => {
      return { model: name, definition: 'd', outcome: ends[name] ?? ('published' as const) };
    });
    run = { ...run, underWay: [], built: [...run.built, ...built] };
  }
}

describe('the models a refresh builds', () => {
  const models = [
    model('a', [], ['brackets']),
    model('b', ['a']),
    model('c', [], ['app_logs']),
    model('d', ['b', 'c']),
  ];
  const states = published(models);
  const rounds = (given: Omit<Given, 'models'>) => buildAll({ models, ...given }).rounds;

  it('are those behind what loaded, each when what it reads is published', () => {
    expect(rounds({ states, changed: ['brackets'] })).toEqual([['mart.a'], ['mart.b'], ['mart.d']]);
    expect(rounds({ states, changed: ['app_logs'] })).toEqual([['mart.c'], ['mart.d']]);
    expect(rounds({ states })).toEqual([]);
  });

  it('are all of them the first time, and those that changed or failed at any time', () => {
    expect(rounds({})).toEqual([['mart.a', 'mart.c'], ['mart.b'], ['mart.d']]);
    const changed = states.map((state) => (state.model === 'mart.b' ? { ...state, definition: 'old' } : state));
    expect(rounds({ states: changed })).toEqual([['mart.b'], ['mart.d']]);
    const failed = states.map((state) => (state.model === 'mart.c' ? { ...state, outcome: 'failed' as const } : state));
    expect(rounds({ states: failed })).toEqual([['mart.c'], ['mart.d']]);
  });

  it('stop behind one that failed, and nowhere else', () => {
    const { rounds: built, run } = buildAll({ models, ends: { 'mart.a': 'checkFailed' } });
    expect(built).toEqual([['mart.a', 'mart.c']]);
    expect(run.skipped).toEqual([
      { model: 'mart.b', behind: 'mart.a' },
      { model: 'mart.d', behind: 'mart.b' },
    ]);
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
        const built = buildAll({ models: all, changed: ['brackets'], ends }).rounds;
        const roundOf = new Map(built.flatMap((round, n) => round.map((name) => [name, n] as const)));
        expect(built.flat().length).toBe(roundOf.size);
        for (const { name, dependsOn } of all) {
          const isBuildable = dependsOn.every((one) => roundOf.has(one) && !ends[one]);
          expect(roundOf.has(name)).toBe(isBuildable);
          for (const one of dependsOn)
            if (isBuildable) expect(roundOf.get(name)).toBeGreaterThan(roundOf.get(one) ?? 99);
        }
      }),
    );
  });
});

describe('a model that reads one of another lane', () => {
  const models = [
    model('raw_numbers', [], ['brackets']),
    model('forecast', ['raw_numbers'], [], 'slow'),
    model('overview', ['forecast'], ['app_logs']),
    model('summary', ['overview']),
  ];
  const select = (states: readonly ModelState[], changed: readonly string[]) =>
    selectModels({ models, states, changed: new Set(changed), lane: 'main' });
  const others = (states: readonly ModelState[], datasets: readonly string[], of: readonly string[], lane = 'main') =>
    Object.fromEntries(changesForOthers({ models, states, lane, datasets: new Set(datasets), published: new Set(of) }));

  it('is built with what that lane has published, without asking how fresh it is', () => {
    const states = published(models).map((state) =>
      state.model === 'mart.forecast' ? { ...state, outcome: 'failed' as const } : state,
    );
    expect(select(states, ['app_logs'])).toEqual({ wanted: ['mart.overview', 'mart.summary'], held: [] });
  });

  it('is held, with all behind it, until that lane has published it as its file is now', () => {
    const states = published(models).map((state) =>
      state.model === 'mart.forecast' ? { ...state, published: 'of before' } : state,
    );
    expect(select(states, ['app_logs'])).toEqual({ wanted: [], held: ['mart.overview', 'mart.summary'] });
    expect(select([], []).held).toEqual(['mart.overview', 'mart.summary']);
  });

  it('is asked for by the run that publishes it', () => {
    expect(others(published(models), [], ['mart.forecast'], 'slow')).toEqual({ main: ['mart.forecast'] });
    expect(select(published(models), ['mart.forecast']).wanted).toEqual(['mart.overview', 'mart.summary']);
  });

  it('and what main changes is told to the lanes that read it, new models of theirs as well', () => {
    expect(others(published(models), ['brackets'], ['mart.raw_numbers'])).toEqual({ slow: ['mart.raw_numbers'] });
    expect(others(published(models), ['app_logs'], ['mart.overview'])).toEqual({});
    const stale = published(models).filter((state) => state.model !== 'mart.forecast');
    expect(others(stale, [], [])).toEqual({ slow: ['mart.forecast'] });
    const failed = published(models).map((state) =>
      state.model === 'mart.forecast' ? { ...state, outcome: 'failed' as const } : state,
    );
    expect(others(failed, [], [])).toEqual({});
  });
});

describe('the waits between looks', () => {
  const sixHours = 6 * 3600;
  const looksIn = (seconds: number, isStill: boolean) => {
    let looks = 0;
    for (let at = 0, still = 0; at < seconds; still = isStill ? still + 1 : 0) {
      at += pauseSeconds({ looks, still, underWay: [] });
      looks += 1;
    }
    return looks;
  };

  it('leave room in the history, whether things move all the time or a statement takes all of six hours', () => {
    const eventsOfALook = 9;
    expect(looksIn(sixHours, false) * eventsOfALook).toBeLessThan(10_000);
    expect(looksIn(sixHours, true) * eventsOfALook).toBeLessThan(5_000);
  });

  it('are a second for the first minutes while things move', () => {
    expect(looksIn(120, false)).toBe(120);
  });

  it('are no longer than what is held back for a new try', () => {
    const held = { model: 'm', definition: 'd', compiled: 'c', history: [], holdSeconds: 5, refusals: 0 };
    expect(pauseSeconds({ looks: 20, still: 40, underWay: [held] })).toBe(5);
  });
});

it('what the state says of any number of models stays small', () => {
  const long = 'm'.repeat(160);
  const underWay = Array.from({ length: 900 }, (_, n) => ({
    ...{ model: `${long}${n}`, definition: 'd', compiled: 'c', history: [], holdSeconds: 0, refusals: 0 },
  }));
  const built = underWay.map(({ model: name }) => ({
    ...{ model: name, definition: 'd', outcome: 'failed' as const, reason: '€'.repeat(200) },
  }));
  const run = { ...begunRun({ wanted: [], held: [] }), underWay, built };
  const text = JSON.stringify(progressOf(modelRunKey('main-1'), run));
  expect(Buffer.byteLength(text)).toBeLessThan(16_000);
});
