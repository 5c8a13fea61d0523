import { runMetrics, settlementOf } from '../../lib/pipeline/settlement.ts';
import type { LoadWork, Outcome } from '../../lib/pipeline/work.ts';

const load = (dataset: string): LoadWork => ({
  kind: 'load',
  execution: 'main-17',
  lane: 'main',
  generation: 17,
  loadId: `main-17-${dataset}-00c0ffee00c0ffee`,
  dataset,
  codec: 'zstd',
  manifestKey: `manifests/${dataset}/main-17-${dataset}-00c0ffee00c0ffee.json`,
  objectCount: 1,
});
const outcomes: Outcome[] = [
  { kind: 'loaded', work: load('brackets'), rowsStaged: 3, rowsInserted: 2, rowsDuplicate: 1, freshnessSeconds: 40 },
  { kind: 'failed', work: load('organizers'), reason: 'no such role' },
  { kind: 'fenced', work: load('app_logs') },
];

describe('the settlement of a run', () => {
  it('takes out of the inbox what loaded, and marks what did not', () => {
    const { loaded, failed } = settlementOf(outcomes);
    expect(loaded.map(({ dataset }) => dataset)).toEqual(['brackets']);
    expect(failed).toMatchObject([{ work: { dataset: 'organizers' }, reason: 'no such role' }, {}]);
  });

  it('counts a load that was fenced off as failed: the run has the lane, so nobody can have overtaken it', () => {
    const [, fenced] = settlementOf(outcomes).failed;
    expect(fenced).toMatchObject({
      work: { dataset: 'app_logs' },
      reason: expect.stringContaining('later generation'),
    });
    expect(runMetrics(outcomes, []).datasets.get('app_logs')).toMatchObject({ LoadFailures: 1 });
  });

  it('tells of the models that failed, and nothing of one that a later run has written', () => {
    const { models } = runMetrics(
      [],
      [
        { model: 'mart.a', definition: 'd', outcome: 'failed' },
        { model: 'mart.b', definition: 'd', outcome: 'fenced' },
      ],
    );
    expect([...models]).toEqual([['mart.a', { ModelFailures: 1 }]]);
  });

  it('tells of each dataset what came in and how fresh it is', () => {
    const twice = runMetrics(
      [...outcomes, ...outcomes.map((one) => ({ ...one, freshnessSeconds: 90 }) as Outcome)],
      [],
    );
    expect(twice.datasets.get('brackets')).toEqual({
      RowsLoaded: 4,
      RowsDuplicate: 2,
      LoadFailures: 0,
      FreshnessSeconds: 90,
    });
  });
});
