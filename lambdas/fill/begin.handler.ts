import { observed } from '../observe/observed.ts';
import { begin, beginState } from './begin.ts';
import { fillSettings } from './edge.ts';

const settings = fillSettings();
const ports = { ...settings, exports: settings.exports() };

/** Takes the dataset for the fill and starts the export of its table. */
export const handler = observed('begin', async (state: unknown) => begin(beginState.parse(state), ports));
