import * as z from 'zod';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { type FillInput, fillInput, windowTrouble } from '../../lib/pipeline/fill.ts';
import type { FillTable } from '../aws/fill-table.ts';
import { ServiceError } from '../aws/service-error.ts';
import type { TableExports } from '../aws/table-exports.ts';

export interface BeginPorts {
  readonly table: FillTable;
  readonly exports: TableExports;
  readonly nowMilliseconds: () => number;
}

/** The machine's state at its beginning. */
export const beginState = fillInput.extend({ tables: z.record(z.string(), z.string()) });

export interface BegunExport {
  readonly exportArn: string;
  readonly keyNames: readonly string[];
}

/** Takes the dataset for the fill and starts the table's export; a fill that has one goes on with it. */
export async function begin(state: z.infer<typeof beginState>, ports: BeginPorts): Promise<BegunExport> {
  const { dataset, id } = state;
  const tableArn = state.tables[dataset];
  if (!tableArn) {
    const known = Object.keys(state.tables).join(', ');
    throw new MillraceError('NO_TABLE', `${dataset} does not come from a DynamoDB table; what does: ${known}`);
  }
  const taken = await ports.table.take(dataset, id);
  if (!taken.taken) {
    const message = `${dataset} is being filled by ${taken.by}: wait for it, or take it up again by its id if it has died`;
    throw new MillraceError('FILL_RUNNING', message);
  }
  const before = await ports.table.read(dataset, id);
  // Also where it failed: what was wrong may have been mended, and what is converted stays so.
  if (before) return { exportArn: before.exportArn, keyNames: JSON.parse(before.keyNames) as string[] };
  return startExport(state, tableArn, ports);
}

async function startExport(fill: FillInput, tableArn: string, ports: BeginPorts): Promise<BegunExport> {
  const now = ports.nowMilliseconds();
  const trouble = windowTrouble(fill, Math.floor(now / 1000));
  if (trouble) throw new MillraceError('BAD_WINDOW', `${fill.dataset}: ${trouble}`);
  const keyNames = await ports.exports.keyNames(tableArn);
  const exportArn = await ports.exports.start(tableArn, fill).catch((error: unknown) => {
    throw explained(error, tableArn);
  });
  await ports.table.note(fill.dataset, fill.id, {
    status: 'exporting',
    kind: fill.kind,
    exportArn,
    keyNames: JSON.stringify(keyNames),
    startedAt: new Date(now).toISOString(),
  });
  return { exportArn, keyNames };
}

function explained(error: unknown, tableArn: string): unknown {
  if (!(error instanceof ServiceError) || error.serviceCode !== 'PointInTimeRecoveryUnavailableException') return error;
  const message = `${tableArn} has no point-in-time recovery, and DynamoDB exports no table without: switch it on (aws dynamodb update-continuous-backups --table-name … --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true) and begin again`;
  return new MillraceError('NO_POINT_IN_TIME_RECOVERY', message, { cause: error });
}
