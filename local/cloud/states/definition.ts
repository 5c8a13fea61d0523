import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { MillraceError } from '../../../lib/pipeline/error.ts';

type State = Readonly<Record<string, unknown>> & { readonly Type: string };
interface States {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** A definition that has been checked, and made ready to run. */
export interface PreparedDefinition {
  readonly runnable: StateMachineDefinition;
  /** Task states and their resources, by name, of all levels. */
  readonly tasks: ReadonlyMap<string, string>;
  /** The type of each state as it was written, by name. */
  readonly types: ReadonlyMap<string, string>;
}

/** What a Wait becomes: the library takes a wait's length only from the definition, and it is to be scaled. */
export const waitResource = 'arn:aws:states:::millrace:wait';
/** Where `$$.Execution` is read from: the library overwrites its own inside Map and Parallel. */
export const executionKey = 'MillraceExecution';

/** On AWS a task may take three years; the library's default is a minute, and timers end at 24 days. */
const unboundedTaskSeconds = 2_000_000;

const common = ['Type', 'Comment', 'InputPath', 'OutputPath', 'Next', 'End'];
const resulting = [...common, 'Parameters', 'ResultPath'];
const working = [...resulting, 'ResultSelector', 'Retry', 'Catch'];
const mapFields = ['Iterator', 'ItemProcessor', 'ItemSelector', 'ItemsPath', 'MaxConcurrency', 'MaxConcurrencyPath'];

/** The fields that are run, by type of state. What is not here (JSONata, heartbeats, distributed maps) is refused. */
const knownFields: Readonly<Record<string, readonly string[]>> = {
  Task: [...working, 'Resource', 'TimeoutSeconds', 'TimeoutSecondsPath'],
  Map: [...working, ...mapFields],
  Parallel: [...working, 'Branches'],
  Pass: [...resulting, 'Result'],
  Wait: [...common, 'Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'],
  Choice: ['Type', 'Comment', 'InputPath', 'OutputPath', 'Choices', 'Default'],
  Succeed: ['Type', 'Comment', 'InputPath', 'OutputPath'],
  Fail: ['Type', 'Comment', 'Error', 'Cause', 'ErrorPath', 'CausePath'],
};

/**
 * Reads an Amazon States Language definition (JSONPath). Refuses, by name, what would not run as on AWS, instead of
 * running something else. `retryScale` shortens the pauses of Retry.
 */
export function prepareDefinition(machine: string, text: string, retryScale: number): PreparedDefinition {
  const definition = parse(machine, text);
  validate(machine, definition);
  if (/\$\$\.(State|Task)\b/.test(text)) {
    throw refused(machine, 'it reads $$.State or $$.Task of the context object, which the local runner does not have');
  }
  const renamed = JSON.parse(text.replaceAll(/\$\$\.Execution\b/g, `$$$$.${executionKey}`)) as States;
  const found: Found = { machine, retryScale, tasks: new Map(), types: new Map() };
  const runnable = { ...renamed, ...prepareStates(renamed, found) } as unknown as StateMachineDefinition;
  return { runnable, tasks: found.tasks, types: found.types };
}

interface Found {
  readonly machine: string;
  readonly retryScale: number;
  readonly tasks: Map<string, string>;
  readonly types: Map<string, string>;
}

function parse(machine: string, text: string): StateMachineDefinition {
  try {
    return JSON.parse(text) as StateMachineDefinition;
  } catch (error) {
    throw refused(machine, `the definition is not JSON: ${(error as Error).message}`);
  }
}

function validate(machine: string, definition: StateMachineDefinition): void {
  try {
    new StateMachine(definition, { validationOptions: { checkPaths: true, checkArn: false } });
  } catch (error) {
    throw refused(machine, (error as Error).message);
  }
}

function prepareStates(level: States, found: Found): States {
  const states = Object.entries(level.States).map(([name, state]) => {
    if (found.types.has(name)) throw refused(found.machine, `two states are named ${JSON.stringify(name)}`);
    found.types.set(name, state.Type);
    const unknown = Object.keys(state).filter((field) => !knownFields[state.Type]?.includes(field));
    if (unknown.length > 0) {
      throw refused(
        found.machine,
        `state ${JSON.stringify(name)} (${state.Type}) has ${unknown.join(', ')}, which is not run here`,
      );
    }
    return [name, prepareState(name, state, found)] as const;
  });
  return { StartAt: level.StartAt, States: Object.fromEntries(states) };
}

function prepareState(name: string, state: State, found: Found): State {
  const prepared = withScaledRetries(withoutWholePaths(state), found.retryScale);
  switch (state.Type) {
    case 'Task':
      found.tasks.set(name, String(state.Resource));
      return 'TimeoutSecondsPath' in state ? prepared : { TimeoutSeconds: unboundedTaskSeconds, ...prepared };
    case 'Wait':
      return waitAsTask(prepared);
    case 'Map':
      return prepareMap(name, prepared, found);
    case 'Parallel':
      return { ...prepared, Branches: (state.Branches as States[]).map((branch) => prepareStates(branch, found)) };
    default:
      return prepared;
  }
}

function prepareMap(name: string, state: State, found: Found): State {
  const { ItemProcessor, Iterator, ...rest } = state;
  const processor = (ItemProcessor ?? Iterator) as States & { readonly ProcessorConfig?: { readonly Mode?: string } };
  if ((processor.ProcessorConfig?.Mode ?? 'INLINE') !== 'INLINE') {
    throw refused(found.machine, `state ${JSON.stringify(name)} is a distributed Map; inline ones are run here`);
  }
  return { ...rest, Type: 'Map', ItemProcessor: prepareStates(processor, found) };
}

function waitAsTask(state: State): State {
  const { Seconds, SecondsPath, Timestamp, TimestampPath, ...rest } = state;
  const fixed = {
    ...(Seconds !== undefined && { seconds: Seconds }),
    ...(Timestamp !== undefined && { until: Timestamp }),
  };
  const paths = {
    ...(SecondsPath !== undefined && { 'seconds.$': SecondsPath }),
    ...(TimestampPath !== undefined && { 'until.$': TimestampPath }),
  };
  const Parameters = { ...fixed, ...paths, 'input.$': '$' };
  return { ...rest, Type: 'Task', Resource: waitResource, Parameters, TimeoutSeconds: unboundedTaskSeconds };
}

/** `"ResultPath": "$"` is the default; the library would write a field named `$`. */
function withoutWholePaths(state: State): State {
  const { ResultPath, Catch, ...rest } = state;
  const catchers = Array.isArray(Catch) ? (Catch as Record<string, unknown>[]).map(withoutWholePath) : undefined;
  const path = ResultPath === '$' || ResultPath === undefined ? {} : { ResultPath };
  return { ...rest, ...path, ...(catchers && { Catch: catchers }), Type: state.Type };
}

function withoutWholePath(catcher: Record<string, unknown>): Record<string, unknown> {
  const { ResultPath, ...rest } = catcher;
  return ResultPath === '$' || ResultPath === undefined ? rest : { ...rest, ResultPath };
}

function withScaledRetries(state: State, scale: number): State {
  if (!Array.isArray(state.Retry)) return state;
  const Retry = (state.Retry as Record<string, unknown>[]).map((retrier) => {
    const longest =
      retrier.MaxDelaySeconds === undefined ? {} : { MaxDelaySeconds: Number(retrier.MaxDelaySeconds) * scale };
    return { ...retrier, IntervalSeconds: Number(retrier.IntervalSeconds ?? 1) * scale, ...longest };
  });
  return { ...state, Retry };
}

function refused(machine: string, why: string): MillraceError {
  return new MillraceError('BAD_STATE_MACHINE', `${machine}: ${why}`);
}
