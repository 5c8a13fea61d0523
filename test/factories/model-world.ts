import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { next, preparationOf, type Surroundings } from '../../lib/pipeline/next.ts';
import { prepareBatches } from '../../lib/pipeline/statements/prepare.ts';
import { createTable, modelWriterTable } from '../../lib/pipeline/tables.ts';
import type { Attempt, Outcome, ResultRows } from '../../lib/pipeline/work.ts';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session } from '../../local/redshift/types.ts';
import { aModel, datasets, noon } from './pipeline.ts';

const database = 'prod';
const admin = { user: 'admin', password: 'admin' };

/** A batch that was sent, by step. */
export interface SentBatch {
  readonly step: string;
  readonly statements: readonly string[];
}

/** Models before the real engine: their batches are sent as the refresh machine sends them, each a transaction. */
export class ModelWorld {
  readonly redshift: Redshift;
  readonly sent: SentBatch[] = [];
  readonly readers: Surroundings['readers'] = { analysts: { schemas: ['mart'] } };
  /** What the project holds beside the model that is refreshed. */
  others: CompiledModel[] = [];
  readonly #session: Session;
  #generation = 0;
  readonly #prepared = new Set<string>();

  private constructor(redshift: Redshift, session: Session) {
    this.redshift = redshift;
    this.#session = session;
  }

  static async open(): Promise<ModelWorld> {
    const redshift = await openRedshift({ databases: [database], admin });
    const world = new ModelWorld(redshift, await redshift.session({ database, user: 'admin' }));
    await world.rows('CREATE ROLE analysts');
    await world.#prepare();
    return world;
  }

  async close(): Promise<void> {
    await this.#session.close();
    await this.redshift.close();
  }

  async #prepare(): Promise<void> {
    const preparation = preparationOf(this.#surroundings([aModel()]));
    for (const sql of prepareBatches(preparation).flat()) await this.rows(sql);
  }

  async #prepareFor(model: CompiledModel): Promise<void> {
    await this.rows(createTable(modelWriterTable(model)));
    this.#prepared.add(model.name);
  }

  /** The rows of a statement by itself. */
  async rows(sql: string): Promise<ResultRows> {
    return ((await this.#session.execute(sql)).at(-1)?.rows ?? []).map((row) => [...row]);
  }

  /** Runs a model's work to its end, in a run of its own. */
  async refresh(model: CompiledModel): Promise<Outcome> {
    this.#generation += 1;
    if (!this.#prepared.has(model.name)) await this.#prepareFor(model);
    this.sent.length = 0;
    const work = { kind: 'model' as const, execution: `main-${this.#generation}`, model: model.name };
    const history: Attempt[] = [];
    for (;;) {
      const decision = next(work, history, this.#surroundings([model, ...this.others]));
      if (decision.kind === 'done') return decision.outcome;
      const { step, number, statements, reads } = decision;
      this.sent.push({ step, statements });
      history.push({ step, number, ...(await this.#batch(statements, reads)) });
    }
  }

  get steps(): string[] {
    return this.sent.map(({ step }) => step);
  }

  async #batch(statements: readonly string[], reads: readonly number[]) {
    const session = await this.redshift.session({ database, user: 'admin' });
    const results: ResultRows[] = [];
    try {
      await session.execute('BEGIN');
      for (const [index, sql] of statements.entries()) {
        const rows = (await session.execute(sql)).at(-1)?.rows ?? [];
        if (reads.includes(index + 1)) results.push(rows.map((row) => [...row]));
      }
      await session.execute('COMMIT');
      return { outcome: 'finished' as const, results };
    } catch (error) {
      await session.execute('ROLLBACK');
      return { outcome: 'failed' as const, error: `ERROR: ${(error as Error).message}`, results: [] };
    } finally {
      await session.close();
    }
  }

  #surroundings(models: readonly CompiledModel[]): Surroundings {
    const copyRoleArn = 'arn:aws:iam::000000000000:role/copy';
    return {
      datasets,
      models,
      functions: [],
      readers: this.readers,
      lakeBucket: 'lake',
      copyRoleArn,
      nowMilliseconds: noon,
    };
  }
}
