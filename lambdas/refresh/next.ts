import { next, type Surroundings } from '../../lib/pipeline/next.ts';
import type { Attempt, Decision, Work } from '../../lib/pipeline/work.ts';
import type { DataApi } from '../aws/data-api.ts';
import type { ObjectStore } from '../aws/object-store.ts';
import type { WorkState } from './state.ts';

/** The state of the loop after a decision; what the last round left behind is gone from it. */
export interface NextState {
  readonly work: Work;
  readonly history: readonly Attempt[];
  readonly decision: Decision;
  readonly poll: { readonly seconds: number };
}

export interface NextPorts {
  readonly dataApi: DataApi;
  /** Takes the rows that are too many for the state. */
  readonly lake: Pick<ObjectStore, 'put'>;
  readonly surroundings: Surroundings;
}

/** Adds the batch that has ended to the history, with what it answered, and decides what is next. */
export async function nextState(state: WorkState, ports: NextPorts): Promise<NextState> {
  const { surroundings } = ports;
  const ended = await endedAttempt(state, ports);
  const history = ended ? [...state.history, ended] : state.history;
  return { work: state.work, history, decision: next(state.work, history, surroundings), poll: { seconds: 1 } };
}

/** The longest error that is kept in the history. */
const errorCharacters = 1000;

async function endedAttempt(state: WorkState, { dataApi, lake }: NextPorts): Promise<Attempt | undefined> {
  const { decision, statement, described, trouble } = state;
  if (!decision) return undefined;
  const { step, number, reads, resultsKey } = decision;
  if (described?.status === 'FINISHED' && statement && !trouble) {
    const results = await Promise.all(reads.map((index) => dataApi.rows(statement.id, index)));
    if (resultsKey === undefined) return { step, number, outcome: 'finished', results };
    const body = Buffer.from(JSON.stringify(results));
    await lake.put({ key: resultsKey, body, contentType: 'application/json' });
    return { step, number, outcome: 'finished', results: [] };
  }
  const error = await errorOf(state, dataApi);
  return { step, number, outcome: 'failed', error: error.slice(0, errorCharacters), results: [] };
}

async function errorOf({ statement, described, trouble }: WorkState, dataApi: DataApi): Promise<string> {
  if (trouble) return `${trouble.Error}: ${String(trouble.Cause ?? '')}`;
  const said = statement && (await dataApi.error(statement.id));
  return said ?? `the statement is ${described?.status ?? 'lost'} and says nothing more`;
}
