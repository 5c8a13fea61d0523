import { nextState } from '../../lambdas/refresh/next.ts';
import { plan } from '../../lambdas/refresh/plan.ts';
import { mainLane } from '../../lib/pipeline/lane.ts';
import { preparationOf, type Surroundings } from '../../lib/pipeline/next.ts';
import { settledNow } from '../../lib/pipeline/state-items.ts';
import { prepareBatches } from '../../lib/pipeline/statements/prepare.ts';
import type { Outcome, ResultRows, Work } from '../../lib/pipeline/work.ts';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift } from '../../local/redshift/types.ts';
import { datasets, noon } from '../factories/pipeline.ts';
import { aLine, MendWorld } from './mend-world.ts';

/** As many as are quick; `MEND_LINES=1000000` tries a million. */
const many = Number(process.env.MEND_LINES ?? 20_000);
const some = Number(process.env.MEND_LINES ?? 1_500);
const surroundings: Surroundings = {
  ...{ datasets, models: [], functions: [], readers: {}, lakeBucket: 'lake', nowMilliseconds: noon },
  copyRoleArn: 'arn:aws:iam::000000000000:role/copy',
};

/** The real statements in the box, batch after batch, over the lake of a world; whether it tells what it found is up to the test. */
class Warehouse {
  readonly #redshift: Redshift;
  readonly #tells: boolean;
  copies = 0;

  constructor(redshift: Redshift, tells: boolean) {
    this.#redshift = redshift;
    this.#tells = tells;
  }

  /** Runs a batch as one transaction, and answers with the rows of each statement or with an error. */
  async run(statements: readonly string[]): Promise<{ rows: ResultRows[]; error?: string }> {
    const session = await this.#redshift.session({ database: 'prod', user: 'admin' });
    const rows: ResultRows[] = [];
    try {
      await session.execute('BEGIN');
      for (const sql of statements) {
        if (sql.startsWith('COPY')) this.copies += 1;
        const answer = (await session.execute(sql)).at(-1)?.rows ?? [];
        rows.push(sql.includes('sys_load_error_detail') && !this.#tells ? [] : answer.map((row) => [...row]));
      }
      await session.execute('COMMIT');
      return { rows };
    } catch (error) {
      await session.execute('ROLLBACK');
      return { rows, error: `ERROR: ${(error as Error).message}` };
    } finally {
      await session.close();
    }
  }

  async ask(sql: string): Promise<ResultRows> {
    const { rows, error } = await this.run([sql]);
    if (error) throw new Error(error);
    return rows[0] ?? [];
  }
}

/** One piece of work through its loop. */
async function workOn(work: Work, warehouse: Warehouse, world: MendWorld): Promise<Outcome> {
  let answer: { rows: ResultRows[]; error?: string } = { rows: [] };
  const dataApi = {
    error: async () => answer.error,
    rows: async (_id: string, statement: number) => answer.rows[statement - 1] ?? [],
  };
  const ports = { dataApi, lake: world.lake, surroundings };
  let state = await nextState({ work, history: [] }, ports);
  while (state.decision.kind === 'submit') {
    answer = await warehouse.run(state.decision.statements);
    const status = answer.error === undefined ? 'FINISHED' : 'FAILED';
    const { decision, history } = state;
    const ended = { ...decision, reads: [...decision.reads] };
    state = await nextState(
      { work, history: [...history], decision: ended, statement: { id: '1' }, described: { status } },
      ports,
    );
  }
  return state.decision.outcome;
}

/** Runs until nothing is pending: plan, load, mend, settle. */
async function drain(world: MendWorld, warehouse: Warehouse): Promise<void> {
  const { table, lake, generation } = world;
  for (let run = 0; run < 12 && table.objects.size > 0; run += 1) {
    const planned = await plan(
      {
        lane: mainLane,
        generation,
        plan: { touched: [] },
        prepared: [],
        loaded: [],
      },
      { table, lake, datasets, preparation: preparationOf(surroundings), database: 'prod' },
    );
    for (const { work } of planned.loads) {
      const objects = [...table.objects.values()];
      const outcome = await workOn(work, warehouse, world);
      if (outcome.kind === 'refused') await world.mend(outcome);
      if (outcome.kind !== 'loaded' || work.kind !== 'load') continue;
      const body = await lake.get(work.manifestKey);
      const loaded = objects.filter(({ key }) => Buffer.from(body ?? '').includes(`/${key}"`));
      for (const object of loaded) {
        const settled = settledNow({ eTag: object.eTag, outcome: 'loaded', loadId: work.loadId }, noon);
        await table.settle(mainLane, object, settled);
      }
    }
  }
}

describe('one bad line among many', () => {
  let redshift: Redshift;
  let world: MendWorld;
  beforeEach(async () => {
    world = new MendWorld();
    const get = async (uri: string) => Buffer.from((await world.lake.get(uri.replace('s3://lake/', ''))) ?? '');
    const objectStore = { get, put: async () => undefined, list: async () => [] };
    const admin = { user: 'admin', password: 'admin' };
    redshift = await openRedshift({ databases: ['prod'], admin, objectStore });
    const warehouse = new Warehouse(redshift, true);
    for (const batch of prepareBatches(preparationOf(surroundings))) await warehouse.run(batch);
  });
  afterEach(() => redshift.close());

  /** Of the last: ours to see, or only the warehouse's. */
  it.each([
    { seenBy: 'us', lineCount: many, at: 'yesterday', tells: true, copies: 3 },
    { seenBy: 'the warehouse', lineCount: many, at: '2026-02-30T12:00:00.000000Z', tells: true, copies: 3 },
    { seenBy: 'nobody', lineCount: some, at: '2026-02-30T12:00:00.000000Z', tells: false, copies: 220 },
  ])('is alone in quarantine, found in few COPYs: seen by $seenBy', async ({ lineCount, at, tells, copies }) => {
    const bad = Math.floor(lineCount * 0.7);
    const line = (n: number) => aLine(`e-${n}`, { _key: `"${n % 100}"`, ...(n === bad && { _at: at }) });
    await world.land(
      'old',
      Array.from({ length: lineCount }, (_, n) => line(n)),
    );
    const warehouse = new Warehouse(redshift, tells);
    const started = performance.now();

    await drain(world, warehouse);

    const took = `${lineCount} lines: ${warehouse.copies} COPYs, ${Math.round(performance.now() - started)} ms\n`;
    if (process.env.MEND_LINES) process.stdout.write(took);
    expect(world.pendingKeys()).toEqual([]);
    expect(world.quarantined()).toMatchObject([{ id: `e-${bad}`, code: 'LOAD_REFUSED' }]);
    expect(await warehouse.ask('SELECT COUNT(*), COUNT(DISTINCT "_id") FROM "raw"."brackets"')).toEqual([
      [String(lineCount - 1), String(lineCount - 1)],
    ]);
    expect(warehouse.copies).toBeLessThanOrEqual(copies);
  });
});
