import { runState } from '../../lambdas/refresh/state.ts';
import { tellLineage } from '../../lambdas/refresh/tell-lineage.ts';
import type { BuiltModel } from '../../lib/pipeline/model-run.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { aModel, noon } from '../factories/pipeline.ts';

const startedAt = '2026-11-19T23:59:00.000Z';
const players = aModel();
const ranking = aModel({ table: 'ranking' });
const built = (model: string, outcome: BuiltModel['outcome'], more: Partial<BuiltModel> = {}): BuiltModel => ({
  model,
  definition: 'd',
  outcome,
  ...more,
});

function givenARun() {
  const lake = new MemoryLake();
  const ports = {
    ...{ lake, models: [players, ranking], lineage: {}, nowMilliseconds: () => noon },
    names: { jobs: 'tournaments-prod', tables: 'redshift://w:5439', database: 'prod' },
  };
  const state = runState.parse({ lane: 'main', generation: 7, lease: { startedAt } });
  return { lake, tell: (models: readonly BuiltModel[]) => tellLineage(state, models, ports) };
}

test('given a run that has ended, its models are told in one object, and a retry tells them in the same', async () => {
  const { lake, tell } = givenARun();
  const models = [built(players.name, 'published', { rows: 3 }), built(ranking.name, 'failed', { reason: 'overflow' })];
  const key = await tell(models);
  expect(await tell(models)).toBe(key);
  expect(key).toMatch(/^openlineage\/dt=2026-11-19\/[\w-]+\.ndjson$/);
  expect([...lake.objects.keys()]).toEqual([key]);

  const lines = Buffer.from((await lake.get(key ?? '')) ?? '')
    .toString()
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      eventType: 'COMPLETE',
      eventTime: new Date(noon).toISOString(),
      outputs: [{ name: 'prod.mart.players', outputFacets: { outputStatistics: { rowCount: 3 } } }],
    },
    { eventType: 'FAIL', run: { facets: { errorMessage: { message: 'overflow' } } } },
  ]);
});

test('a run that has built nothing, or was overtaken, tells nothing', async () => {
  const { lake, tell } = givenARun();
  expect(await tell([])).toBeUndefined();
  expect(await tell([built(players.name, 'fenced'), built('mart.gone', 'published')])).toBeUndefined();
  expect(lake.puts).toEqual([]);
});
