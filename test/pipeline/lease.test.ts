import fc from 'fast-check';
import { backoffSeconds, leaseWait, longestWaitSeconds } from '../../lib/pipeline/lease.ts';
import { aPendingObject, datasets, noon } from '../factories/pipeline.ts';

const calm = { generation: 1, deadRuns: 0, deadAtMilliseconds: 0 };
const secondsAgo = (seconds: number) => new Date(noon - seconds * 1000).toISOString();

describe('the wait of a run', () => {
  it('is half the freshness budget of what is most urgent', () => {
    expect(leaseWait([aPendingObject()], datasets, calm, noon)).toEqual({
      waitSeconds: 30,
      due: true,
      remainingSeconds: 0,
    });
    const older = aPendingObject({ createdAt: secondsAgo(20) });
    expect(leaseWait([aPendingObject(), older], datasets, calm, noon).waitSeconds).toBe(10);
  });

  it('is none for what is late, for what has failed before, and where nothing is pending', () => {
    const late = aPendingObject({ createdAt: secondsAgo(500) });
    expect(leaseWait([late], datasets, calm, noon)).toMatchObject({ waitSeconds: 0, due: true });
    expect(leaseWait([aPendingObject({ attempts: 2 })], datasets, calm, noon).waitSeconds).toBe(0);
    expect(leaseWait([], datasets, calm, noon).waitSeconds).toBe(0);
  });

  it('is cut where it is long, so that something urgent that comes meanwhile is not late', () => {
    const unhurried = aPendingObject({ dataset: 'app_logs' });
    const first = leaseWait([unhurried], datasets, calm, noon);
    expect(first).toEqual({ waitSeconds: 30, due: false, remainingSeconds: 120 });

    const urgent = aPendingObject({ createdAt: new Date(noon + 25_000).toISOString() });
    const second = leaseWait([unhurried, urgent], datasets, calm, noon + 30_000, first.remainingSeconds);

    expect(second).toMatchObject({ waitSeconds: 25, due: true });
  });

  it('grows with the runs that died', () => {
    const dead = { generation: 5, deadRuns: 3, deadAtMilliseconds: noon - 20_000 };
    expect(leaseWait([aPendingObject({ attempts: 1 })], datasets, dead, noon)).toMatchObject({ remainingSeconds: 70 });
    expect([0, 1, 2, 3, 20].map(backoffSeconds)).toEqual([0, 30, 60, 120, 900]);
  });

  it('is never longer than the machine allows for, nor of more laps than a run has events', () => {
    const budgets = (...seconds: number[]) =>
      seconds.map((freshnessSeconds, n) => ({ name: `d${n}`, freshnessSeconds }));
    expect(longestWaitSeconds(budgets(86_400))).toBe(43_200);
    expect(longestWaitSeconds(budgets(10, 86_400))).toBe(5_000);
    expect(longestWaitSeconds(budgets(60))).toBe(900); // what dead runs may ask for

    const rare = aPendingObject({ dataset: 'd1' });
    const first = leaseWait([rare], budgets(10, 86_400), calm, noon);
    expect(first).toEqual({ waitSeconds: 5, due: false, remainingSeconds: 4_995 });
  });

  it('ends, whatever the clocks say', () => {
    const clocks = fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 100, maxLength: 100 });
    fc.assert(
      fc.property(clocks, (jumps) => {
        let remaining: number | undefined;
        for (const jump of jumps) {
          const wait = leaseWait([aPendingObject({ dataset: 'app_logs' })], datasets, calm, noon + jump, remaining);
          if (wait.due) return true;
          remaining = wait.remainingSeconds;
        }
        return false;
      }),
    );
  });
});
