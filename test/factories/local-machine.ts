import { StateMachine } from 'aws-local-stepfunctions';
import type { StateMachineDefinition } from '../../lib/pipeline/machines/language.ts';

export type AslState = Readonly<Record<string, unknown>>;

/** Answers a task: given the state's name, its definition and its parameters. */
export type TaskHandler = (name: string, state: AslState, parameters: unknown) => Promise<unknown> | unknown;

/** Every state of a machine, those inside Maps too; names are unique in a machine. */
export function everyState(states: Readonly<Record<string, AslState>>): [string, AslState][] {
  return Object.entries(states).flatMap(([name, state]) => {
    const inner = state.ItemProcessor as { States: Record<string, AslState> } | undefined;
    return [[name, state] as [string, AslState], ...(inner ? everyState(inner.States) : [])];
  });
}

/** Runs a definition to its end, without waiting for anything. */
export async function runMachine(
  definition: StateMachineDefinition,
  input: unknown,
  handle: TaskHandler,
): Promise<{ status: 'SUCCEEDED' | 'FAILED'; output: Record<string, unknown> }> {
  const states = everyState(definition.States);
  const named = <T>(type: string, value: (name: string, state: AslState) => T) =>
    Object.fromEntries(
      states.filter(([, state]) => state.Type === type).map(([name, state]) => [name, value(name, state)]),
    );
  const machine = new StateMachine(definition as never, { validationOptions: { checkArn: false } });
  const run = machine.run(input as never, {
    context: {
      Execution: { Name: 'run-1' },
      StateMachine: { Id: 'arn:aws:states:us-east-1:000000000000:stateMachine:under-test' },
    } as never,
    overrides: {
      taskResourceLocalHandlers: named(
        'Task',
        (name, state) => async (parameters: unknown) => handle(name, state, parameters),
      ) as never,
      waitTimeOverrides: named('Wait', () => 0),
      retryIntervalOverrides: { ...named('Task', () => 0), ...named('Map', () => 0) },
    },
  });
  try {
    return { status: 'SUCCEEDED', output: (await run.result) as Record<string, unknown> };
  } catch (error) {
    const { name, message } = (error as { cause?: Error }).cause ?? (error as Error);
    return { status: 'FAILED', output: { name, message } };
  }
}
