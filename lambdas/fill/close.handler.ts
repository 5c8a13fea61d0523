import { observed } from '../observe/observed.ts';
import { close } from './close.ts';
import { fillSettings } from './edge.ts';
import { endState } from './state.ts';

const ports = fillSettings();

/** Notes how the fill ended and lets go of the dataset. */
export const handler = observed('close', async (state: unknown) => close(endState.parse(state), ports));
