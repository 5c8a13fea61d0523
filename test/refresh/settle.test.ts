import { settle } from '../../lambdas/refresh/settle.ts';
import { runState } from '../../lambdas/refresh/state.ts';
import { mainLane } from '../../lib/pipeline/lane.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { MemoryStateTable } from '../factories/memory-state-table.ts';
import { aPendingObject, noon } from '../factories/pipeline.ts';

const generation = 7;

/** A run that has loaded nothing of what is pending. */
async function givenARun() {
  const table = new MemoryStateTable();
  await table.openLane(mainLane, generation);
  await table.addPending(mainLane, aPendingObject());
  const ports = {
    table,
    lake: new MemoryLake(),
    datasets: ['brackets'],
    scheduled: [],
    database: 'prod',
    nowMilliseconds: () => noon,
  };
  return { table, settleAgain: () => settle(runState.parse({ lane: mainLane, generation }), ports) };
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
