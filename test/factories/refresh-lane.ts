import { mend } from '../../lambdas/mend/mend.ts';
import { advance } from '../../lambdas/refresh/advance.ts';
import { lease } from '../../lambdas/refresh/lease.ts';
import { nextState } from '../../lambdas/refresh/next.ts';
import { plan } from '../../lambdas/refresh/plan.ts';
import { settle } from '../../lambdas/refresh/settle.ts';
import { runState, workState } from '../../lambdas/refresh/state.ts';
import { type RegisterPorts, register } from '../../lambdas/register/register.ts';
import { lanesOf } from '../../lib/pipeline/lane.ts';
import { refreshMachine } from '../../lib/pipeline/machines/refresh.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { preparationOf, type Surroundings } from '../../lib/pipeline/next.ts';
import { readRegisterMessage } from '../../lib/pipeline/register-message.ts';
import { scheduledModel } from '../../lib/pipeline/schedule.ts';
import type { PendingObject } from '../../lib/pipeline/state-items.ts';
import { refusedLoad } from '../../lib/pipeline/work.ts';
import { type AslState, runMachine } from './local-machine.ts';
import { MemoryLake } from './memory-lake.ts';
import { MemoryStateTable } from './memory-state-table.ts';
import { datasets, noon, objectCreatedEvent } from './pipeline.ts';
import { type ScriptedWarehouse, type Submission, statementRunner } from './scripted-warehouse.ts';

type Handlers = Record<string, (payload: unknown) => Promise<unknown>>;

/** A run as it ended. */
export interface EndedRun {
  readonly name: string;
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly output: Record<string, unknown>;
}

/** Register, the real state machine and the real steps of the refresh, around a scripted warehouse. */
export class RefreshLane {
  readonly table = new MemoryStateTable();
  readonly lake = new MemoryLake();
  readonly warehouse: ScriptedWarehouse;
  /** Messages to register, with the delay that was asked for. */
  readonly messages: { body: string; delaySeconds: number }[] = [];
  readonly runs: EndedRun[] = [];
  /** Runs started and not yet run. */
  readonly due: { name: string; input: { lane: string; generation: number } }[] = [];
  nowMilliseconds = noon;
  /** Makes a call fail before it does anything: called with the state's name. */
  interfere: (state: string) => void = () => {};
  readonly #surroundings: Surroundings;

  constructor(warehouse: ScriptedWarehouse, models: readonly CompiledModel[] = []) {
    this.warehouse = warehouse;
    const readers = { analysts: { schemas: ['mart'] } };
    const lakeBucket = 'lake';
    const copyRoleArn = 'arn:aws:iam::000000000000:role/copy';
    this.#surroundings = { datasets, models, functions: [], readers, lakeBucket, copyRoleArn, nowMilliseconds: noon };
  }

  /** An object lands and register hears of it. */
  async arrive(object: PendingObject): Promise<void> {
    await this.tell(objectCreatedEvent(object));
  }

  async tell(body: string): Promise<void> {
    const { datasets: names, lanes } = this.registerPorts();
    const message = readRegisterMessage(body, { datasets: new Set(names), lanes: new Set(lanes) });
    await register(message, this.registerPorts());
  }

  /** Runs what is due until nothing is; messages are delivered, however long their delay. At most so many runs. */
  async drain(runsAtMost = 5): Promise<void> {
    for (let count = 0; count < runsAtMost; count++) {
      const run = this.due.shift();
      if (!run) return;
      await this.#run(run);
      if (count + 1 < runsAtMost) for (const { body } of this.messages.splice(0)) await this.tell(body);
    }
  }

  registerPorts(): RegisterPorts {
    const start = async (name: string, input: { lane: string; generation: number }) => {
      if (this.runs.some((run) => run.name === name)) return 'closed' as const;
      if (!this.due.some((run) => run.name === name)) this.due.push({ name, input });
      return 'started' as const;
    };
    const names = datasets.map(({ name }) => name);
    const lanes = lanesOf(this.#surroundings.models);
    const nowMilliseconds = () => this.nowMilliseconds;
    return { table: this.table, executions: { start }, datasets: names, lanes, nowMilliseconds };
  }

  async #run({ name, input }: { name: string; input: { lane: string; generation: number } }): Promise<void> {
    const call = (state: string, definition: AslState, parameters: unknown) => {
      this.interfere(state);
      return this.#call(String(definition.Resource), parameters);
    };
    const ended = await runMachine(refreshMachine({ target: 'workgroup', longestWaitSeconds: 900 }), input, call);
    this.runs.push({ name, ...ended });
  }

  async #call(resource: string, parameters: unknown): Promise<unknown> {
    if (resource.endsWith(':batchExecuteStatement')) return this.warehouse.execute(parameters as Submission);
    if (resource.endsWith(':describeStatement')) return this.warehouse.describe(parameters as { Id: string });
    if (resource.endsWith('sqs:sendMessage')) return this.#send(parameters as Record<string, unknown>);
    const { FunctionName, Payload } = parameters as { FunctionName: string; Payload: unknown };
    const handler = this.#functions()[FunctionName];
    if (!handler) throw new Error(`there is no function ${FunctionName}`);
    return { Payload: JSON.parse(JSON.stringify(await handler(JSON.parse(JSON.stringify(Payload))))) };
  }

  #send({ MessageBody, DelaySeconds }: Record<string, unknown>) {
    this.messages.push({ body: String(MessageBody), delaySeconds: Number(DelaySeconds) });
    return { MessageId: 'message' };
  }

  #functions(): Handlers {
    const { table, lake } = this;
    const surroundings = { ...this.#surroundings, nowMilliseconds: this.nowMilliseconds };
    const database = 'prod';
    const nowMilliseconds = () => this.nowMilliseconds;
    const scheduled = surroundings.models.map((model) => scheduledModel(model, surroundings.readers));
    const dataApi = statementRunner(this.warehouse);
    const planPorts = { table, lake, datasets, preparation: preparationOf(surroundings), database };
    const names = datasets.map(({ name }) => name);
    return {
      '${RefreshLeaseArn}': async (state) => lease(runState.parse(state), { table, datasets, nowMilliseconds }),
      '${RefreshPlanArn}': async (state) => plan(runState.parse(state), planPorts),
      '${RefreshNextArn}': async (state) => nextState(workState.parse(state), { dataApi, lake, surroundings }),
      '${MendArn}': async (refused) =>
        (await mend(refusedLoad.parse(refused), { table, lake, nowMilliseconds })).outcome,
      '${RefreshAdvanceArn}': async (state) =>
        advance(runState.parse(state), { table, lake, dataApi, surroundings, database, scheduled }),
      '${RefreshSettleArn}': async (state) =>
        settle(runState.parse(state), { table, lake, datasets: names, scheduled, database, nowMilliseconds }),
    };
  }
}
