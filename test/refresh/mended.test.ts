import { gzipSync } from 'node:zlib';
import { eTagOf } from '../factories/memory-lake.ts';
import { aPendingObject } from '../factories/pipeline.ts';
import { RefreshLane } from '../factories/refresh-lane.ts';
import { type Ending, ScriptedWarehouse, type Submission, stepOf } from '../factories/scripted-warehouse.ts';
import { aLine } from '../mend/mend-world.ts';

const loaded: Ending = { results: [[['1', '1', '0', '2026-11-20 12:00:00+00', '2026-11-20 12:00:00+00']]] };

function aLane(script: (submission: Submission) => Ending | undefined) {
  return new RefreshLane(
    new ScriptedWarehouse((one) => script(one) ?? (stepOf(one.StatementName).startsWith('load') ? loaded : {})),
  );
}

describe('a refresh with a load that is refused', () => {
  it('mends what is refused and loads the rest in the next run, at once', async () => {
    const body = gzipSync(`${aLine('a')}\n${aLine('b', { _at: 'yesterday' })}\n`);
    const key = 'raw/brackets/dt=2026-11-20/hh=12/broken.ndjson.gz';
    let refusals = 1;
    const lane = aLane(({ StatementName }) =>
      stepOf(StatementName) === 'load brackets' && refusals-- > 0
        ? { error: 'Load into table stage failed. Check SYS_LOAD_ERROR_DETAIL' }
        : undefined,
    );
    await lane.lake.put({ key, body, contentType: 'application/x-ndjson' });
    await lane.arrive(aPendingObject({ key, eTag: eTagOf(body), sizeBytes: body.length }));

    await lane.drain(1);

    expect(lane.runs[0]?.status).toBe('SUCCEEDED');
    expect(lane.warehouse.steps()).toEqual(['role-0', 'prepare-0', 'load brackets', 'diagnose brackets']);
    expect(lane.messages).toMatchObject([{ delaySeconds: 0 }]);
    expect([...lane.table.objects.values()]).toMatchObject([{ attempts: 0, key: expect.stringContaining('.mended-') }]);
    const [message] = lane.messages.splice(0);
    await lane.tell(message?.body ?? '');
    await lane.drain();
    expect(lane.table.objects.size).toBe(0);
    expect([...lane.table.settled.values()].map(({ outcome }) => outcome)).toEqual(['mended', 'loaded']);
  });

  it('counts a load as failed where mending it fails, and tries it again later', async () => {
    const lane = aLane(({ StatementName }) =>
      stepOf(StatementName) === 'load brackets' ? { error: 'Load into table stage failed' } : undefined,
    );
    await lane.arrive(aPendingObject());
    lane.interfere = (state) => {
      if (state === 'Mend: objects') throw new Error('out of memory');
    };
    await lane.drain(1);
    expect(lane.runs[0]?.status).toBe('SUCCEEDED');
    expect([...lane.table.objects.values()]).toMatchObject([{ attempts: 1 }]);
    expect(lane.messages).toMatchObject([{ delaySeconds: 30 }]);
  });
});
