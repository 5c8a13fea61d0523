import { observed } from '../observe/observed.ts';
import { refreshSettings } from './edge.ts';
import { lease } from './lease.ts';
import { runState } from './state.ts';

const { datasets, nowMilliseconds, table } = refreshSettings();
const ports = { table: table(), datasets, nowMilliseconds };

/** Takes the lane and says how long to wait for more to come. */
export const handler = observed('lease', async (state: unknown) => lease(runState.parse(state), ports));
