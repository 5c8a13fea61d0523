import type { CloudContext } from '../resource.ts';
import { type Service, ServiceError, type ServiceRequest, type ServiceResponse } from '../service.ts';
import { answer } from '../storage/operations.ts';
import type { PreparedDefinition } from './definition.ts';
import { type Ending, type Execution, ExecutionStore } from './execution-store.ts';
import { Run } from './run.ts';
import { statesOperations } from './states-operations.ts';
import { maximumPayloadBytes } from './task-error.ts';
import type { TaskHandler } from './tasks.ts';

export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  /** As CloudFormation gives it, substitutions made. */
  readonly text: string;
  readonly definition: PreparedDefinition;
  readonly handlers: ReadonlyMap<string, TaskHandler>;
  readonly createdAt: number;
}

/** A name is free again after so long. */
const nameLifeMilliseconds = 90 * 86_400_000;
const namePattern = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;
const killed: Ending = {
  status: 'ABORTED',
  error: 'Millrace.ProcessEnded',
  cause: 'the process that ran the local cloud ended while this execution was running; on AWS it would have gone on',
};

/** Step Functions: Standard state machines over `aws-local-stepfunctions`. */
export class StatesService implements Service {
  readonly signingName = 'states';
  readonly context: CloudContext;
  readonly store: ExecutionStore;
  readonly #machines = new Map<string, Machine>();
  readonly #runs = new Map<string, Run>();
  readonly #operations = statesOperations(this);
  #closing = false;

  constructor(context: CloudContext, store = new ExecutionStore(context.stateDirectory('states'))) {
    this.context = context;
    this.store = store;
  }

  handle(request: ServiceRequest): Promise<ServiceResponse> {
    return answer('states', this.#operations, request);
  }

  declare(machine: Machine): void {
    this.#machines.set(machine.arn, machine);
  }

  get machines(): readonly Machine[] {
    return [...this.#machines.values()];
  }

  machine(arn: string): Machine {
    const machine = this.#machines.get(arn);
    if (machine) return machine;
    throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  execution(arn: string): Execution {
    const execution = this.store.find(arn);
    if (execution) return execution;
    throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  /** The same name with the same input while it runs is the same execution; else the name is taken. */
  async begin(machine: Machine, name: string, input: string): Promise<Execution> {
    checkStart(name, input);
    const now = this.context.clock.now();
    const arn = machine.arn.replace(':stateMachine:', ':execution:').concat(`:${name}`);
    const existing = this.store.find(arn);
    if (existing?.status === 'RUNNING' && existing.input === input) return existing;
    if (existing && now - (existing.stoppedAt ?? now) < nameLifeMilliseconds) {
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const execution: Execution = { arn, machineArn: machine.arn, name, status: 'RUNNING', startedAt: now, input };
    this.store.begin(execution);
    const release = this.context.busy(`execution ${name}`);
    const { context, store } = this;
    const run = new Run({ context, store, execution, machine, ...machine });
    this.#runs.set(arn, run);
    this.#tell(execution);
    void this.#finish(execution, run).finally(release);
    await this.#publish(execution);
    return execution;
  }

  async stop(arn: string, ending: Ending): Promise<Execution> {
    const execution = this.execution(arn);
    if (execution.status !== 'RUNNING') return execution;
    this.#runs.get(arn)?.stop(ending);
    return { ...execution, stoppedAt: this.context.clock.now() };
  }

  /** What ran when the last process ended is aborted, and told: whoever started it may start it again. */
  async recover(machineArn: string): Promise<void> {
    for (const execution of this.store.list(machineArn, 1_000, 0, 'RUNNING')) {
      if (!this.#runs.has(execution.arn)) await this.#end(execution, killed);
    }
  }

  /** Running executions stay RUNNING on disk: the next start finds them, as after kill -9. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const run of this.#runs.values()) run.stop(killed);
    this.store.close();
  }

  async #finish(execution: Execution, run: Run): Promise<void> {
    const ending = await run
      .finish()
      .catch((error: Error): Ending => ({ status: 'FAILED', error: 'States.Runtime', cause: error.message }));
    this.#runs.delete(execution.arn);
    if (!this.#closing) await this.#end(execution, ending);
  }

  async #end(execution: Execution, ending: Ending): Promise<void> {
    const stoppedAt = this.context.clock.now();
    this.store.end(execution.arn, ending, stoppedAt);
    const ended = { ...execution, ...ending, stoppedAt };
    this.#tell(ended);
    await this.#publish(ended);
  }

  #tell(execution: Execution): void {
    const { machineArn: stateMachineArn, arn: executionArn, status, error, cause } = execution;
    const detail = error === undefined ? undefined : `${error}: ${cause ?? ''}`;
    this.context.emit({ kind: 'execution', stateMachineArn, executionArn, status, detail });
  }

  #publish(execution: Execution): Promise<void> {
    const detail = {
      executionArn: execution.arn,
      stateMachineArn: execution.machineArn,
      name: execution.name,
      status: execution.status,
      startDate: execution.startedAt,
      stopDate: execution.stoppedAt ?? null,
      input: execution.input,
      output: execution.output ?? null,
      inputDetails: { included: true },
      outputDetails: execution.output === undefined ? null : { included: true },
      error: execution.error ?? null,
      cause: execution.cause ?? null,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: 0,
      redriveDate: null,
    };
    const head = { source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change' };
    return this.context.publish({ ...head, resources: [execution.arn], detail });
  }
}

function checkStart(name: string, input: string): void {
  if (!namePattern.test(name)) throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
  if (Buffer.byteLength(input) > maximumPayloadBytes) {
    throw new ServiceError(
      'InvalidExecutionInput',
      `the input has ${Buffer.byteLength(input)} bytes; at most ${maximumPayloadBytes}`,
    );
  }
  try {
    JSON.parse(input);
  } catch (error) {
    throw new ServiceError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${(error as Error).message}'`,
    );
  }
}
