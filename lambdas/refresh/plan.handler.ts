import { observed } from '../observe/observed.ts';
import { refreshSettings } from './edge.ts';
import { plan } from './plan.ts';
import { runState } from './state.ts';

const { database, datasets, lake, preparation, table } = refreshSettings();
const ports = { table: table(), lake: lake(), datasets, preparation, database };

/** Lists what is pending, writes the manifests, orders the loads. */
export const handler = observed('plan', async (state: unknown) => plan(runState.parse(state), ports));
