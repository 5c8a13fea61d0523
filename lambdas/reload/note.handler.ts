import { observed } from '../observe/observed.ts';
import { reloadSettings } from './edge.ts';
import { note } from './note.ts';
import { reloadState } from './state.ts';

const { bucket, lake, nowMilliseconds, table } = reloadSettings();
const ports = { bucket, lake: lake(), table: table(), nowMilliseconds };

/** Notes what a page has loaded, and says how it goes on. */
export const handler = observed('note', async (state: unknown) => note(reloadState.parse(state), ports));
