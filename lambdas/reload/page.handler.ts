import { observed } from '../observe/observed.ts';
import { reloadSettings } from './edge.ts';
import { page } from './page.ts';
import { reloadState } from './state.ts';

const { bucket, lake, table } = reloadSettings();
const ports = { bucket, lake: lake(), table: table() };

/** Lists what the lake has after the cursor, and plans the next loads. */
export const handler = observed('page', async (state: unknown) => page(reloadState.parse(state), ports));
