import { settle } from '../../lambdas/refresh/settle.ts';
import { runState } from '../../lambdas/refresh/state.ts';
import { mainLane } from '../../lib/pipeline/lane.ts';
import { type BuiltModel, begunRun, modelRunKey } from '../../lib/pipeline/model-run.ts';
import { plannedLoad } from '../../lib/pipeline/plan.ts';
import { laneNotEmptyMessage } from '../../lib/pipeline/register-message.ts';
import { scheduledModel } from '../../lib/pipeline/schedule.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { MemoryStateTable } from '../factories/memory-state-table.ts';
import { aModel, aPendingObject, noon } from '../factories/pipeline.ts';

const generation = 7;

const scheduled = [
  aModel({ table: 'numbers', datasets: ['brackets'] }),
  aModel({ table: 'forecast', datasets: ['brackets'], dependsOn: ['mart.numbers'], lane: 'slow' }),
].map((model) => scheduledModel(model, {}));

/** A run that has loaded nothing of what is pending. */
async function givenARun() {
  const table = new MemoryStateTable();
  await table.openLane(mainLane, generation);
  await table.addPending(mainLane, aPendingObject());
  const lake = new MemoryLake();
  const ports = { table, lake, datasets: ['brackets'], scheduled, database: 'prod', nowMilliseconds: () => noon };
  const settleAgain = (over: object = {}) => settle(runState.parse({ lane: mainLane, generation, ...over }), ports);
  return { table, lake, settleAgain };
}

test('given that the lane went on and the answer was lost, when the step is repeated, then another run is asked for', async () => {
  const { table, settleAgain } = await givenARun();
  const advance = table.advanceLane.bind(table);
  table.advanceLane = async (...parameters) => {
    await advance(...parameters);
    throw new Error('no answer came');
  };
  await expect(settleAgain()).rejects.toThrow('no answer came');

  await expect(settleAgain()).resolves.toMatchObject({ asks: [{ backoffSeconds: 0 }] });
  expect(table.lanes.get(mainLane)?.generation).toBe(generation + 1);
});

test('given that another run has the lane, when a stale one settles, then it changes nothing of the lane', async () => {
  const { table, settleAgain } = await givenARun();
  await table.advanceLane(mainLane, generation, { deadRuns: 1, deadAtMilliseconds: noon });
  const before = structuredClone([...table.lanes]);

  await settleAgain();
  expect([...table.lanes]).toEqual(before);
});

const key = modelRunKey(`main-${generation}`);
const { work } = plannedLoad({ lane: mainLane, generation }, 'brackets', [aPendingObject()]);
const loaded = [{ kind: 'loaded', work, rowsStaged: 1, rowsInserted: 1, rowsDuplicate: 0 }];
const remember = (lake: MemoryLake, built: readonly BuiltModel[]) =>
  lake.put({
    key,
    body: Buffer.from(JSON.stringify({ ...begunRun({ wanted: [], held: [] }), built })),
    contentType: 'application/json',
  });
const numbers = { model: 'mart.numbers', definition: scheduled[0]?.definition ?? '', published: 'c' };
const forecast = { model: 'mart.forecast', definition: scheduled[1]?.definition ?? '', published: 'c' };

test('given that another lane reads what the run has changed, when it settles, then that lane is touched and asked for', async () => {
  const { table, lake, settleAgain } = await givenARun();
  table.modelStates.set('mart.forecast', { ...forecast, outcome: 'published' });
  await remember(lake, [{ ...numbers, outcome: 'published' }]);

  const { asks, built } = await settleAgain({ loaded, models: { key } });

  expect(await table.touched('slow', 9)).toEqual([
    { source: 'brackets', stamp: 'main-7' },
    { source: 'mart.numbers', stamp: 'main-7' },
  ]);
  expect(asks).toContainEqual({ message: laneNotEmptyMessage('slow'), backoffSeconds: 0 });
  expect(built).toHaveLength(1);
});

test('given that the lane went on before, when the step is repeated, then the other lane is asked for all the same', async () => {
  const { table, lake, settleAgain } = await givenARun();
  await remember(lake, [{ ...numbers, outcome: 'published' }]);
  const first = await settleAgain({ loaded, models: { key } });
  const touched = structuredClone([...table.touches]);

  expect((await settleAgain({ loaded, models: { key } })).asks).toEqual(first.asks);
  expect([...table.touches]).toEqual(touched);
});

test('given a run that gave up after its loads, when it settles, then what it has loaded stays touched for the next', async () => {
  const { table, settleAgain } = await givenARun();
  await settleAgain({ loaded, trouble: { Error: 'States.Timeout' } });
  expect(await table.touched(mainLane, 9)).toEqual([{ source: 'brackets', stamp: 'main-7' }]);
});

test('given a model that failed, when the run settles, then what was published of it before is kept in mind', async () => {
  const { table, lake, settleAgain } = await givenARun();
  table.modelStates.set('mart.numbers', { ...numbers, outcome: 'published' });
  await remember(lake, [{ model: 'mart.numbers', definition: 'new', outcome: 'failed', reason: 'broken' }]);
  await settleAgain({ models: { key } });
  expect(table.modelStates.get('mart.numbers')).toEqual({ ...numbers, definition: 'new', outcome: 'failed' });
});

test('given that the memory of the models is gone, when the run settles, then it says so and frees nothing', async () => {
  const { table, settleAgain } = await givenARun();
  await expect(settleAgain({ models: { key } })).rejects.toThrow(/manifests\/runs\/main-7\.json is gone/);
  expect(table.lanes.get(mainLane)?.generation).toBe(generation);
});
