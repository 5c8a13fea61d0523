import type { CompiledModel, Materialization } from '../../lib/pipeline/models/model.ts';
import { next } from '../../lib/pipeline/next.ts';
import { executionName } from '../../lib/pipeline/state-items.ts';
import { asideOf, changedOf } from '../../lib/pipeline/statements/model/place.ts';
import type { Attempt, Outcome } from '../../lib/pipeline/work.ts';
import { BoxWarehouse } from '../factories/box-warehouse.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { aModelOf, ModelsWorld } from '../factories/models-world.ts';
import { datasets, noon } from '../factories/pipeline.ts';
import { plainSurroundings } from '../factories/surroundings.ts';

const warehouse = new BoxWarehouse(new MemoryLake());
afterAll(() => warehouse.close());

/** How many batches the one has sent when the other begins, and takes its work to the end. */
const turns: readonly (readonly [Materialization, readonly number[]])[] = [
  ['table', [1, 2, 3]],
  ['view', [1, 2]],
  ['incremental', [2, 4]],
  ['history', [4]],
];
const since = "'2026-11-20 00:00:00+00'::TIMESTAMPTZ AS since";
/** A model as somebody has it: whose it is stands in its rows. */
const aModelBy = (materialization: Materialization, whose: string): CompiledModel =>
  aModelOf(`SELECT _key AS id, '${whose}'::VARCHAR(9) AS whose, ${since} FROM latest.brackets`, {
    table: materialization,
    name: `mart.${materialization}`,
    materialization,
    definition: whose,
    key: ['id'],
    ...(materialization === 'history' && { validFrom: 'since' }),
  });

/** A lane's work on its model, a batch at a time. */
class Lane {
  #history: Attempt[] = [];
  #generation = 0;
  readonly #lane: string;
  readonly #model: CompiledModel;

  constructor(lane: string, model: CompiledModel) {
    this.#lane = lane;
    this.#model = model;
  }

  begin(): void {
    this.#generation += 1;
    this.#history = [];
  }

  /** Sends the next batch; the outcome, once there is none. */
  async step(): Promise<Outcome | undefined> {
    const execution = executionName(this.#lane, this.#generation);
    const surroundings = { ...plainSurroundings, datasets, models: [this.#model], nowMilliseconds: noon };
    const decision = next({ kind: 'model', execution, model: this.#model.name }, this.#history, surroundings);
    if (decision.kind === 'done') return decision.outcome;
    const { step, number, statements, reads } = decision;
    const { results, error } = await warehouse.batch(statements);
    const answers = error === undefined ? reads.map((index) => results.get(index) ?? []) : [];
    this.#history.push({ step, number, outcome: error === undefined ? 'finished' : 'failed', error, results: answers });
    return undefined;
  }

  async end(): Promise<Outcome> {
    for (;;) {
      const outcome = await this.step();
      if (outcome) return outcome;
    }
  }
}

describe.each(turns)('given a %s that a refresh and a desk build, each with its own definition', (kind, batches) => {
  const refresh = new Lane('main', aModelBy(kind, 'refresh'));
  const desk = new Lane('desk', aModelBy(kind, 'desk'));

  beforeAll(async () => {
    await new ModelsWorld(warehouse, datasets, [aModelBy(kind, 'refresh')]).prepare();
    await warehouse.answer('DELETE FROM latest.brackets');
    await warehouse.answer(
      `INSERT INTO latest.brackets VALUES ('a', 'a', 'insert', '1', SYSDATE, JSON_PARSE('{}'), 'load', SYSDATE)`,
    );
  });

  const seen = () => warehouse.answer(`SELECT DISTINCT whose FROM mart.${kind}`);

  test.each(batches)(
    'when one builds after %i batches of the other, then what is seen is by whom the books say',
    async (sent) => {
      for (const [first, second, its] of [
        [refresh, desk, 'desk'],
        [desk, refresh, 'refresh'],
      ] as const) {
        first.begin();
        second.begin();
        for (let batch = 0; batch < sent; batch += 1) await first.step();
        expect(await second.end()).toMatchObject({ kind: 'published', rows: 1 });
        expect(await seen()).toEqual([[its]]);
        await first.end();
        const [[last] = []] = await warehouse.answer(
          `SELECT run_id FROM ops.model_runs WHERE model = 'mart.${kind}' AND outcome = 'published' ORDER BY finished_at DESC LIMIT 1`,
        );
        expect(await seen()).toEqual([[last?.startsWith('desk') ? 'desk' : 'refresh']]);
      }
      const left = `SELECT relname FROM pg_class WHERE relname LIKE '${kind}!_!_next%' ESCAPE '!' OR relname LIKE '${kind}!_!_changed%' ESCAPE '!'`;
      expect(await warehouse.answer(left)).toEqual([]);
    },
  );
});

describe('what a model is built from', () => {
  const longest = { schema: 'mart', table: 't'.repeat(100) };

  test('is named as ever in the main lane, and by its lane in others, however long the names are', () => {
    const lane = 'l'.repeat(63);
    expect(asideOf({ schema: 'mart', table: 'kpi', lane: 'main' }).name).toBe('kpi__next');
    expect(asideOf({ schema: 'mart', table: 'kpi', lane: 'desk' }).name).toBe('kpi__next_desk');
    expect(changedOf({ schema: 'mart', table: 'kpi', lane: 'desk' }).name).toBe('kpi__changed_desk');
    const names = [lane, `${lane.slice(1)}m`].map(
      (one) => asideOf({ ...longest, lane: one, materialization: 'view' }).name,
    );
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(127);
  });
});
