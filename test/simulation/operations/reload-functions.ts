import { close } from '../../../lambdas/reload/close.ts';
import { note } from '../../../lambdas/reload/note.ts';
import { open } from '../../../lambdas/reload/open.ts';
import { page } from '../../../lambdas/reload/page.ts';
import { type ReloadState, reloadState } from '../../../lambdas/reload/state.ts';
import type { MemoryStateTable } from '../../factories/memory-state-table.ts';
import { invoke, type Process, through } from '../process.ts';
import { clockOf, refreshTasks } from '../refresh-functions.ts';
import type { TaskRunner } from '../states.ts';
import type { OperationsStage } from './stage.ts';

type Start = (name: string, input: unknown) => Promise<unknown>;

/** Does the tasks of the reload machine; what it shares with the refresh is done as there. */
export function reloadTasks(stage: OperationsStage, start: Start): TaskRunner {
  const others = refreshTasks(stage);
  const { world } = stage;
  return async (resource, parameters) => {
    if (resource.endsWith(':startExecution')) {
      const begin = () => start(String(parameters.Name), parameters.Input);
      return invoke(world, 'states', (self) => self.call('states.startExecution', begin));
    }
    const name = /^\$\{(Reload\w+)Arn\}$/.exec(String(parameters.FunctionName))?.[1];
    if (name === undefined) return others(resource, parameters);
    const state = reloadState.parse(structuredClone(parameters.Payload));
    const result = await invoke(world, name, (self) => callFunction(stage, name, state, self));
    return { Payload: JSON.parse(JSON.stringify(result)) };
  };
}

function callFunction(stage: OperationsStage, name: string, state: ReloadState, self: Process): Promise<ReloadState> {
  const nowMilliseconds = clockOf(stage.world);
  const { reloadTableOf = (_name, table) => table } = stage.sabotage;
  const table: MemoryStateTable = reloadTableOf(name, through(self, 'dynamodb', stage.table));
  switch (name) {
    case 'ReloadOpen':
      return open(state, { table, nowMilliseconds, datasets: stage.surroundings.datasets.map((one) => one.name) });
    case 'ReloadPage':
      return page(state, { table, lake: through(self, 's3', stage.lake), bucket: stage.surroundings.lakeBucket });
    case 'ReloadNote':
      return note(state, { table, nowMilliseconds });
    case 'ReloadClose':
      return close(state, { table, nowMilliseconds });
    default:
      throw new Error(`there is no function ${name}`);
  }
}
