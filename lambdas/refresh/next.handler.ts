import { observed } from '../observe/observed.ts';
import { refreshSettings } from './edge.ts';
import { nextState } from './next.ts';
import { workState } from './state.ts';

const settings = refreshSettings();
const ports = { dataApi: settings.dataApi(), lake: settings.lake() };

/** Says what a piece of work submits next, or how it ended. */
export const handler = observed('next', async (state: unknown) => {
  const surroundings = { ...settings.surroundings, nowMilliseconds: settings.nowMilliseconds() };
  return nextState(workState.parse(state), { ...ports, surroundings });
});
