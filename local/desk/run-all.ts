import { randomUUID } from 'node:crypto';
import type { BatchWarehouse } from '../../lambdas/aws/batch-warehouse.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';

/**
 * Runs statements in one transaction.
 * @throws {MillraceError} STATEMENT_FAILED
 */
export async function runAll(batches: BatchWarehouse, name: string, statements: readonly string[]): Promise<void> {
  const statementName = `desk ${name}`.slice(0, 500);
  const ending = await batches.run({ statements, reads: [], clientToken: randomUUID(), statementName });
  if (ending.outcome === 'failed') {
    throw new MillraceError('STATEMENT_FAILED', `the warehouse refused to ${name}: ${ending.error}`);
  }
}
