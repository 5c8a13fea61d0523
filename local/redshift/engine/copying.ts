import { constant } from '../binder/bound.ts';
import { cast, fromText as strictFromText } from '../binder/casts.ts';
import { castFromSuper, superFromJson, superToJson } from '../binder/super.ts';
import { duckdbType, isText } from '../binder/types.ts';
import type { Column } from '../catalog/model.ts';
import { executeCopy } from '../copy/copy.ts';
import { executeUnload } from '../copy/unload.ts';
import type { CopyContext, UnloadContext } from '../copy-context.ts';
import type { CopyAuthorization, CopyStatement, UnloadStatement } from '../statements/copy.ts';
import { type ObjectStore, RedshiftError, type StatementResult } from '../types.ts';
import { insertFromSql, namedColumns } from './insertion.ts';
import { resultColumns, textForm } from './results.ts';
import type { Workspace } from './workspace.ts';

function storeOf(workspace: Workspace): ObjectStore {
  const store = workspace.cluster.options.objectStore;
  if (!store) throw new RedshiftError('XX000', 'this Redshift was started without an object store');
  return store;
}

function roleOf(workspace: Workspace, authorization: CopyAuthorization): string {
  if (authorization.kind === 'role') return authorization.roleArn;
  if (authorization.kind === 'credentials')
    throw new RedshiftError('0A000', 'CREDENTIALS with keys are not supported; use IAM_ROLE');
  const role = workspace.cluster.options.defaultRoleArn;
  if (role === undefined) throw new RedshiftError('22023', 'IAM_ROLE default: no default role is set');
  return role;
}

function common(
  workspace: Workspace,
  authorization: CopyAuthorization,
): Pick<
  CopyContext,
  | 'connection'
  | 'database'
  | 'user'
  | 'sessionId'
  | 'queryId'
  | 'objectStore'
  | 'roleArn'
  | 'settings'
  | 'independently'
> {
  return {
    connection: workspace.connection,
    database: workspace.database,
    user: workspace.user,
    sessionId: workspace.sessionId,
    queryId: workspace.queryId,
    objectStore: storeOf(workspace),
    roleArn: roleOf(workspace, authorization),
    settings: workspace.settings.all(),
    independently: async (work) => {
      const connection = await workspace.cluster.instance.connect();
      try {
        return await work(connection);
      } finally {
        connection.closeSync();
      }
    },
  };
}

/** Text into a column's type; lax gives NULL where it does not fit. */
function fromText(sql: string, column: Column, options: { readonly lax: boolean }): string {
  if (options.lax)
    return castFromSuper(constant(`CAST(to_json(${sql}) AS VARCHAR)`, { kind: 'super' }), column.type).sql;
  if (isText(column.type)) return cast(constant(sql, { kind: 'varchar' }), column.type, 'assignment').sql;
  return strictFromText(sql, column.type);
}

export async function runCopy(workspace: Workspace, copy: CopyStatement): Promise<StatementResult> {
  const table = workspace.require(copy.table);
  const columns = namedColumns(workspace, table, copy.columns ?? []);
  await workspace.transaction.start();
  const names = columns.map((_column, i) => `s${i + 1}`);
  const values = names.map((name) => `source.${name}`);
  const insertFrom = (relationSql: string): Promise<number> => {
    const source = `(${relationSql}) AS source(${names.join(', ')})`;
    return workspace.change(insertFromSql(workspace, table, columns, values, source));
  };
  return executeCopy(copy, {
    ...common(workspace, copy.authorization),
    table,
    columns,
    duckdbType,
    fromText,
    superFromJson,
    superToJson,
    insertFrom,
    insertExactly: async (relationSql, rows) => {
      const inserted = await insertFrom(relationSql);
      if (inserted !== rows) await takeOut(workspace, workspace.physical(table), inserted);
      return inserted === rows;
    },
  });
}

/** Takes the rows out again that the last statement put in: within a transaction a table's newest rows have its highest row ids. */
async function takeOut(workspace: Workspace, physicalTable: string, rows: number): Promise<void> {
  if (rows === 0) return;
  const newest = `rowid > (SELECT max(rowid) FROM ${physicalTable}) - ${rows}`;
  const deleted = await workspace.change(`DELETE FROM ${physicalTable} WHERE ${newest}`);
  if (deleted !== rows) throw new RedshiftError('XX000', 'the box could not take back the rows of an attempted load');
}

export async function runUnload(workspace: Workspace, unload: UnloadStatement): Promise<StatementResult> {
  const query = workspace.bind(unload.query);
  await workspace.transaction.start();
  const context: UnloadContext = {
    ...common(workspace, unload.authorization),
    querySql: query.sql,
    columns: resultColumns(query.columns),
    textForm: (sql, type) => textForm(sql, type),
    superToJson,
  };
  return executeUnload(unload, context);
}
