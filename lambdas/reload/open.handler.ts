import { datasetPlanList } from '../../lib/pipeline/environment.ts';
import { readBundled } from '../bundled.ts';
import { observed } from '../observe/observed.ts';
import { reloadSettings } from './edge.ts';
import { open } from './open.ts';
import { reloadState } from './state.ts';

const { nowMilliseconds, table } = reloadSettings();
const datasets = readBundled('datasets', datasetPlanList).map(({ name }) => name);
const ports = { table: table(), datasets, nowMilliseconds };

/** Takes the reload, from where an execution before it has left it. */
export const handler = observed('open', async (state: unknown) => open(reloadState.parse(state), ports));
