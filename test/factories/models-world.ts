import { zstdCompressSync } from 'node:zlib';
import { envelopeLine, type Operation } from '../../lib/pipeline/envelope.ts';
import type { DatasetPlan } from '../../lib/pipeline/environment.ts';
import { mainLane } from '../../lib/pipeline/lane.ts';
import { modelTables } from '../../lib/pipeline/model-tables.ts';
import type { CompiledFunction } from '../../lib/pipeline/models/compiled-function.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { rawObjectKey } from '../../lib/pipeline/names.ts';
import { next } from '../../lib/pipeline/next.ts';
import { manifestText, planLoads } from '../../lib/pipeline/plan.ts';
import { executionName } from '../../lib/pipeline/state-items.ts';
import { prepareBatches } from '../../lib/pipeline/statements/prepare.ts';
import { pipelineTables, qualifiedName } from '../../lib/pipeline/tables.ts';
import type { Attempt, Outcome, ResultRows, Work } from '../../lib/pipeline/work.ts';
import type { BoxWarehouse } from './box-warehouse.ts';
import { MemoryLake } from './memory-lake.ts';
import { aModel, noon } from './pipeline.ts';
import { plainSurroundings } from './surroundings.ts';

/** What happened to a dataset, as its line says it. */
export interface Happening {
  readonly _id: string;
  readonly _op: Operation;
  readonly _key: string | null;
  readonly _position: string;
  readonly _at: string;
  readonly payload: string;
}

/** A dataset that models follow: what its loads replace is kept where it has keys. */
export const aFollowedDataset = (name: string, keyed: boolean): DatasetPlan => ({
  name,
  owner: 'team',
  freshnessSeconds: 60,
  keyed,
  keepsReplaced: keyed,
});

/** A model over these tables: what it reads is found in its SQL. */
export function aModelOf(sql: string, over: Partial<CompiledModel> = {}): CompiledModel {
  const reads = [...sql.matchAll(/"?\b(raw|latest|mart)\b"?\.(\w+)/g)].map(
    ({ index, 0: text, 1: schema, 2: name }) => ({
      name: `${schema}.${name}`,
      start: index,
      end: index + text.length,
      aliased: true,
    }),
  );
  const ofDatasets = reads
    .filter(({ name }) => /^(raw|latest)\./.test(name))
    .map(({ name }) => name.split('.')[1] ?? '');
  const dependsOn = reads.map(({ name }) => name).filter((name) => !/^(raw|latest)\./.test(name));
  const datasets = [...new Set(ofDatasets)].toSorted();
  return aModel({
    sql,
    reads,
    datasets,
    dependsOn,
    columns: [],
    checks: [],
    output: [],
    materialization: 'incremental',
    ...over,
  });
}

/** The real loads and the real steps of models before a real engine. */
export class ModelsWorld {
  readonly warehouse: BoxWarehouse;
  readonly datasets: readonly DatasetPlan[];
  readonly models: readonly CompiledModel[];
  readonly functions: readonly CompiledFunction[];
  /** What was sent for the work done last. */
  sent: { readonly step: string; readonly statements: readonly string[] }[] = [];
  #generation = 0;

  constructor(
    warehouse: BoxWarehouse,
    datasets: readonly DatasetPlan[],
    models: readonly CompiledModel[],
    functions: readonly CompiledFunction[] = [],
  ) {
    this.warehouse = warehouse;
    this.datasets = datasets;
    this.models = models;
    this.functions = functions;
  }

  /** The steps that were taken for the model refreshed last. */
  get steps(): string[] {
    return this.sent.map(({ step }) => step);
  }

  /** Makes the tables; the same for every history. */
  async prepare(): Promise<void> {
    const { datasets, models, functions } = this;
    for (const statements of prepareBatches({ datasets, models, functions, readers: {} }))
      await this.warehouse.answers(statements);
  }

  /** Everything empty, and no model built. */
  async begin(): Promise<void> {
    this.warehouse.lake = new MemoryLake();
    const { datasets, models } = this;
    const tables = [...pipelineTables(datasets), ...models.flatMap(modelTables)];
    await this.warehouse.answers([
      ...tables.map((table) => `DELETE FROM ${qualifiedName(table)}`),
      ...models.map(({ schema, table: name }) => `DROP TABLE IF EXISTS ${qualifiedName({ schema, name })}`),
    ]);
  }

  /** One object, one load. */
  async load(dataset: string, happenings: readonly Happening[]): Promise<void> {
    this.#generation += 1;
    const name = `object-${this.#generation}`;
    const key = rawObjectKey({ dataset, at: '2026-11-20T12:00:00.000000Z', name, codec: 'zstd' });
    const body = zstdCompressSync(Buffer.from(happenings.map((one) => `${envelopeLine(one)}\n`).join('')));
    await this.warehouse.lake.put({ key, body, contentType: 'application/x-ndjson' });
    const pending = { bucket: 'lake', key, dataset, sizeBytes: body.length, eTag: key, createdAt: '', attempts: 0 };
    for (const load of planLoads({ lane: mainLane, generation: this.#generation }, dataset, [pending])) {
      const manifest = Buffer.from(manifestText(load));
      await this.warehouse.lake.put({ key: load.work.manifestKey, body: manifest, contentType: 'application/json' });
      const outcome = await this.work(load.work);
      if (outcome.kind !== 'loaded') throw new Error(`a load is ${JSON.stringify(outcome)}`);
    }
  }

  /** Builds a model as a run of the refresh does. */
  async refresh(model: string, full = false): Promise<Outcome> {
    this.#generation += 1;
    return this.work({
      kind: 'model',
      execution: executionName(mainLane, this.#generation),
      model,
      ...(full && { full }),
    });
  }

  async work(work: Work): Promise<Outcome> {
    this.sent = [];
    const history: Attempt[] = [];
    const { datasets, models } = this;
    for (;;) {
      const decision = next(work, history, { ...plainSurroundings, datasets, models, nowMilliseconds: noon });
      if (decision.kind === 'done') return decision.outcome;
      const { step, number, statements: Sqls, clientToken: ClientToken, statementName: StatementName } = decision;
      this.sent.push({ step, statements: Sqls });
      const { Id } = await this.warehouse.execute({ Sqls, ClientToken, StatementName });
      const error = await this.warehouse.error(Id);
      const results = await Promise.all(decision.reads.map((index) => this.warehouse.rows(Id, index)));
      history.push({ step, number, outcome: error === undefined ? 'finished' : 'failed', error, results });
    }
  }

  /** The rows of a model as they stand. */
  rowsOf(model: CompiledModel): Promise<ResultRows> {
    return this.warehouse.answer(`SELECT * FROM ${qualifiedName({ schema: model.schema, name: model.table })}`);
  }
}
