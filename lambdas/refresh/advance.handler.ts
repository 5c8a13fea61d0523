import { hastyClientSettings } from '../aws/client-settings.ts';
import { observed } from '../observe/observed.ts';
import { advance } from './advance.ts';
import { refreshSettings } from './edge.ts';
import { runState } from './state.ts';

const { database, lake, nowMilliseconds, scheduled, statementRunner, surroundings, table } = refreshSettings();
const ports = {
  table: table(hastyClientSettings),
  lake: lake(hastyClientSettings),
  dataApi: statementRunner(),
  ...{ database, scheduled },
};

/** Looks at all models under way, sends what is next, begins what has become ready. */
export const handler = observed('advance', async (state: unknown) =>
  advance(runState.parse(state), {
    ...ports,
    surroundings: { ...surroundings, nowMilliseconds: nowMilliseconds() },
  }),
);
