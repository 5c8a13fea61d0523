import { advance } from '../../lambdas/refresh/advance.ts';
import { plan } from '../../lambdas/refresh/plan.ts';
import { settle } from '../../lambdas/refresh/settle.ts';
import { runState } from '../../lambdas/refresh/state.ts';
import { register } from '../../lambdas/register/register.ts';
import { lanesOf } from '../../lib/pipeline/lane.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { readRegisterMessage } from '../../lib/pipeline/register-message.ts';
import { scheduledModel } from '../../lib/pipeline/schedule.ts';
import { MemoryLake } from './memory-lake.ts';
import { MemoryStateTable } from './memory-state-table.ts';
import { aPendingObject, datasets, noon, objectCreatedEvent, runEndedEvent } from './pipeline.ts';
import { type Ending, ScriptedWarehouse, type Submission, statementRunner, stepOf } from './scripted-warehouse.ts';
import { plainSurroundings } from './surroundings.ts';

/** A model that was built, and when its SELECT was sent. */
export interface Build {
  readonly model: string;
  readonly at: number;
}

const check: Ending = { results: [[['row_count', 'info', '5']], []] };
const names = datasets.map(({ name }) => name);
const preparation = { datasets, readers: {}, models: [], functions: [] };
const nowMilliseconds = () => noon;

/** Register, the steps of the refresh without their machine, and runs of several lanes that go on between one another. */
export class LanesWorld {
  models: readonly CompiledModel[];
  readonly table = new MemoryStateTable();
  readonly lake = new MemoryLake();
  readonly warehouse: ScriptedWarehouse;
  readonly builds: Build[] = [];
  /** When each dataset loaded, and each model was seen to be published. */
  readonly changes: { readonly source: string; readonly at: number }[] = [];
  /** The next build of each of these fails. */
  readonly failing = new Set<string>();
  #now = 0;
  #objects = 0;
  readonly #underWay = new Map<string, AsyncGenerator<void, void>>();
  readonly #closed = new Set<string>();

  constructor(models: readonly CompiledModel[]) {
    this.models = models;
    this.warehouse = new ScriptedWarehouse((submission) => this.#ending(submission));
    const describe = this.warehouse.describe.bind(this.warehouse);
    this.warehouse.describe = (statement) => this.#seen(statement.Id, describe(statement));
  }

  get isQuiet(): boolean {
    return this.#underWay.size === 0;
  }

  /** A batch of a dataset arrives. */
  async arrive(dataset: string): Promise<void> {
    this.#objects += 1;
    await this.tell(objectCreatedEvent(aPendingObject({ dataset, name: `object-${this.#objects}` })));
  }

  async tell(body: string): Promise<void> {
    const lanes = lanesOf(this.models);
    const message = readRegisterMessage(body, { datasets: new Set(names), lanes: new Set(lanes) });
    const start = async (name: string, input: { lane: string; generation: number }) => {
      if (this.#closed.has(name)) return 'closed' as const;
      if (!this.#underWay.has(name)) this.#underWay.set(name, this.#run(input));
      return 'started' as const;
    };
    await register(message, { table: this.table, executions: { start }, datasets: names, lanes, nowMilliseconds });
  }

  /** One of the runs under way takes its next step; or dies instead, at that step. */
  async step(which: number, dies = false): Promise<void> {
    const [name, run] = [...this.#underWay][which % this.#underWay.size] ?? [];
    if (!name || !run) return;
    this.#now += 1;
    if (!dies && !(await run.next()).done) return;
    this.#underWay.delete(name);
    this.#closed.add(name);
    if (dies) await this.tell(runEndedEvent(name, 'FAILED'));
  }

  async *#run(input: { lane: string; generation: number }): AsyncGenerator<void, void> {
    const { table, lake } = this;
    const ports = { table, lake, datasets, preparation, database: 'prod' };
    const planned = await plan(runState.parse(input), ports);
    yield;
    const counts = { rowsStaged: 1, rowsInserted: 1, rowsDuplicate: 0 };
    const loaded = planned.loads.map(({ work }) => ({ kind: 'loaded', work, ...counts }));
    for (const { work } of planned.loads) if (work.kind === 'load') this.#change(work.dataset);
    let state = runState.parse({ ...input, loaded, plan: { touched: planned.touched } });
    for (let done = false; !done; ) {
      yield;
      const progress = await advance(state, this.#modelPorts());
      state = { ...state, models: { key: progress.key } };
      done = progress.done;
    }
    yield;
    const { asks } = await settle(state, {
      ...{ table, lake, datasets: names, database: 'prod', nowMilliseconds },
      scheduled: this.#modelPorts().scheduled,
    });
    yield;
    for (const { message } of asks) await this.tell(message);
  }

  #modelPorts() {
    const { models, table, lake, warehouse } = this;
    const around = { ...plainSurroundings, models, nowMilliseconds: noon };
    const scheduled = models.map((model) => scheduledModel(model, {}));
    return { table, lake, database: 'prod', dataApi: statementRunner(warehouse), surroundings: around, scheduled };
  }

  #change(source: string): void {
    this.changes.push({ source, at: this.#now });
  }

  #ending({ StatementName }: Submission): Ending {
    const [step = '', model = ''] = stepOf(StatementName).split(' ');
    if (step === 'check') return check;
    if (step !== 'build') return {};
    this.builds.push({ model, at: this.#now });
    return this.failing.delete(model) ? { error: 'column "x" does not exist' } : {};
  }

  /** What is published may be read from when it was sent; that it can be is certain from here. */
  #seen(id: string, described: { Status: string }): { Status: string } {
    const sent = this.warehouse.submitted.find((one) => one.id === id);
    const [step = '', model = ''] = stepOf(sent?.StatementName ?? '').split(' ');
    const isPublish = step === 'swap' || step === 'replace';
    if (isPublish && described.Status === 'FINISHED') this.#change(model);
    return described;
  }
}
