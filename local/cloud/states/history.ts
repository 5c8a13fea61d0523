import type { StateMachine } from 'aws-local-stepfunctions';
import type { HistoryEvent } from './execution-store.ts';

/** What the library tells while it runs. */
export type RunEvent = ReturnType<StateMachine['run']>['eventLogs'] extends AsyncGenerator<infer E> ? E : never;

/**
 * The events that AWS would list for it; undefined for what AWS lists otherwise. The first and the last event of an
 * execution are written by the execution itself.
 */
export function historyEvent(event: RunEvent, typeOf: (state: string) => string): HistoryEvent | undefined {
  const at = event.timestamp;
  switch (event.type) {
    case 'StateEntered': {
      const { name, input } = event.state;
      return {
        at,
        type: `${typeOf(name)}StateEntered`,
        details: { stateEnteredEventDetails: { name, input: text(input) } },
      };
    }
    case 'StateExited': {
      const { name, output } = event.state;
      return {
        at,
        type: `${typeOf(name)}StateExited`,
        details: { stateExitedEventDetails: { name, output: text(output) } },
      };
    }
    case 'StateFailed':
      return failure(event, typeOf(event.state.name));
    case 'MapIterationStarted':
    case 'MapIterationSucceeded':
    case 'MapIterationFailed': {
      const name = `mapIteration${event.type.slice('MapIteration'.length)}EventDetails`;
      return { at, type: event.type, details: { [name]: { name: event.parentState.name, index: event.index } } };
    }
    default:
      return undefined;
  }
}

function failure(event: Extract<RunEvent, { type: 'StateFailed' }>, type: string): HistoryEvent | undefined {
  const at = event.timestamp;
  if (type === 'Map' || type === 'Parallel') return { at, type: `${type}StateFailed`, details: {} };
  if (type !== 'Task') return undefined;
  const cause = typeof event.Cause === 'string' ? event.Cause : text(event.Cause);
  const name = event.Error === 'States.Timeout' ? 'TaskTimedOut' : 'TaskFailed';
  const details = `${name.slice(0, 1).toLowerCase()}${name.slice(1)}EventDetails`;
  return { at, type: name, details: { [details]: { error: event.Error, cause } } };
}

const text = (value: unknown): string => JSON.stringify(value ?? null);
