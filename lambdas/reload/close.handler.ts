import { logger, observed } from '../observe/observed.ts';
import { close } from './close.ts';
import { reloadSettings } from './edge.ts';
import { reloadState } from './state.ts';

const { nowMilliseconds, table } = reloadSettings();
const ports = { table: table(), nowMilliseconds };

/** Notes how the reload ended. */
export const handler = observed('close', async (state: unknown) => {
  const closed = await close(reloadState.parse(state), ports);
  if (closed.turn?.kind === 'failed') logger.error('a reload failed', { ...closed.turn, dataset: closed.dataset });
  return closed;
});
