import type { Redshift } from '../../../local/redshift/types.ts';
import type { RefreshStage } from '../refresh-functions.ts';
import type { Sent } from '../sources.ts';

/** What people who operate the pipeline work on. */
export interface OperationsStage extends RefreshStage {
  readonly redshift: Redshift;
  readonly sent: Sent;
  /** Told when somebody has changed tables by hand. */
  readonly changedByHand: () => Promise<void>;
}

/** Looks into the warehouse as its administrator, beside all that goes on there. */
export async function rowsOf(redshift: Redshift, sql: string): Promise<readonly (readonly (string | null)[])[]> {
  const session = await redshift.session({ database: 'prod', user: 'admin' });
  try {
    await session.execute('SET enable_case_sensitive_super_attribute TO true');
    return (await session.execute(sql)).at(-1)?.rows ?? [];
  } finally {
    await session.close();
  }
}
