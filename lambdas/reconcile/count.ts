import type { SourceTable } from '../aws/source-table.ts';
import type { Count, ReconcileState } from './state.ts';

export interface CountPorts {
  readonly table: Pick<SourceTable, 'count'>;
  readonly nowMilliseconds: () => number;
  readonly remainingMilliseconds: () => number;
}

/** Pages of an invocation: at 1 MB a page, about 13,000 read units, so that a count never takes a table's whole capacity. */
const pagesAtMost = 100;
const reserveMilliseconds = 30_000;

/** Counts on, page after page, where the last invocation ended. */
export async function countSource(state: ReconcileState, ports: CountPorts): Promise<Count> {
  const startedAt = new Date(ports.nowMilliseconds()).toISOString();
  let counted = state.count ?? { startedAt, count: 0, cursor: '', done: false };
  for (let page = 0; page < pagesAtMost && !counted.done; page += 1) {
    const { count, cursor } = await ports.table.count({ cursor: counted.cursor });
    counted = { ...counted, count: counted.count + count, cursor: cursor ?? '', done: cursor === undefined };
    if (ports.remainingMilliseconds() < reserveMilliseconds) break;
  }
  return counted;
}
