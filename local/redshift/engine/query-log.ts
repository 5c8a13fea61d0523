import type { Statement } from '../statements/statement.ts';
import type { Workspace } from './workspace.ts';

/** One statement that has ended. */
export interface QueryLogEntry {
  readonly statement: Statement;
  readonly text: string;
  readonly status: 'success' | 'failed' | 'canceled';
  readonly startedAtMilliseconds: number;
  readonly returnedRows: number;
  readonly errorMessage?: string;
}

/** Notes a statement for sys_query_history and its kin; settings are no queries. */
export async function recordStatement(workspace: Workspace, entry: QueryLogEntry): Promise<void> {
  const { statement, text, ...rest } = entry;
  if (['set', 'show', 'lock', 'empty'].includes(statement.kind)) return;
  await workspace.cluster.history.note({
    ...rest,
    queryId: workspace.queryId,
    transactionId: workspace.queryId,
    sessionId: workspace.sessionId,
    user: workspace.user,
    database: workspace.database,
    queryType: queryType(statement),
    endedAtMilliseconds: Date.now(),
    queryText: text,
    label: labelOf(workspace.settings.get('query_group')),
  });
}

/** Without a query group the history says `default`, though the setting itself says `unset`. */
const labelOf = (group: string | null | undefined): string => (!group || group === 'unset' ? 'default' : group);

const queryType = (statement: Statement): string =>
  ['select', 'insert', 'update', 'delete', 'copy', 'unload', 'merge'].includes(statement.kind)
    ? statement.kind.toUpperCase()
    : statement.kind === 'vacuum' || statement.kind === 'analyze'
      ? 'UTILITY'
      : 'DDL';
