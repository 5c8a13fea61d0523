import { gzipSync, zstdCompressSync } from 'node:zlib';
import { nextState } from '../../lambdas/refresh/next.ts';
import { workState } from '../../lambdas/refresh/state.ts';
import { close } from '../../lambdas/reload/close.ts';
import { note } from '../../lambdas/reload/note.ts';
import { open } from '../../lambdas/reload/open.ts';
import { page } from '../../lambdas/reload/page.ts';
import { reloadState } from '../../lambdas/reload/state.ts';
import { envelopeLine } from '../../lib/pipeline/envelope.ts';
import { mainLane } from '../../lib/pipeline/lane.ts';
import { reloadMachine } from '../../lib/pipeline/machines/reload.ts';
import { type Codec, rawObjectKey } from '../../lib/pipeline/names.ts';
import { next } from '../../lib/pipeline/next.ts';
import { manifestText, planLoads } from '../../lib/pipeline/plan.ts';
import { type ReloadRequest, reloadExecution } from '../../lib/pipeline/reload.ts';
import { latestTable, qualifiedName, rawTable, tombstonesTable } from '../../lib/pipeline/tables.ts';
import type { Attempt, Outcome, Work } from '../../lib/pipeline/work.ts';
import type { BoxWarehouse } from './box-warehouse.ts';
import type { Write } from './last-write-wins.ts';
import { type AslState, runMachine } from './local-machine.ts';
import { MemoryLake } from './memory-lake.ts';
import { MemoryStateTable } from './memory-state-table.ts';
import { datasets, noon } from './pipeline.ts';
import type { Submission } from './scripted-warehouse.ts';
import { plainSurroundings } from './surroundings.ts';

type Handlers = Record<string, (payload: unknown) => Promise<unknown>>;

/** The real reload machine and its real functions, before a real engine; the lake and the state table are in memory. */
export class ReloadWorld {
  readonly table = new MemoryStateTable();
  readonly lake = new MemoryLake();
  readonly warehouse: BoxWarehouse;
  /** Messages to register. */
  readonly messages: string[] = [];
  readonly statuses: { readonly name: string; readonly status: string; readonly reason?: string }[] = [];
  /** Called before every task with its state's name; what it throws ends the task. */
  interfere: (state: string) => Promise<void> | void = () => {};
  /** Executions that another one has started. */
  readonly #due: { name: string; input: ReloadRequest }[] = [];
  #liveGeneration = 0;

  constructor(warehouse: BoxWarehouse) {
    this.warehouse = warehouse;
  }

  /** An object lands in the lake, in the given hour of 2026-11-20. */
  async land(name: string, writes: readonly Write[], { hour = 12, codec = 'zstd' as Codec } = {}): Promise<string> {
    const at = `2026-11-20T${String(hour).padStart(2, '0')}:00:00.000000Z`;
    const key = rawObjectKey({ dataset: 'brackets', at, name, codec });
    const text = Buffer.from(writes.map((write) => `${envelopeLine({ ...write, _at: at })}\n`).join(''));
    const body = codec === 'zstd' ? zstdCompressSync(text) : gzipSync(text);
    await this.lake.put({ key, body, contentType: 'application/x-ndjson' });
    return key;
  }

  /** A live load of these objects, as a run of the refresh does it. */
  async loadLive(...keys: string[]): Promise<Outcome[]> {
    this.#liveGeneration += 1;
    const pending = keys.map((key) => {
      const sizeBytes = this.lake.objects.get(key)?.body.length ?? 0;
      return { bucket: 'lake', key, dataset: 'brackets', sizeBytes, eTag: key, createdAt: '', attempts: 0 };
    });
    const loads = planLoads({ lane: mainLane, generation: this.#liveGeneration }, 'brackets', pending);
    const outcomes: Outcome[] = [];
    for (const load of loads) {
      const body = Buffer.from(manifestText(load));
      await this.lake.put({ key: load.work.manifestKey, body, contentType: 'application/json' });
      const outcome = await this.#work(load.work);
      if (outcome.kind !== 'loaded') throw new Error(`a live load is ${JSON.stringify(outcome)}`);
      outcomes.push(outcome);
    }
    return outcomes;
  }

  async #work(work: Work): Promise<Outcome> {
    const history: Attempt[] = [];
    for (;;) {
      const decision = next(work, history, { ...plainSurroundings, nowMilliseconds: noon });
      if (decision.kind === 'done') return decision.outcome;
      const { step, number, statements: Sqls, clientToken: ClientToken, statementName: StatementName } = decision;
      const { Id } = await this.warehouse.execute({ Sqls, ClientToken, StatementName });
      const error = await this.warehouse.error(Id);
      const results = await Promise.all(decision.reads.map((index) => this.warehouse.rows(Id, index)));
      history.push({ step, number, outcome: error === undefined ? 'finished' : 'failed', error, results });
    }
  }

  /** Runs a reload to its end, its successors too. */
  async reload(request: Partial<ReloadRequest> = {}): Promise<string> {
    const whole = { operation: 'backfill', dataset: 'brackets', id: 'whole', after: '', before: '' } as const;
    const input: ReloadRequest = { ...whole, generation: 1, part: 1, ...request };
    this.#due.push({ name: reloadExecution(input), input });
    for (let run = this.#due.shift(); run; run = this.#due.shift()) {
      const call = async (state: string, definition: AslState, parameters: unknown) => {
        await this.interfere(state);
        return this.#call(String(definition.Resource), parameters);
      };
      const { status, output } = await runMachine(reloadMachine({ target: 'workgroup' }), run.input, call);
      this.statuses.push({ name: run.name, status, ...(status === 'FAILED' && { reason: String(output.message) }) });
    }
    return this.statuses.at(-1)?.status ?? '';
  }

  async #call(resource: string, parameters: unknown): Promise<unknown> {
    if (resource.endsWith(':batchExecuteStatement')) return this.warehouse.execute(parameters as Submission);
    if (resource.endsWith(':describeStatement')) return this.warehouse.describe(parameters as { Id: string });
    if (resource.endsWith(':startExecution')) {
      const { Name, Input } = parameters as { Name: string; Input: ReloadRequest };
      return this.#due.push({ name: Name, input: Input });
    }
    if (resource.endsWith('sqs:sendMessage')) {
      return this.messages.push(String((parameters as { MessageBody: unknown }).MessageBody));
    }
    const { FunctionName, Payload } = parameters as { FunctionName: string; Payload: unknown };
    const handler = this.#functions()[FunctionName];
    if (!handler) throw new Error(`there is no function ${FunctionName}`);
    return { Payload: JSON.parse(JSON.stringify(await handler(JSON.parse(JSON.stringify(Payload))))) };
  }

  #functions(): Handlers {
    const { table, lake, warehouse } = this;
    const nowMilliseconds = () => noon;
    const names = datasets.map(({ name }) => name);
    const surroundings = { ...plainSurroundings, nowMilliseconds: noon };
    return {
      '${ReloadOpenArn}': async (state) => open(reloadState.parse(state), { table, datasets: names, nowMilliseconds }),
      '${ReloadPageArn}': async (state) => page(reloadState.parse(state), { lake, table, bucket: 'lake' }),
      '${ReloadNoteArn}': async (state) =>
        note(reloadState.parse(state), { table, lake, bucket: 'lake', nowMilliseconds }),
      '${ReloadCloseArn}': async (state) => close(reloadState.parse(state), { table, nowMilliseconds }),
      '${RefreshNextArn}': async (state) =>
        nextState(workState.parse(state), { lake, dataApi: warehouse, surroundings }),
    };
  }

  /** What the three tables hold, without what says which load it was. */
  async contents(): Promise<Record<'raw' | 'latest' | 'tombstones', unknown>> {
    const rows = (table: string, columns: string) =>
      this.warehouse.answer(`SELECT ${columns} FROM ${table} ORDER BY "_id"`);
    const write = '"_id", "_op", "_key", "_position", JSON_SERIALIZE("payload")';
    return {
      raw: await rows(qualifiedName(rawTable('brackets')), write),
      latest: await rows(qualifiedName(latestTable('brackets')), write),
      tombstones: await rows(qualifiedName(tombstonesTable('brackets')), '"_id", "_key", "_position"'),
    };
  }
}

/** What the tables must hold after these writes. */
export function contentsAfter(expected: {
  readonly raw: readonly Write[];
  readonly latest: readonly Write[];
  readonly tombstones: readonly Write[];
}): Record<'raw' | 'latest' | 'tombstones', unknown> {
  const sorted = (writes: readonly Write[]) => writes.toSorted((one, other) => (one._id < other._id ? -1 : 1));
  const row = ({ _id, _op, _key, _position, payload }: Write) => [_id, _op, _key, _position, payload];
  return {
    raw: sorted(expected.raw).map(row),
    latest: sorted(expected.latest).map(row),
    tombstones: sorted(expected.tombstones).map(({ _id, _key, _position }) => [_id, _key, _position]),
  };
}
