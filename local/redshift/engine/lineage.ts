import type { LineageOptions, StatementLineage } from '../lineage/model.ts';
import { statementLineage } from '../lineage/statement.ts';
import { parseStatements } from '../statements/parse.ts';
import { toRedshiftError } from './errors.ts';
import type { Workspace } from './workspace.ts';

/** The lineage of each statement of a text, by what the session's catalog holds now. Nothing runs. */
export function lineageOfText(workspace: Workspace, text: string, options?: LineageOptions): StatementLineage[] {
  try {
    return parseStatements(text).map(({ statement }) => statementLineage(statement, workspace.environment(), options));
  } catch (error) {
    throw toRedshiftError(error);
  }
}
