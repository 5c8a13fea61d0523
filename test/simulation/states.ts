import type { StateMachineDefinition } from '../../lib/pipeline/machines/language.ts';
import { refreshMachine } from '../../lib/pipeline/machines/refresh.ts';
import {
  filled,
  holds,
  matches,
  passed,
  pathOf,
  placed,
  type Retrier,
  type State,
  type States,
} from './states-language.ts';
import { ProcessKilled, type World } from './world.ts';

/** Does what a task's resource says, with its parameters. */
export type TaskRunner = (resource: string, parameters: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** What a state leaves, and where it goes on; nowhere: that was the last. */
interface Step {
  readonly data: unknown;
  readonly next?: string;
}

class StateError extends Error {
  readonly error: string;
  constructor(error: string, cause: string) {
    super(cause);
    this.error = error;
  }
}

/** Thrown through an execution that is over. */
class Ended extends Error {}

const payloadBytesAtMost = 262_144;

interface Execution {
  readonly name: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  isOver: boolean;
}

/**
 * Step Functions over the real definition: retries, catches and waits on the world's clock. An execution may be cut off at each of its
 * states, stand still there, or ask a function twice.
 */
export class SimulatedStates {
  readonly #world: World;
  readonly #task: TaskRunner;
  readonly #ended: (name: string, status: string) => void;
  readonly #executions = new Map<string, Execution>();
  readonly #definition: StateMachineDefinition;

  constructor(
    world: World,
    task: TaskRunner,
    ended: (name: string, status: string) => void,
    definition: StateMachineDefinition = refreshMachine({ target: 'workgroup', longestWaitSeconds: 900 }),
  ) {
    this.#world = world;
    this.#task = task;
    this.#ended = ended;
    this.#definition = definition;
  }

  async start(name: string, input: unknown): Promise<'started' | 'closed'> {
    const known = this.#executions.get(name);
    if (known) return known.status === 'RUNNING' ? 'started' : 'closed';
    const execution: Execution = { name, status: 'RUNNING', isOver: false };
    this.#executions.set(name, execution);
    this.#world.after(this.#world.random.between(1, 50), name, () => {
      this.#run(execution, input);
    });
    return 'started';
  }

  async #run(execution: Execution, input: unknown): Promise<void> {
    try {
      await this.#walk(execution, this.#definition.States, this.#definition.StartAt, input);
      execution.status = 'SUCCEEDED';
    } catch (error) {
      execution.status = error instanceof Ended ? 'ABORTED' : 'FAILED';
    }
    execution.isOver = true;
    this.#world.note(`${execution.name} ${execution.status}`);
    this.#ended(execution.name, execution.status);
  }

  async #walk(execution: Execution, states: States, from: string, input: unknown): Promise<unknown> {
    let name = from;
    let data = input;
    for (;;) {
      const state = states[name] as unknown as State;
      await this.#enter(execution, name);
      const step = await this.#step(execution, name, state, data);
      data = step.data;
      if (step.next === undefined) return data;
      name = step.next;
    }
  }

  /** Here an execution is cut off, paused, or said to be dead while it is not. */
  async #enter(execution: Execution, name: string): Promise<void> {
    const { faults, random } = this.#world;
    await this.#sleep(random.between(1, 30));
    if (faults.strikes('runPaused', name)) await this.#sleep(random.between(10_000, 900_000));
    if (faults.strikes('falseDeath', name)) this.#ended(execution.name, 'TIMED_OUT');
    if (!execution.isOver && faults.strikes('runAborted', name)) {
      execution.isOver = true;
      this.#world.note(`${execution.name} is aborted at ${name}`);
    }
    if (execution.isOver) throw new Ended();
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#world.after(milliseconds, 'states', resolve));
  }

  async #step(execution: Execution, name: string, state: State, data: unknown): Promise<Step> {
    const next = state.End ? undefined : state.Next;
    switch (state.Type) {
      case 'Succeed':
        return { data };
      case 'Fail':
        throw new StateError(String(pathOf(data, state.ErrorPath)), name);
      case 'Wait':
        await this.#sleep(Number(pathOf(data, state.SecondsPath)) * 1000);
        return { data, next };
      case 'Choice':
        return { data, next: state.Choices.find((rule) => holds(rule, data))?.Next ?? state.Default };
      case 'Pass':
        return { data: passed(state, data), next };
      default:
        return this.#attempt(execution, name, state, data);
    }
  }

  /** A task or a map, with its retries and its catch. */
  async #attempt(execution: Execution, name: string, state: State, data: unknown): Promise<Step> {
    const tries = new Map<Retrier, number>();
    for (;;) {
      try {
        return { data: await this.#outcome(execution, name, state, data), next: state.End ? undefined : state.Next };
      } catch (error) {
        if (error instanceof Ended) throw error;
        const code = error instanceof StateError ? error.error : 'Error';
        const retrier = state.Retry?.find((rule) => matches(rule.ErrorEquals, code));
        const tried = retrier ? (tries.get(retrier) ?? 0) : 0;
        if (retrier && tried < retrier.MaxAttempts) {
          tries.set(retrier, tried + 1);
          const seconds = Math.min(retrier.IntervalSeconds * retrier.BackoffRate ** tried, retrier.MaxDelaySeconds);
          await this.#sleep(seconds * 1000);
          continue;
        }
        const catcher = state.Catch?.find((rule) => matches(rule.ErrorEquals, code));
        if (!catcher) throw error;
        const trouble = { Error: code, Cause: (error as Error).message };
        return { data: placed(data, catcher.ResultPath, trouble), next: catcher.Next };
      }
    }
  }

  async #outcome(execution: Execution, name: string, state: State, data: unknown): Promise<unknown> {
    const result = state.Type === 'Map' ? await this.#map(execution, state, data) : await this.#ask(name, state, data);
    const selected = state.ResultSelector ? filled(state.ResultSelector, result) : result;
    const whole = placed(data, state.ResultPath === undefined ? '$' : state.ResultPath, selected);
    if (JSON.stringify(whole).length > payloadBytesAtMost) throw new StateError('States.DataLimitExceeded', name);
    return state.OutputPath ? pathOf(whole, state.OutputPath) : whole;
  }

  async #ask(name: string, state: State, data: unknown): Promise<unknown> {
    const parameters = filled(state.Parameters ?? {}, data);
    const isRepeated = this.#world.faults.strikes('stateRepeated', name);
    try {
      if (isRepeated) await this.#task(state.Resource, parameters);
      return await this.#task(state.Resource, parameters);
    } catch (error) {
      const code = error instanceof ProcessKilled ? 'Lambda.Unknown' : (error as Error).name;
      throw new StateError(code, (error as Error).message);
    }
  }

  async #map(execution: Execution, state: State, data: unknown): Promise<unknown[]> {
    const items = pathOf(data, state.ItemsPath) as unknown[];
    const { States, StartAt } = state.ItemProcessor;
    return Promise.all(items.map((item) => this.#walk(execution, States, StartAt, item)));
  }
}
