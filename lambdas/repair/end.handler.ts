import { observed } from '../observe/observed.ts';
import { repairSettings } from './edge.ts';
import { giveUpRepair } from './end.ts';
import { repairState } from './state.ts';

const { repairs, nowMilliseconds } = repairSettings();

/** Notes that a repair gave up. */
export const handler = observed('give-up', async (event: unknown) =>
  giveUpRepair(repairState.parse(event), { repairs, nowMilliseconds }),
);
