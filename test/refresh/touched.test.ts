import { mainLane } from '../../lib/pipeline/lane.ts';
import { laneNotEmptyMessage } from '../../lib/pipeline/register-message.ts';
import { aModel } from '../factories/pipeline.ts';
import { RefreshLane } from '../factories/refresh-lane.ts';
import { type Ending, ScriptedWarehouse, type Submission, stepOf } from '../factories/scripted-warehouse.ts';

function fine({ StatementName }: Submission): Ending {
  return stepOf(StatementName).startsWith('check') ? { results: [[['row_count', 'info', '5']], []] } : {};
}

async function aSettledLane() {
  const lane = new RefreshLane(new ScriptedWarehouse(fine), [
    aModel(),
    aModel({ table: 'logs', datasets: ['app_logs'] }),
  ]);
  await lane.table.touch(mainLane, { source: 'brackets', stamp: 'first' });
  await lane.tell(laneNotEmptyMessage(mainLane));
  await lane.drain();
  return lane;
}

const builds = (lane: RefreshLane, since = 0) =>
  lane.warehouse
    .steps()
    .slice(since)
    .filter((step) => step.startsWith('build'));

describe('a dataset that was changed outside the refresh', () => {
  it('starts a run, which builds the models behind it and no others, and then forgets it', async () => {
    const lane = await aSettledLane();
    const before = lane.warehouse.submitted.length;
    await lane.table.touch(mainLane, { source: 'brackets', stamp: 'second' });

    await lane.tell(laneNotEmptyMessage(mainLane));
    await lane.drain();

    expect(builds(lane, before)).toEqual(['build mart.players']);
    expect(lane.table.touches.size).toBe(0);
    expect(lane.due).toEqual([]);
  });

  it('and changed again while the run goes on is for the next run, which follows', async () => {
    const lane = await aSettledLane();
    const before = lane.warehouse.submitted.length;
    await lane.table.touch(mainLane, { source: 'brackets', stamp: 'second' });
    let isChanged = false;
    lane.interfere = (state) => {
      if (state !== 'Advance' || isChanged) return;
      isChanged = true;
      // The table in memory has it when the call returns.
      void lane.table.touch(mainLane, { source: 'brackets', stamp: 'third' });
    };

    await lane.tell(laneNotEmptyMessage(mainLane));
    await lane.drain(3);

    expect(builds(lane, before)).toEqual(['build mart.players', 'build mart.players']);
    expect(lane.table.touches.size).toBe(0);
  });

  it('stays touched where the run gave up', async () => {
    const lane = await aSettledLane();
    await lane.table.touch(mainLane, { source: 'brackets', stamp: 'second' });
    lane.interfere = (state) => {
      if (state === 'Advance') throw new Error('out of reach');
    };

    await lane.tell(laneNotEmptyMessage(mainLane));
    await lane.drain(1);

    expect(lane.runs.at(-1)?.status).toBe('FAILED');
    expect(lane.table.touches.size).toBe(1);
    expect(lane.messages).toHaveLength(1);
  });

  it('starts nothing where nothing is touched or pending', async () => {
    const lane = await aSettledLane();
    const runs = lane.runs.length;

    await lane.tell(laneNotEmptyMessage(mainLane));
    await lane.drain();

    expect(lane.runs.length).toBe(runs);
  });
});
