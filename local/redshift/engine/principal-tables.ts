import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteText } from '../rewriter/sql.ts';
import { CLUSTER_DATABASE } from './cluster.ts';
import type { Workspace } from './workspace.ts';

export const table = (name: string): string => `${CLUSTER_DATABASE}.main.${name}`;

export const insert = (name: string, ...values: (string | number | boolean)[]): string =>
  `INSERT INTO ${table(name)} VALUES (${values.map((value) => (typeof value === 'string' ? quoteText(value) : value)).join(', ')})`;

export const remove = (name: string, column: string, value: string): string =>
  `DELETE FROM ${table(name)} WHERE ${column} = ${quoteText(value)}`;

/** They belong to the warehouse, not to a database, and take effect with the commit. */
export function later(workspace: Workspace, statements: () => readonly string[]): void {
  const { cluster } = workspace;
  workspace.transaction.onCommit(() =>
    cluster.changePrincipals(async (connection: DuckDBConnection) => {
      for (const sql of statements()) await connection.run(sql);
    }),
  );
}
