import { observed } from '../observe/observed.ts';
import { fillSettings } from './edge.ts';
import { list } from './list.ts';
import { exportedState } from './state.ts';

const ports = fillSettings();

/** Reads the manifest of the export and says which files there are. */
export const handler = observed('list', async (state: unknown) => list(exportedState.parse(state), ports));
