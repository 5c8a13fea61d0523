import {
  ExecutionAbortedError,
  ExecutionError,
  ExecutionTimeoutError,
  type RunOptions as LibraryOptions,
  StateMachine,
} from 'aws-local-stepfunctions';
import type { CloudContext } from '../resource.ts';
import { executionKey, type PreparedDefinition } from './definition.ts';
import type { Ending, Execution, ExecutionStore, HistoryEvent } from './execution-store.ts';
import { historyEvent, type RunEvent } from './history.ts';
import { dataLimitExceeded, isTooLarge, type TaskError } from './task-error.ts';
import type { TaskHandler } from './tasks.ts';

/** The history of a Standard execution may have so many events. */
const maximumEvents = 25_000;

type LibraryHandlers = NonNullable<LibraryOptions['overrides']>['taskResourceLocalHandlers'];

export interface RunOptions {
  readonly context: CloudContext;
  readonly store: ExecutionStore;
  readonly execution: Execution;
  readonly machine: { readonly arn: string; readonly name: string; readonly roleArn: string };
  readonly definition: PreparedDefinition;
  readonly handlers: ReadonlyMap<string, TaskHandler>;
  readonly maximumEvents?: number;
}

/** One execution while it runs: follows it, keeps its history, holds it to the limits of the service. */
export class Run {
  readonly #options: RunOptions;
  readonly #stopping = new AbortController();
  #forced?: Ending;
  #abort = () => {};
  #lastEventId = 0;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  /** Ends it early, with that ending. */
  stop(ending: Ending): void {
    this.#forced ??= ending;
    this.#stopping.abort();
    this.#abort();
  }

  /** Resolves when it has ended; never rejects. */
  async finish(): Promise<Ending> {
    const { execution, machine, definition } = this.#options;
    const started = { input: execution.input, roleArn: machine.roleArn };
    this.#record({
      at: execution.startedAt,
      type: 'ExecutionStarted',
      details: { executionStartedEventDetails: started },
    });
    const library = new StateMachine(definition.runnable, { validationOptions: { noValidate: true } });
    const run = library.run(JSON.parse(execution.input), {
      overrides: this.#overrides(),
      context: this.#contextObject(),
    });
    this.#abort = run.abort;
    if (this.#stopping.signal.aborted) run.abort();
    const result = run.result.then(succeeded, endingOf);
    await this.#follow(run.eventLogs);
    const ending = this.#forced ?? withinLimits(await result);
    this.#record(endEvent(ending, this.#options.context.clock.now()));
    return ending;
  }

  async #follow(events: AsyncIterable<RunEvent>): Promise<void> {
    const { definition } = this.#options;
    for await (const event of events) {
      const kept = historyEvent(event, (name) => definition.types.get(name) ?? 'Task');
      if (kept) this.#record(kept);
      this.#tell(event);
      this.#hold(event);
    }
  }

  /** What the library does not limit ends the execution here. */
  #hold(event: RunEvent): void {
    const limit = this.#options.maximumEvents ?? maximumEvents;
    if (this.#lastEventId >= limit) {
      const cause = `The execution reached the maximum number of history events (${limit}).`;
      this.stop({ status: 'FAILED', error: 'States.Runtime', cause });
    }
    if (event.type !== 'StateExited' || !isTooLarge(event.state.output)) return;
    const { name: error, message: cause } = dataLimitExceeded(event.state.name);
    this.stop({ status: 'FAILED', error, cause });
  }

  #tell(event: RunEvent): void {
    const phases = { StateEntered: 'entered', StateExited: 'exited', StateFailed: 'failed' } as const;
    if (event.type !== 'StateEntered' && event.type !== 'StateExited' && event.type !== 'StateFailed') return;
    const detail = event.type === 'StateFailed' ? `${event.Error}: ${String(event.Cause).slice(0, 1000)}` : undefined;
    const { context, execution } = this.#options;
    context.emit({
      kind: 'state',
      executionArn: execution.arn,
      name: event.state.name,
      phase: phases[event.type],
      detail,
    });
  }

  #record(event: HistoryEvent): void {
    this.#lastEventId += 1;
    this.#options.store.record(this.#options.execution.arn, this.#lastEventId, event);
  }

  #overrides() {
    const { signal } = this.#stopping;
    const handlers = [...this.#options.handlers].map(([name, handler]) => [
      name,
      (input: unknown) => handler(input, signal),
    ]);
    return { taskResourceLocalHandlers: Object.fromEntries(handlers) as LibraryHandlers };
  }

  #contextObject(): Record<string, unknown> {
    const { execution, machine } = this.#options;
    const run = {
      Id: execution.arn,
      Name: execution.name,
      Input: JSON.parse(execution.input) as unknown,
      RoleArn: machine.roleArn,
      StartTime: new Date(execution.startedAt).toISOString(),
      RedriveCount: 0,
    };
    return { [executionKey]: run, Execution: run, StateMachine: { Id: machine.arn, Name: machine.name } };
  }
}

const succeeded = (output: unknown): Ending => ({ status: 'SUCCEEDED', output: JSON.stringify(output ?? null) });

function endingOf(error: unknown): Ending {
  if (error instanceof ExecutionTimeoutError) return { status: 'TIMED_OUT', error: 'States.Timeout' };
  if (error instanceof ExecutionAbortedError) return { status: 'ABORTED' };
  const failure = error instanceof ExecutionError && error.cause instanceof Error ? error.cause : (error as Error);
  return { status: 'FAILED', error: failure.name, cause: failure.message };
}

function withinLimits(ending: Ending): Ending {
  if (ending.output === undefined || !isTooLarge(JSON.parse(ending.output))) return ending;
  const { name: error, message: cause }: TaskError = dataLimitExceeded('the execution');
  return { status: 'FAILED', error, cause };
}

function endEvent({ status, output, error, cause }: Ending, at: number): HistoryEvent {
  const names = { SUCCEEDED: 'Succeeded', FAILED: 'Failed', TIMED_OUT: 'TimedOut', ABORTED: 'Aborted' } as const;
  const name = names[status];
  const details = status === 'SUCCEEDED' ? { output } : { error, cause };
  return { at, type: `Execution${name}`, details: { [`execution${name}EventDetails`]: details } };
}
