import { observed } from '../observe/observed.ts';
import { refreshSettings } from './edge.ts';
import { select } from './select.ts';
import { runState } from './state.ts';

const { database, models, table } = refreshSettings();
const ports = { table: table(), database, models };

/** Says which models can be built next. */
export const handler = observed('select', async (state: unknown) => select(runState.parse(state), ports));
