import fc, { type Scheduler } from 'fast-check';
import { lease } from '../../lambdas/refresh/lease.ts';
import { plan } from '../../lambdas/refresh/plan.ts';
import { settle } from '../../lambdas/refresh/settle.ts';
import { runState } from '../../lambdas/refresh/state.ts';
import { register } from '../../lambdas/register/register.ts';
import { laneNotEmptyMessage, readRegisterMessage } from '../../lib/pipeline/register-message.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { MemoryStateTable } from '../factories/memory-state-table.ts';
import { aPendingObject, datasets, noon, objectCreatedEvent } from '../factories/pipeline.ts';

const names = datasets.map(({ name }) => name);
const nowMilliseconds = () => noon;

type Fate = 'loads' | 'failsToLoad' | 'dies' | 'diesAfterLoading';

/** Register, runs and their settling, each call to the state table a step of its own that any other may come between. */
class World {
  readonly table = new MemoryStateTable();
  readonly #lake = new MemoryLake();
  readonly #open = new Set<string>();
  readonly #closed = new Set<string>();
  readonly #processes: Promise<void>[] = [];
  readonly #scheduler: Scheduler;
  readonly #steppedTable: MemoryStateTable;
  /** How the runs go, in the order in which they load: then all goes well. */
  readonly #fates: Fate[];
  readonly #settle: typeof settle;

  constructor(scheduler: Scheduler, fates: readonly Fate[], settling = settle) {
    this.#scheduler = scheduler;
    this.#fates = [...fates];
    this.#settle = settling;
    this.#steppedTable = this.#stepped(this.table);
  }

  /** Delivers a message, as SQS does: at some time, and maybe again. */
  deliver(body: string): void {
    this.#begin(`message`, async () => {
      const message = readRegisterMessage(body, { datasets: new Set(names), lanes: new Set(['main']) });
      const start = async (name: string, input: { lane: string; generation: number }) => this.#start(name, input);
      const known = { datasets: names, lanes: ['main'] };
      await register(message, { table: this.#steppedTable, executions: { start }, ...known, nowMilliseconds });
    });
  }

  async quiet(): Promise<void> {
    for (let next = this.#processes.shift(); next; next = this.#processes.shift()) await next;
  }

  #begin(label: string, process: () => Promise<void>): void {
    this.#processes.push(this.#scheduler.schedule(Promise.resolve(), label).then(process));
  }

  #stepped(table: MemoryStateTable): MemoryStateTable {
    return new Proxy(table, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...values: unknown[]) => Promise<unknown>;
        return async (...values: unknown[]) => {
          await this.#scheduler.schedule(Promise.resolve(), String(name));
          return method.apply(target, values);
        };
      },
    });
  }

  async #start(name: string, input: { lane: string; generation: number }) {
    await this.#scheduler.schedule(Promise.resolve(), 'start');
    if (this.#closed.has(name)) return 'closed' as const;
    if (!this.#open.has(name)) {
      this.#open.add(name);
      this.#begin(name, () => this.#run(name, input));
    }
    return 'started' as const;
  }

  async #run(name: string, input: { lane: string; generation: number }): Promise<void> {
    const ended = await this.#steps(runState.parse(input));
    this.#open.delete(name);
    this.#closed.add(name);
    if (ended === 'again') this.deliver(laneNotEmptyMessage('main'));
    const detail = { name, status: 'FAILED' };
    const event = { source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change', detail };
    if (ended === 'died') this.deliver(JSON.stringify(event));
  }

  async #steps(state: ReturnType<typeof runState.parse>): Promise<'settled' | 'again' | 'died'> {
    const table = this.#steppedTable;
    const held = await lease(state, { table, datasets, nowMilliseconds });
    if (!held.held) return 'settled';
    const preparation = { datasets, readers: {}, models: [], functions: [] };
    const planned = await plan(state, { table, lake: this.#lake, datasets, preparation, database: 'prod' });
    const fate = this.#fates.shift() ?? 'loads';
    if (fate === 'dies') return 'died';
    if (fate === 'diesAfterLoading') return 'died';
    const counts = { rowsStaged: 1, rowsInserted: 1, rowsDuplicate: 0 };
    const loaded = planned.loads.map(({ work }) =>
      fate === 'loads' ? { kind: 'loaded', work, ...counts } : { kind: 'failed', work, reason: 'broken' },
    );
    const ports = { table, lake: this.#lake, datasets: names, scheduled: [], database: 'prod', nowMilliseconds };
    const settled = await this.#settle(runState.parse({ ...state, loaded }), ports);
    return settled.asks.length > 0 ? 'again' : 'settled';
  }
}

describe('the inbox, the lane and its runs', () => {
  it('leave no object behind, in whatever order their steps come between one another', async () => {
    const fate = fc.constantFrom('loads', 'failsToLoad', 'dies', 'diesAfterLoading') as fc.Arbitrary<Fate>;
    const deliveries = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        deliveries,
        fc.array(fate, { maxLength: 4 }),
        async (scheduler, objects, fates) => {
          const world = new World(scheduler, fates);
          for (const n of objects) world.deliver(objectCreatedEvent(aPendingObject({ name: `object-${n}` })));

          await scheduler.waitFor(world.quiet());

          expect([...world.table.objects.keys()]).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('would leave one behind if settling looked at the inbox before it went on (the test can tell)', async () => {
    const deliveries = fc.array(fc.nat({ max: 5 }), { minLength: 2, maxLength: 8 });
    const lookingFirst: typeof settle = async (state, ports) => {
      const seen = await ports.table.pending('main', 'brackets', 100);
      const planned = state.loaded.map(({ work }) => (work.kind === 'load' ? work.objectCount : 0));
      const settled = await settle(state, ports);
      const isMore = seen.length > planned.reduce((sum, count) => sum + count, 0);
      return { ...settled, asks: isMore ? [{ message: '', backoffSeconds: 0 }] : [] };
    };
    const property = fc.asyncProperty(fc.scheduler(), deliveries, async (scheduler, objects) => {
      const world = new World(scheduler, [], lookingFirst);
      for (const n of objects) world.deliver(objectCreatedEvent(aPendingObject({ name: `object-${n}` })));
      await scheduler.waitFor(world.quiet());
      expect([...world.table.objects.keys()]).toEqual([]);
    });
    expect((await fc.check(property, { numRuns: 20_000, endOnFailure: true })).failed).toBe(true);
  });
});
