import fc from 'fast-check';
import { anomalousScore, comparedMeasurements, judge, leastMeasurements } from '../../lib/pipeline/checks/anomaly.ts';
import type { Check, CompiledModel } from '../../lib/pipeline/models/model.ts';
import { ModelWorld } from '../factories/model-world.ts';
import { aModel } from '../factories/pipeline.ts';

const measurement = fc.double({ min: -1e12, max: 1e12, noNaN: true });
const history = fc.array(measurement, { minLength: leastMeasurements, maxLength: comparedMeasurements });
const kindOf = (...parameters: Parameters<typeof judge>) => judge(...parameters).kind;

describe('a measure judged by its history', () => {
  it('is never an anomaly where there is too little of it', () => {
    fc.assert(
      fc.property(measurement, fc.array(measurement, { maxLength: leastMeasurements - 1 }), (value, before) => {
        expect(judge(value, before)).toEqual({ kind: 'tooFew', measurements: before.length });
      }),
    );
  });

  it('is judged the same in whatever order, sign and unit it comes', () => {
    fc.assert(
      fc.property(measurement, history, fc.constantFrom(-1, 2, 0.5, 1024), (value, before, factor) => {
        const kind = kindOf(value, before);
        expect(kindOf(value, before.toReversed())).toBe(kind);
        // Powers of two scale without rounding.
        expect(
          kindOf(
            value * factor,
            before.map((one) => one * factor),
          ),
        ).toBe(kind);
      }),
    );
  });

  it('is expected at the median, and near it, however still it has been', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e12, noNaN: true }),
        fc.double({ min: -0.0099, max: 0.0099 }),
        (level, change) => {
          const still = Array.from({ length: leastMeasurements }, () => level);
          expect(kindOf(level * (1 + change), still)).toBe('expected');
        },
      ),
    );
  });

  it('is the less expected the farther it is', () => {
    fc.assert(
      fc.property(
        history,
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.double({ min: 1, max: 1e6, noNaN: true }),
        (before, near, more) => {
          const at = judge(0, before);
          if (at.kind === 'tooFew') throw new Error('there is enough history');
          const kinds = [near, near + more].map((distance) => kindOf(at.usual + distance, before));
          expect(kinds).not.toEqual(['anomalous', 'expected']);
        },
      ),
    );
  });

  it('is not hidden by spikes among fewer than half of the others', () => {
    const usual = [100, 104, 98, 101, 97, 103, 99, 102];
    const spiked = [...usual, 1e9, 1e9, 0, 1e9];
    expect([usual, spiked].map((before) => kindOf(160, before))).toEqual(['anomalous', 'anomalous']);
    expect([usual, spiked].map((before) => kindOf(105, before))).toEqual(['expected', 'expected']);
  });

  it('alarms at once where what was always zero is not, but for a share that rises a little', () => {
    const zeros = Array.from({ length: 8 }, () => 0);
    expect(judge(5, zeros)).toMatchObject({ kind: 'anomalous', score: Number.POSITIVE_INFINITY });
    expect([0.005, 0.2].map((share) => kindOf(share, zeros, 1))).toEqual(['expected', 'anomalous']);
    expect(anomalousScore).toBe(3.5);
  });
});

describe('an anomaly check of a model', () => {
  let world: ModelWorld;
  beforeAll(async () => {
    world = await ModelWorld.open();
    await world.rows(
      'CREATE TABLE public.numbers AS SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4',
    );
    await world.rows(
      'CREATE TABLE public.many AS SELECT a.n FROM public.numbers a, public.numbers b, public.numbers c, public.numbers d',
    );
  });
  afterAll(() => world.close());

  function aMart(severity: Check['severity'], rows: number): CompiledModel {
    const checks: Check[] = [
      { kind: 'anomaly', measure: 'row_count', severity },
      { kind: 'anomaly', measure: 'mean', column: 'n', severity },
      { kind: 'anomaly', measure: 'null_share', column: 'n', severity },
    ];
    const sql = `SELECT n FROM public.many LIMIT ${rows}`;
    return aModel({ table: `watched_${severity}`, sql, checks, columns: [], definition: severity });
  }

  /** The rows of the past: what eight and more publishes have measured, with a little noise. */
  const remember = (severity: string, count: number) =>
    world.rows(
      `INSERT INTO ops.measures SELECT 'before', 'mart.watched_${severity}', 'row_count', '', 100 + n, DATEADD(day, -n, SYSDATE) FROM (SELECT ROW_NUMBER() OVER (ORDER BY n) AS n FROM public.many) AS "days" WHERE n <= ${count}`,
    );
  const kept = async (severity: string) =>
    (
      await world.rows(
        `SELECT value FROM ops.measures WHERE model = 'mart.watched_${severity}' AND run_id <> 'before' AND measure = 'row_count' ORDER BY measured_at`,
      )
    )
      .flat()
      .map(Number);

  it('passes while there is no history, and keeps what it measured with each publish', async () => {
    expect(await world.refresh(aMart('error', 10))).toMatchObject({ kind: 'published', warnings: [] });
    expect(await kept('error')).toEqual([10]);
    const measured = await world.rows(
      `SELECT measure, column_name FROM ops.measures WHERE model = 'mart.watched_error' ORDER BY 1`,
    );
    expect(measured).toEqual([
      ['mean', 'n'],
      ['null_share', 'n'],
      ['row_count', ''],
    ]);
  });

  it('of severity error keeps the old, and what it measured is no history', async () => {
    await remember('error', 12);
    expect(await world.refresh(aMart('error', 200))).toMatchObject({
      kind: 'checkFailed',
      failures: [expect.stringMatching(/^anomaly: row_count \(found 200, usual is 106; score \d+\.\d of 3\.5\)$/)],
    });
    expect(await kept('error')).toEqual([10]);
    expect(await world.refresh(aMart('error', 104))).toMatchObject({ kind: 'published' });
  });

  it('of severity warn alarms until the new level is what is usual', async () => {
    await remember('warn', 8);
    const alarms: number[] = [];
    for (let run = 0; run < 12; run += 1) {
      const outcome = await world.refresh(aMart('warn', 200));
      alarms.push(outcome.kind === 'published' ? outcome.warnings.length : -1);
    }
    expect(alarms[0]).toBe(1);
    expect(alarms.at(-1)).toBe(0);
    expect(await kept('warn')).toHaveLength(12);
  });
});
